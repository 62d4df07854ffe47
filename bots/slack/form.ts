import type { App, ViewSubmitAction, webApi } from '@slack/bolt';
import type { Origin } from '../../src/rooms/room.ts';
import { type Opened, openRoom } from '../commands/open.ts';
import { CALLBACKS } from './blocks.ts';
import { type Desk, settingsOf } from './desk.ts';
import { closingView, FIELD_OF, noteForm, readNoteForm } from './note-form.ts';
import { readyBlocks, readyMessage, refusedChoice, said } from './note-messages.ts';
import { createOnce } from './once.ts';
import { respondTo } from './respond.ts';
import { faultOf } from './sdk-log.ts';
import { originOf } from './tenant.ts';
import { words } from './words.ts';

/** Opens the form from a shortcut or a button, where there is no message to answer. Never rejects. */
export async function openForm(client: webApi.WebClient, triggerId: string, origin: Origin, desk: Desk): Promise<void> {
  try {
    await client.views.open({ trigger_id: triggerId, view: noteForm(await settingsOf(origin, desk), null) });
  } catch (error) {
    desk.log.warn({ event: 'slack-form-not-opened', ...faultOf(error) });
    await sayDirectly(origin, words.tryCommand, desk);
  }
}

/** The submitted form: opens the room, and puts the button to the doctor's browser into the answer. */
export function answerForm(app: App, desk: Desk): void {
  const once = createOnce<Opened>(desk.clock);

  app.view<ViewSubmitAction>(CALLBACKS.form, async ({ ack, body, context, view }) => {
    const origin = originOf(context, body.user.id, body.user.name);
    if (context.botToken === undefined) {
      const blocks = said(words.notInstalled(`${desk.publicUrl}/slack/install`)).blocks;
      await ack({ response_action: 'update', view: closingView(words.form.title, blocks) });
      return;
    }
    const submitted = readOrNull(view);
    if (submitted === null) {
      desk.log.warn({ event: 'slack-form-unreadable' });
      await ack({ response_action: 'update', view: closingView(words.form.title, said(words.trouble).blocks) });
      return;
    }
    const { choice, responseUrl } = submitted;
    const { result: opened, again } = await once.run(`${view.id} ${body.trigger_id}`, async () =>
      openRoom(choice, origin, await settingsOf(origin, desk), desk),
    );
    if (opened.kind !== 'opened') {
      await ack({ response_action: 'errors', errors: { [FIELD_OF[opened.kind]]: refusedChoice(opened) } });
      return;
    }
    await ack({ response_action: 'update', view: closingView(words.ready.title, readyBlocks(opened)) });
    if (again) return;
    desk.notes.follow(opened.room, responseUrl, 4);
    if (responseUrl === null) return;
    try {
      await respondTo(responseUrl, readyMessage(opened), { replace: false });
    } catch (error) {
      // The doctor has the button in the form.
      desk.log.warn({ event: 'slack-message-not-sent', ...faultOf(error) });
    }
  });
}

/** Null for a form that is not ours, or not of this version. */
function readOrNull(view: unknown): ReturnType<typeof readNoteForm> | null {
  try {
    return readNoteForm(view);
  } catch {
    return null;
  }
}

/** One direct message, where GLIR may write one. Never rejects. */
async function sayDirectly(origin: Origin, sentence: string, { tokens, log }: Desk): Promise<void> {
  try {
    const speaker = await tokens.of(origin);
    if (speaker === null || !speaker.scopes.includes('chat:write')) return;
    await speaker.client.chat.postMessage({ channel: origin.user, ...said(sentence) });
  } catch (error) {
    log.warn({ event: 'slack-message-not-sent', ...faultOf(error) });
  }
}
