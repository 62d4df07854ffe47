import type { App } from '@slack/bolt';
import type { Doctor } from '../../src/rooms/room.ts';
import { interpret } from '../commands/interpret.ts';
import { noteForm } from '../commands/note-form.ts';
import { readyView, refusedChoice, saidView } from '../commands/note-views.ts';
import { createDeduplicator } from '../commands/once.ts';
import { openRoom } from '../commands/open.ts';
import { type Reply, replyTo } from '../commands/reply.ts';
import type { EffectiveSettings } from '../commands/settings.ts';
import { type Message, messageOf, modalOf } from './blocks.ts';
import type { SlackContext } from './desk.ts';
import { metadataOf } from './form.ts';
import { EPHEMERAL, respondTo } from './respond.ts';
import { faultOf, slackErrorOf } from './sdk-log.ts';
import { doctorOf } from './tenant.ts';
import { SLACK, slackWords } from './words.ts';

/** `/glir` and everything behind it. What was typed is read by `interpret` alone and goes no further. */
export function answerCommand(app: App, bot: SlackContext): void {
  const once = createDeduplicator<Reply>(bot.clock);

  app.command(/.*/, async ({ ack, command, context, client }) => {
    const asked = interpret(command.text);
    // Nothing behind this line can log or keep what was typed.
    command.text = '';
    if (context.botToken === undefined) {
      const notInstalled = saidView(slackWords.notInstalled(`${bot.publicUrl}/slack/install`));
      await ack({ ...messageOf(notInstalled), ...EPHEMERAL });
      return;
    }
    const doctor = doctorOf(context, command.user_id, command.user_name);
    const { result: reply, again } = await once.run(command.trigger_id, () => replyTo(asked, doctor, SLACK, bot));
    const message = messageFor(reply);
    await ack(message === null ? undefined : { ...message, ...EPHEMERAL });
    if (again) return;
    if (reply.kind === 'opened') bot.notes.follow(reply.opened.room, command.response_url);
    if (reply.kind !== 'form') return;
    try {
      await client.views.open({
        trigger_id: command.trigger_id,
        view: modalOf(noteForm(reply.settings), metadataOf(command.response_url)),
      });
    } catch (error) {
      bot.log.warn({ event: 'slack-form-not-opened', ...faultOf(error) });
      await openWithoutForm(doctor, reply.settings, command.response_url, slackErrorOf(error) !== null);
    }
  });

  /** The trigger was too old, or Slack's API did not answer: the note gets the tenant's defaults. */
  async function openWithoutForm(
    doctor: Doctor,
    settings: EffectiveSettings,
    responseUrl: string,
    answered: boolean,
  ): Promise<void> {
    const opened = await openRoom({}, doctor, settings, bot);
    if (opened.kind !== 'opened') {
      await respondTo(responseUrl, messageOf(saidView(refusedChoice(opened))), { replace: false });
      return;
    }
    bot.log.info({ event: 'slack-opened-without-form', apiAnswered: answered });
    bot.notes.follow(opened.room, responseUrl, 4);
    await respondTo(responseUrl, messageOf(readyView(opened, slackWords.formDidNotOpen)), { replace: false });
  }
}

/** What goes back with the acknowledgement; null when a form is opened instead. */
function messageFor(reply: Reply): Message | null {
  switch (reply.kind) {
    case 'view':
      return messageOf(reply.view);
    case 'opened':
      return messageOf(readyView(reply.opened));
    case 'form':
      return null;
  }
}
