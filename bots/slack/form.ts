import type { App, ViewSubmitAction, webApi } from '@slack/bolt';
import { z } from 'zod';
import type { Doctor } from '../../src/rooms/room.ts';
import { settingsOf } from '../commands/desk.ts';
import { FIELD_OF, noteForm, readNoteChoice } from '../commands/note-form.ts';
import { readyView, refusedChoice, saidView } from '../commands/note-views.ts';
import { createDeduplicator } from '../commands/once.ts';
import { type Opened, openRoom } from '../commands/open.ts';
import type { Choice } from '../commands/settings.ts';
import type { Words } from '../commands/view.ts';
import { words } from '../commands/words.ts';
import { CALLBACKS, closingOf, messageOf, modalOf } from './blocks.ts';
import type { SlackContext } from './desk.ts';
import { respondTo } from './respond.ts';
import { faultOf } from './sdk-log.ts';
import { choicesIn } from './submitted.ts';
import { doctorOf } from './tenant.ts';
import { slackWords } from './words.ts';

const metadataSchema = z.object({ responseUrl: z.url().nullable() });

/**
 * What the form of a new note carries.
 *
 * @param responseUrl where the doctor typed the command, to answer there; null for a shortcut
 */
export function metadataOf(responseUrl: string | null): string {
  const metadata: z.infer<typeof metadataSchema> = { responseUrl };
  return JSON.stringify(metadata);
}

/** Opens the form from a shortcut or a button, where there is no message to answer. Never rejects. */
export async function openForm(
  client: webApi.WebClient,
  triggerId: string,
  doctor: Doctor,
  bot: SlackContext,
): Promise<void> {
  try {
    const form = noteForm(await settingsOf(doctor, bot));
    await client.views.open({ trigger_id: triggerId, view: modalOf(form, metadataOf(null)) });
  } catch (error) {
    bot.log.warn({ event: 'slack-form-not-opened', ...faultOf(error) });
    await sayDirectly(doctor, slackWords.tryCommand, bot);
  }
}

/** The submitted form: opens the room, and puts the button to the doctor's browser into the answer. */
export function answerForm(app: App, bot: SlackContext): void {
  const once = createDeduplicator<Opened>(bot.clock);

  app.view<ViewSubmitAction>(CALLBACKS.form, async ({ ack, body, context, view }) => {
    const doctor = doctorOf(context, body.user.id, body.user.name);
    if (context.botToken === undefined) {
      const notInstalled = saidView(slackWords.notInstalled(`${bot.publicUrl}/slack/install`));
      await ack({ response_action: 'update', view: closingOf(words.form.title, notInstalled) });
      return;
    }
    const submitted = readOrNull(view);
    if (submitted === null) {
      bot.log.warn({ event: 'slack-form-unreadable' });
      await ack({ response_action: 'update', view: closingOf(words.form.title, saidView(words.trouble)) });
      return;
    }
    const { choice, responseUrl } = submitted;
    const { result: opened, again } = await once.run(`${view.id} ${body.trigger_id}`, async () =>
      openRoom(choice, doctor, await settingsOf(doctor, bot), bot),
    );
    if (opened.kind === 'limited' || opened.kind === 'unavailable') {
      await ack({ response_action: 'update', view: closingOf(words.form.title, saidView(refusedChoice(opened))) });
      return;
    }
    if (opened.kind !== 'opened') {
      await ack({ response_action: 'errors', errors: { [FIELD_OF[opened.kind]]: refusedChoice(opened) } });
      return;
    }
    await ack({ response_action: 'update', view: closingOf(words.ready.title, readyView(opened)) });
    if (again) return;
    bot.notes.follow(opened.room, responseUrl, 4);
    if (responseUrl === null) return;
    try {
      await respondTo(responseUrl, messageOf(readyView(opened)), { replace: false });
    } catch (error) {
      // The doctor has the button in the form.
      bot.log.warn({ event: 'slack-message-not-sent', ...faultOf(error) });
    }
  });
}

/** The choice, and where to answer; null for a form that is not ours, or not of this version. */
function readOrNull(view: { private_metadata: string }): { choice: Choice; responseUrl: string | null } | null {
  try {
    const { responseUrl } = metadataSchema.parse(JSON.parse(view.private_metadata));
    return { choice: readNoteChoice(choicesIn(view)), responseUrl };
  } catch {
    return null;
  }
}

/** One direct message, where GLIR may write one. Never rejects. */
async function sayDirectly(doctor: Doctor, sentence: Words, { tokens, log }: SlackContext): Promise<void> {
  try {
    const speaker = await tokens.of(doctor);
    if (speaker === null || !speaker.scopes.includes('chat:write')) return;
    await speaker.client.chat.postMessage({ channel: doctor.user, ...messageOf(saidView(sentence)) });
  } catch (error) {
    log.warn({ event: 'slack-message-not-sent', ...faultOf(error) });
  }
}
