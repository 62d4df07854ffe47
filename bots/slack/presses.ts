import type { App, BlockAction } from '@slack/bolt';
import { ownRoom } from '../commands/desk.ts';
import { createDeduplicator } from '../commands/once.ts';
import { type Press, type PressResult, press } from '../commands/presses.ts';
import { ACTIONS, type View } from '../commands/view.ts';
import { messageOf } from './blocks.ts';
import type { SlackContext } from './desk.ts';
import { openForm } from './form.ts';
import { respondTo } from './respond.ts';
import { faultOf } from './sdk-log.ts';
import { openSettings } from './settings.ts';
import { doctorOf } from './tenant.ts';
import { SLACK } from './words.ts';

/** Every button of GLIR. A press is acknowledged first, and carried out once however often it is delivered. */
export function answerPresses(app: App, bot: SlackContext): void {
  const once = createDeduplicator<void>(bot.clock);

  app.action({ type: 'block_actions' }, async ({ ack, action: pressed, body, client, context }) => {
    await ack();
    if (pressed.type !== 'button' || context.botToken === undefined) return;
    const doctor = doctorOf(context, body.user.id, body.user.username ?? body.user.name ?? '');
    const action = ACTIONS.find((known) => known === pressed.action_id);
    if (action === undefined) {
      bot.log.warn({ event: 'slack-unknown-action' });
      return;
    }
    await once.run(`${body.trigger_id} ${action}`, async () => {
      const responseUrl = ephemeralUrl(body);
      const result = await pressOnMessage({ action, value: pressed.value ?? '', doctor }, responseUrl);
      if (result.kind === 'form') return openForm(client, body.trigger_id, doctor, bot);
      if (result.kind === 'settings') return openSettings(client, body.trigger_id, doctor, bot);
      if (responseUrl !== null && result.kind !== 'done') {
        await say(result.view, responseUrl, { replace: result.kind === 'list' });
      }
      if (result.kind === 'refused' && result.room === null) await bot.homes.publish(doctor);
    });
  });

  function pressOnMessage(pressed: Press, responseUrl: string | null): Promise<PressResult> {
    const [tag = ''] = pressed.value.split(' ');
    const room = pressed.action === 'glir-revoke-listed' ? undefined : ownRoom(pressed.doctor, tag, bot);
    if (room !== undefined && responseUrl !== null) {
      // Before the press: what it changes is shown through the message's fresh response_url.
      bot.notes.pressed(room.id, responseUrl, pressed.action === 'glir-refresh' ? 'again' : undefined);
    }
    return press(pressed, SLACK, bot);
  }

  async function say(view: View, responseUrl: string, how: { replace: boolean }): Promise<void> {
    try {
      await respondTo(responseUrl, messageOf(view), how);
    } catch (error) {
      bot.log.warn({ event: 'slack-message-not-sent', ...faultOf(error) });
    }
  }
}

/** The response_url of a message that only the doctor sees. A direct message is changed by `chat.update` instead. */
function ephemeralUrl({ container, response_url: url }: BlockAction): string | null {
  return container?.['is_ephemeral'] === true && url !== '' ? (url ?? null) : null;
}
