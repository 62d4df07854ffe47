import type { App } from '@slack/bolt';
import type { Origin } from '../../src/rooms/room.ts';
import { type Command, interpret } from '../commands/interpret.ts';
import { type Opened, openRoom } from '../commands/open.ts';
import { runCommand } from '../commands/run.ts';
import type { EffectiveSettings } from '../commands/settings.ts';
import type { Message } from './blocks.ts';
import { type Desk, settingsOf } from './desk.ts';
import { noteForm } from './note-form.ts';
import { answerMessage, readyMessage, refusedChoice, said } from './note-messages.ts';
import { createOnce } from './once.ts';
import { EPHEMERAL, respondTo } from './respond.ts';
import { faultOf, slackErrorOf } from './sdk-log.ts';
import { originOf } from './tenant.ts';
import { words } from './words.ts';

/** What to do about a command: a message that goes back with the acknowledgement, or the form. */
type Reply =
  | { kind: 'message'; message: Message }
  | { kind: 'opened'; opened: Extract<Opened, { kind: 'opened' }> }
  | { kind: 'form'; settings: EffectiveSettings };

/** `/glir` and everything behind it. What was typed is read by `interpret` alone and goes no further. */
export function answerCommand(app: App, desk: Desk): void {
  const once = createOnce<Reply>(desk.clock);

  async function decide(command: Command, origin: Origin): Promise<Reply> {
    if (command.kind !== 'open') {
      const answer = runCommand(command, origin, desk);
      if (answer.kind === 'compose') throw new Error('Only "open" opens a room.');
      return { kind: 'message', message: answerMessage(answer) };
    }
    const settings = await settingsOf(origin, desk);
    if (command.expirySeconds === null) return { kind: 'form', settings };
    const opened = openRoom({ expirySeconds: command.expirySeconds }, origin, settings, desk);
    if (opened.kind === 'opened') return { kind: 'opened', opened };
    return { kind: 'message', message: said(refusedChoice(opened)) };
  }

  /** Whatever goes wrong, the doctor gets an answer with the acknowledgement. */
  async function decideOrSay(command: Command, origin: Origin): Promise<Reply> {
    try {
      return await decide(command, origin);
    } catch (error) {
      desk.log.error({ event: 'slack-fault', ...faultOf(error) });
      return { kind: 'message', message: said(words.trouble) };
    }
  }

  app.command(/.*/, async ({ ack, command, context, client }) => {
    const asked = interpret(command.text);
    // Nothing behind this line can log or keep what was typed.
    command.text = '';
    if (context.botToken === undefined) {
      await ack({ ...said(words.notInstalled(`${desk.publicUrl}/slack/install`)), ...EPHEMERAL });
      return;
    }
    const origin = originOf(context, command.user_id, command.user_name);
    const { result: reply, again } = await once.run(command.trigger_id, () => decideOrSay(asked, origin));
    const message = messageOf(reply);
    await ack(message === null ? undefined : { ...message, ...EPHEMERAL });
    if (again) return;
    desk.log.info({ event: 'slack-command', command: asked.kind });
    if (reply.kind === 'opened') desk.notes.follow(reply.opened.room, command.response_url);
    if (reply.kind !== 'form') return;
    try {
      await client.views.open({
        trigger_id: command.trigger_id,
        view: noteForm(reply.settings, command.response_url),
      });
    } catch (error) {
      desk.log.warn({ event: 'slack-form-not-opened', ...faultOf(error) });
      await openWithoutForm(origin, reply.settings, command.response_url, slackErrorOf(error) !== null);
    }
  });

  /** The trigger was too old, or Slack's API did not answer: the note gets the tenant's defaults. */
  async function openWithoutForm(
    origin: Origin,
    settings: EffectiveSettings,
    responseUrl: string,
    answered: boolean,
  ): Promise<void> {
    const opened = openRoom({}, origin, settings, desk);
    if (opened.kind !== 'opened') return;
    desk.log.info({ event: 'slack-opened-without-form', apiAnswered: answered });
    desk.notes.follow(opened.room, responseUrl, 4);
    await respondTo(responseUrl, readyMessage(opened, words.formDidNotOpen), { replace: false });
  }
}

function messageOf(reply: Reply): Message | null {
  switch (reply.kind) {
    case 'message':
      return reply.message;
    case 'opened':
      return readyMessage(reply.opened);
    case 'form':
      return null;
  }
}
