import type { App, BlockAction, ButtonAction } from '@slack/bolt';
import { Refused } from '../../src/protocol/refused.ts';
import type { Origin, Room } from '../../src/rooms/room.ts';
import { runCommand } from '../commands/run.ts';
import { ACTIONS, type Message } from './blocks.ts';
import { type Desk, ownRoom } from './desk.ts';
import { openForm } from './form.ts';
import { answerMessage, said } from './note-messages.ts';
import { createOnce } from './once.ts';
import { respondTo } from './respond.ts';
import { faultOf } from './sdk-log.ts';
import { openSettings } from './settings-form.ts';
import { originOf } from './tenant.ts';
import { words } from './words.ts';

/** One press of a button, after it was acknowledged. */
interface Press {
  origin: Origin;
  /** What the button carries: a room's tag, and for a decision the reader behind it. */
  value: string;
  /** Of the message with the button; null in a form, at home and in a direct message. */
  responseUrl: string | null;
}

/** Every button of GLIR. A press is acknowledged first, and carried out once however often it is delivered. */
export function answerPresses(app: App, desk: Desk): void {
  const once = createOnce<void>(desk.clock);

  app.action({ type: 'block_actions' }, async ({ ack, action, body, client, context }) => {
    await ack();
    if (action.type !== 'button' || context.botToken === undefined) return;
    const origin = originOf(context, body.user.id, body.user.username ?? body.user.name ?? '');
    const press = { origin, value: action.value ?? '', responseUrl: ephemeralUrl(body) };
    await once.run(`${body.trigger_id} ${action.action_id}`, async () => {
      if (action.action_id === ACTIONS.newNote) return openForm(client, body.trigger_id, origin, desk);
      if (action.action_id === ACTIONS.settings) return openSettings(client, body.trigger_id, origin, desk);
      await carryOut(action, press);
    });
  });

  function carryOut(action: ButtonAction, press: Press): Promise<void> {
    switch (action.action_id) {
      case ACTIONS.write:
        return withOwnRoom(action, press, () => undefined);
      case ACTIONS.refresh:
        return withOwnRoom(action, press, (room) => {
          if (press.responseUrl !== null) desk.notes.pressed(room.id, press.responseUrl, 'again');
        });
      case ACTIONS.revoke:
      case ACTIONS.revokeAtHome:
        return withOwnRoom(action, press, (room) => void desk.rooms.end(room.id, 'revoked'));
      case ACTIONS.revokeListed:
        return withOwnRoom(action, press, async (room) => {
          desk.rooms.end(room.id, 'revoked');
          const list = runCommand({ kind: 'list' }, press.origin, desk);
          if (list.kind === 'list') await say(press, answerMessage(list), { replace: true });
        });
      case ACTIONS.admit:
        return decide(action, press, 'admit');
      case ACTIONS.refuse:
        return decide(action, press, 'refuse');
      default:
        desk.log.warn({ event: 'slack-unknown-action' });
        return Promise.resolve();
    }
  }

  /** Only a doctor's own live rooms are found: another person's or tenant's is refused like one that never was. */
  async function withOwnRoom(
    action: ButtonAction,
    press: Press,
    run: (room: Room) => void | Promise<void>,
  ): Promise<void> {
    const [tag = ''] = press.value.split(' ');
    const room = ownRoom(press.origin, tag, desk);
    if (room === undefined) {
      desk.log.warn({ event: 'slack-room-refused', action: action.action_id });
      await say(press, said(words.notFound), { replace: false });
      await desk.homes.publish(press.origin);
      return;
    }
    if (press.responseUrl !== null && action.action_id !== ACTIONS.revokeListed) {
      desk.notes.pressed(room.id, press.responseUrl);
    }
    await run(room);
  }

  function decide(action: ButtonAction, press: Press, decision: 'admit' | 'refuse'): Promise<void> {
    return withOwnRoom(action, press, async (room) => {
      const [, readerId = ''] = press.value.split(' ');
      try {
        desk.rooms.decide(room.id, readerId, decision);
        desk.log.info({ event: 'slack-decided', decision });
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        await say(press, said(words.notWaiting), { replace: false });
      }
    });
  }

  async function say({ responseUrl }: Press, message: Message, how: { replace: boolean }): Promise<void> {
    if (responseUrl === null) return;
    try {
      await respondTo(responseUrl, message, how);
    } catch (error) {
      desk.log.warn({ event: 'slack-message-not-sent', ...faultOf(error) });
    }
  }
}

/** The response_url of a message that only the doctor sees. A direct message is changed by `chat.update` instead. */
function ephemeralUrl({ container, response_url: url }: BlockAction): string | null {
  return container?.['is_ephemeral'] === true && url !== '' ? (url ?? null) : null;
}
