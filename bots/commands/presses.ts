import { Refused } from '../../src/protocol/errors.ts';
import type { Decision, Doctor, Room } from '../../src/rooms/room.ts';
import { type BotContext, ownRoom } from './desk.ts';
import { listView, saidView } from './note-views.ts';
import { liveRooms } from './run.ts';
import type { Action, Chat, View } from './view.ts';
import { words } from './words.ts';

/** One press of a button, by the person whom the platform signed. */
export interface Press {
  action: Action;
  /** What the button carries: a room's tag, and for a decision the reader behind it. */
  value: string;
  doctor: Doctor;
}

/** What became of a press. */
export type PressResult =
  /** The room's status follows by itself; for `glir-refresh` and `glir-write` it has not changed. */
  | { kind: 'done'; room: Room }
  /** The list with the button, as it is now. */
  | { kind: 'list'; view: View }
  /** The `noteForm` is to be shown. */
  | { kind: 'form' }
  /** The `settingsForm` is to be shown, to an admin. */
  | { kind: 'settings' }
  /** What to tell the doctor; `room` is their own, where nobody waits any more, and null when no such room is theirs. */
  | { kind: 'refused'; view: View; room: Room | null };

type RoomAction = Exclude<Action, 'glir-new' | 'glir-settings'>;
type PressContext = Pick<BotContext, 'rooms' | 'clock' | 'log'>;

/** Only a doctor's own live rooms are found: another person's or tenant's is refused like one that never was. */
export async function press({ action, value, doctor }: Press, chat: Chat, bot: PressContext): Promise<PressResult> {
  if (action === 'glir-new') return { kind: 'form' };
  if (action === 'glir-settings') return { kind: 'settings' };
  const [tag = '', readerId = ''] = value.split(' ');
  const room = ownRoom(doctor, tag, bot);
  if (room === undefined) {
    bot.log.warn({ event: 'press-refused', platform: doctor.platform, action });
    return { kind: 'refused', view: saidView(words.notFound(chat)), room: null };
  }
  return await pressOn(room, action, readerId, bot);
}

async function pressOn(room: Room, action: RoomAction, readerId: string, bot: PressContext): Promise<PressResult> {
  switch (action) {
    case 'glir-write':
    case 'glir-refresh':
      return { kind: 'done', room };
    case 'glir-revoke':
    case 'glir-revoke-home':
      await bot.rooms.end(room.id, 'revoked');
      return { kind: 'done', room: { ...room, state: 'ended' } };
    case 'glir-revoke-listed':
      await bot.rooms.end(room.id, 'revoked');
      return { kind: 'list', view: listView(liveRooms(room.doctor, bot)) };
    case 'glir-admit':
      return decide(room, readerId, 'admit', bot);
    case 'glir-refuse':
      return decide(room, readerId, 'refuse', bot);
  }
}

async function decide(
  room: Room,
  readerId: string,
  decision: Decision,
  { rooms, log }: PressContext,
): Promise<PressResult> {
  try {
    await rooms.requestDecision(room.id, readerId, decision);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { kind: 'refused', view: saidView(words.notWaiting), room };
  }
  log.info({ event: 'reader-decided', platform: room.doctor.platform, decision });
  return { kind: 'done', room };
}
