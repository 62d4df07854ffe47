import type { App, BlockAction, webApi } from '@slack/bolt';
import { z } from 'zod';
import type { Doctor } from '../../src/rooms/room.ts';
import { type Press, type PressResult, press } from '../commands/button-presses.ts';
import { createDeduplicator } from '../commands/deduplicate.ts';
import { textView } from '../commands/note-views.ts';
import { ACTIONS, type Action, type Chat, type View } from '../commands/view.ts';
import { messageOf } from './blocks.ts';
import { doctorOf } from './installations.ts';
import { openPersonal } from './personal-form.ts';
import { openSettings } from './settings-form.ts';
import { chatOf } from './slack-chat.ts';
import type { SlackContext } from './slack-context.ts';
import { errorFields } from './slack-log.ts';
import { notInstalledView, openForm, openSentence } from './slash-command.ts';
import { type MessagePlace, sendDirectly } from './status-messages.ts';

/** What came of a press that opens no form. */
type ShownResult = Exclude<PressResult, { kind: 'form' | 'settings' | 'personal' }>;

/** Where a button was pressed, as far as an answer can be given there. */
interface PressedPlace {
  /** Of the message with the button, which it can replace; null in the Home tab. */
  responseUrl: string | null;
  /** The direct message with the button; null for every other one. */
  direct: MessagePlace | null;
}

/**
 * Every button of GLIR. A press is acknowledged first, and carried out once however often it is delivered. Every press has
 * an answer that the doctor sees.
 */
export function handleButtonPresses(app: App, bot: SlackContext): void {
  const deduplicator = createDeduplicator<void>('slack-press', bot);

  app.action({ type: 'block_actions' }, async ({ ack, action: pressed, body, client, context }) => {
    await ack();
    const action = pressed.type === 'button' ? ACTIONS.find((known) => known === pressed.action_id) : undefined;
    if (pressed.type !== 'button' || action === undefined) {
      bot.log.warn({ event: 'slack-unknown-action' });
      return;
    }
    // The browser has opened it.
    if (action === 'glir-admin') return;
    const { trigger_id: triggerId } = body;
    const place = placeOf(body, bot);
    const doctor = doctorOf(context, body.user.id);
    const chat = await chatOf(context, body.user.id, bot);
    await deduplicator.run(`${triggerId} ${action}`, async () => {
      if (context.botToken === undefined) {
        return answer(notInstalledView(bot, chat.language), doctor, place, { replace: false });
      }
      try {
        await answerPress({ action, value: pressed.value ?? '', doctor }, chat, place, client, triggerId);
      } catch (error) {
        bot.log.error({ event: 'slack-error', ...errorFields(error) });
        await answer(textView(chat.language.text('trouble')), doctor, place, { replace: false });
      }
    });
  });

  async function answerPress(
    pressed: Press,
    chat: Chat,
    place: PressedPlace,
    client: webApi.WebClient,
    triggerId: string,
  ): Promise<void> {
    const { doctor } = pressed;
    const { language } = chat;
    const result = await carryOut(pressed, chat, place);
    if (result.kind === 'form') return await openForm(client, triggerId, doctor, language, bot);
    if (result.kind === 'settings') return await openSettings(client, triggerId, doctor, language, bot);
    if (result.kind === 'personal') return void (await openPersonal(client, triggerId, doctor, language, bot));
    if (place.responseUrl !== null) return await showOnMessage(result, pressed, place);
    await showAtHome(result, doctor, (view) => openSentence(client, triggerId, view, language, bot));
  }

  function carryOut(pressed: Press, chat: Chat, { responseUrl, direct }: PressedPlace): Promise<PressResult> {
    const { action } = pressed;
    return press(pressed, chat, bot, (room) => {
      // Before the press: what it changes is shown through the message's fresh response_url.
      if (responseUrl === null || direct !== null || !isOnStatus(action)) return;
      bot.messages.pressed(room, responseUrl, { refresh: action === 'glir-refresh' });
    });
  }

  /** What a press changed is shown by the note's status messages; the rest is an answer of its own. */
  async function showOnMessage(result: ShownResult, { action, doctor }: Press, place: PressedPlace): Promise<void> {
    if (result.kind === 'done') {
      const follows =
        place.direct === null ? 'followed' : await bot.messages.pressedDirectly(result.room, place.direct);
      // What another node shows meanwhile may be newer than this, unless it is the end.
      const isTrue = follows === 'other' || (follows === 'elsewhere' && result.ended);
      if (isTrue) await answer(result.view, doctor, place, { replace: true });
      return;
    }
    const isGone = result.kind === 'refused' && result.room === null && isOnStatus(action);
    await answer(result.view, doctor, place, { replace: isGone || isUsedUp(result, action) });
    if (isGone) await bot.homes.publish(doctor);
  }

  /** The tab shows what is true now. */
  async function showAtHome(result: ShownResult, doctor: Doctor, say: (view: View) => Promise<void>): Promise<void> {
    if (result.kind === 'node-unreachable') await say(result.view);
    await bot.homes.opened(doctor);
  }

  /** Beside or in place of the message with the button; where Slack does not take it there, as a direct message. */
  async function answer(view: View, doctor: Doctor, place: PressedPlace, how: { replace: boolean }): Promise<void> {
    if (place.responseUrl === null) return;
    try {
      await bot.sender.respond(place.responseUrl, messageOf(view), how);
    } catch (error) {
      bot.log.warn({ event: 'slack-message-not-sent', ...errorFields(error) });
      await sendDirectly(doctor, view, bot);
    }
  }
}

/** Whether there is nothing left to press on the message with the button, or what takes its place has it. */
function isUsedUp({ kind }: ShownResult, action: Action): boolean {
  return kind === 'list' || kind === 'answered' || (kind === 'refused' && IN_PINGS.has(action));
}

/** A ping has nothing left to press once it was. */
const IN_PINGS: ReadonlySet<Action> = new Set(['glir-ping-admit', 'glir-ping-refuse']);

const ELSEWHERE: ReadonlySet<Action> = new Set(['glir-revoke-listed', 'glir-new', 'glir-settings', 'glir-personal']);

/** Whether a button is on a message about one room: a press in a list brings the list's response_url. */
function isOnStatus(action: Action): boolean {
  return !ELSEWHERE.has(action);
}

const containerSchema = z.object({
  type: z.literal('message'),
  channel_id: z.string(),
  message_ts: z.string(),
  is_ephemeral: z.boolean().nullish(),
});

/** See https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
function placeOf({ container, response_url: url }: BlockAction, { readResponseUrl }: SlackContext): PressedPlace {
  const message = containerSchema.safeParse(container).data;
  const isDirect = message !== undefined && message.is_ephemeral !== true;
  return {
    responseUrl: readResponseUrl(url),
    direct: isDirect ? { channel: message.channel_id, ts: message.message_ts } : null,
  };
}
