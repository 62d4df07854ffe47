import type { App, BlockAction } from '@slack/bolt';
import type { Doctor } from '../../src/rooms/room.ts';
import { type PressResult, press } from '../commands/button-presses.ts';
import { createDeduplicator } from '../commands/deduplicate.ts';
import { ACTIONS, type Action, type View } from '../commands/view.ts';
import { messageOf } from './blocks.ts';
import { respondTo } from './ephemeral-message.ts';
import { doctorOf } from './installations.ts';
import { openSettings } from './settings-form.ts';
import type { SlackContext } from './slack-context.ts';
import { errorFields } from './slack-log.ts';
import { openForm } from './slash-command.ts';
import { SLACK } from './strings.ts';

/** What came of a press that opens no form. */
type ShownResult = Exclude<PressResult, { kind: 'form' | 'settings' }>;

/** Every button of GLIR. A press is acknowledged first, and carried out once however often it is delivered. */
export function handleButtonPresses(app: App, bot: SlackContext): void {
  const deduplicator = createDeduplicator<void>(bot.clock);

  app.action({ type: 'block_actions' }, async ({ ack, action: pressed, body, client, context }) => {
    await ack();
    if (pressed.type !== 'button' || context.botToken === undefined) return;
    const doctor = doctorOf(context, body.user.id, body.user.username ?? body.user.name ?? '');
    const action = ACTIONS.find((known) => known === pressed.action_id);
    if (action === undefined) {
      bot.log.warn({ event: 'slack-unknown-action' });
      return;
    }
    const { trigger_id: triggerId } = body;
    await deduplicator.run(`${triggerId} ${action}`, async () => {
      const responseUrl = ephemeralUrl(body, bot);
      const result = await press({ action, value: pressed.value ?? '', doctor }, SLACK, bot, ({ id }) => {
        // Before the press: what it changes is shown through the message's fresh response_url.
        if (responseUrl === null || !isOnStatus(action)) return;
        bot.messages.pressed(id, responseUrl, { refresh: action === 'glir-refresh' });
      });
      if (result.kind === 'form') return openForm(client, triggerId, doctor, bot);
      if (result.kind === 'settings') return openSettings(client, triggerId, doctor, bot);
      await showResult(result, doctor, responseUrl);
    });
  });

  /** What a press changed is shown by the note's status messages; the rest is an answer of its own. */
  async function showResult(result: ShownResult, doctor: Doctor, responseUrl: string | null): Promise<void> {
    if (result.kind === 'done') return;
    if (responseUrl !== null) await respond(result.view, responseUrl, { replace: result.kind === 'list' });
    if (result.kind === 'refused' && result.room === null) await bot.homes.publish(doctor);
  }

  async function respond(view: View, responseUrl: string, how: { replace: boolean }): Promise<void> {
    try {
      await respondTo(responseUrl, messageOf(view), how);
    } catch (error) {
      bot.log.warn({ event: 'slack-message-not-sent', ...errorFields(error) });
    }
  }
}

/** Whether a button is on a message about one room: a press in a list brings the list's response_url. */
function isOnStatus(action: Action): boolean {
  return action !== 'glir-revoke-listed' && action !== 'glir-new' && action !== 'glir-settings';
}

/** The response_url of a message that only the doctor sees. A direct message is changed by `chat.update` instead. */
function ephemeralUrl({ container, response_url: url }: BlockAction, { readResponseUrl }: SlackContext): string | null {
  return container?.['is_ephemeral'] === true ? readResponseUrl(url) : null;
}
