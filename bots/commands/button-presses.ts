import { isNodeUnreachable, type RoomView } from '../../src/cluster/room-directory.ts';
import { Refused } from '../../src/protocol/errors.ts';
import { type Decision, type Doctor, roomTag } from '../../src/rooms/room.ts';
import type { BotContext } from './bot-context.ts';
import type { ChatKey } from './chat-language.ts';
import { errorFields } from './error-fields.ts';
import { howItEnded } from './history.ts';
import { listView, notFoundView, statusView, textView } from './note-views.ts';
import { nameInChat } from './pings.ts';
import { overStatus } from './room-status.ts';
import { listRooms } from './run-command.ts';
import type { Action, Chat, View } from './view.ts';

/** One press of a button, by the doctor whom the platform signed. */
export interface Press {
  action: Action;
  /** What the button carries: a room's tag, and for a decision the reader behind it. */
  value: string;
  doctor: Doctor;
}

/** What came of a press. */
export type PressResult =
  /** The room's status after the press. Unless the press `ended` it, a newer one may follow in a moment by itself. */
  | { kind: 'done'; view: View; ended: boolean; room: RoomView }
  /** What the press came to, in place of a ping with its button, which is about to be removed. */
  | { kind: 'answered'; view: View }
  /** The list with the button, as it is now. */
  | { kind: 'list'; view: View }
  /** The `noteForm` is to be shown. */
  | { kind: 'form' }
  /** The `settingsForm` is to be shown, to an admin. */
  | { kind: 'settings' }
  /** The `personalForm` is to be shown. */
  | { kind: 'personal' }
  /**
   * What to say to the doctor; `room` is their own, where nobody waits any more. It is null when no such room is theirs, or it
   * is over: then what has the button has nothing left to press, and how the note ended takes its place.
   */
  | { kind: 'refused'; view: View; room: RoomView | null }
  /** What to say to the doctor: the room's node does not answer, and what has the button stays as it is. */
  | { kind: 'node-unreachable'; view: View };

type RoomAction = Exclude<Action, 'glir-new' | 'glir-settings' | 'glir-personal'>;
type PressContext = Pick<BotContext, 'rooms' | 'board' | 'clock' | 'store' | 'log'>;

/**
 * Carries out a press. Another doctor's room, or another tenant's, is refused like one that never was.
 *
 * @param onFound is told the room that the button is about, before anything happens to it
 */
export async function press(
  pressed: Press,
  chat: Chat,
  bot: PressContext,
  onFound: (room: RoomView) => void = () => undefined,
): Promise<PressResult> {
  const { action, doctor } = pressed;
  if (action === 'glir-new') return { kind: 'form' };
  if (action === 'glir-settings') return { kind: 'settings' };
  if (action === 'glir-personal') return { kind: 'personal' };
  try {
    return await pressAboutRoom({ ...pressed, action }, chat, bot, onFound);
  } catch (error) {
    if (!isNodeUnreachable(error)) throw error;
    bot.log.warn({ event: 'press-not-answered', platform: doctor.platform, action });
    return { kind: 'node-unreachable', view: textView(chat.language.text('unreachable.press')) };
  }
}

async function pressAboutRoom(
  { action, value, doctor }: Press & { action: RoomAction },
  chat: Chat,
  bot: PressContext,
  onFound: (room: RoomView) => void,
): Promise<PressResult> {
  const room = await pressedRoom({ value, doctor }, bot);
  if (room === undefined) {
    bot.log.warn({ event: 'press-refused', platform: doctor.platform, action });
    return { kind: 'refused', view: await endView({ value, doctor }, chat, bot), room: null };
  }
  onFound(room);
  const [, reader = ''] = value.split(' ');
  // A ping stays when its reader's connection breaks, and names them so that they are found again.
  const found = room.waiting.find((one) => one.readerId === reader || nameInChat(one) === reader);
  return await pressOn(room, action, found?.readerId ?? reader, chat, bot);
}

/** How the doctor's own note ended that a button is about, or that there is none. */
async function endView(
  { value, doctor }: Pick<Press, 'value' | 'doctor'>,
  chat: Chat,
  { store, log }: Pick<BotContext, 'store' | 'log'>,
): Promise<View> {
  const [tag = ''] = value.split(' ');
  try {
    const how = tag === '' ? null : await howItEnded(doctor, tag, { store });
    if (how !== null) return statusView(overStatus(tag, how), chat.language);
  } catch (error) {
    log.warn({ event: 'history-unreadable', platform: doctor.platform, ...errorFields(error) });
  }
  return notFoundView(chat);
}

/** The doctor's own live room that a button is about; undefined for everybody else's. */
export async function pressedRoom(
  { value, doctor }: Pick<Press, 'value' | 'doctor'>,
  { rooms }: Pick<BotContext, 'rooms'>,
): Promise<RoomView | undefined> {
  const [tag] = value.split(' ');
  return (await rooms.of(doctor)).find((room) => roomTag(room.id) === tag);
}

async function pressOn(
  room: RoomView,
  action: RoomAction,
  readerId: string,
  chat: Chat,
  bot: PressContext,
): Promise<PressResult> {
  switch (action) {
    case 'glir-write':
    case 'glir-refresh':
      return await done(room, chat, bot);
    case 'glir-revoke':
    case 'glir-revoke-home':
      await bot.rooms.end(room.id, 'revoked');
      return { ...(await done(room, chat, bot)), ended: true };
    case 'glir-revoke-listed':
      await bot.rooms.end(room.id, 'revoked');
      return { kind: 'list', view: listView(await listRooms(room.doctor, bot), chat.language) };
    case 'glir-admit':
      return (await decide(room, readerId, 'admit', chat, bot)) ?? (await done(room, chat, bot));
    case 'glir-ping-admit':
      return (await decide(room, readerId, 'admit', chat, bot)) ?? answered('ping.admitted', chat);
    case 'glir-ping-refuse':
      return (await decide(room, readerId, 'refuse', chat, bot)) ?? answered('ping.refused', chat);
    case 'glir-more-time':
      return await giveMoreTime(room, chat, bot);
    case 'glir-refuse':
      return (await decide(room, readerId, 'refuse', chat, bot)) ?? (await done(room, chat, bot));
  }
}

async function done(
  room: RoomView,
  chat: Chat,
  { board }: PressContext,
): Promise<Extract<PressResult, { kind: 'done' }>> {
  const status = await board.status(room.id, room.readBy);
  return {
    kind: 'done',
    view: status === null ? notFoundView(chat) : statusView(status, chat.language),
    ended: false,
    room,
  };
}

function answered(key: ChatKey, { language }: Chat): Extract<PressResult, { kind: 'answered' }> {
  return { kind: 'answered', view: textView(language.text(key)) };
}

async function giveMoreTime(room: RoomView, chat: Chat, { rooms, log }: PressContext): Promise<PressResult> {
  try {
    await rooms.requestMoreTime(room.id);
  } catch (error) {
    if (!(error instanceof Refused) || isNodeUnreachable(error)) throw error;
    if (error.code === 'not-allowed') return answered('ping.longest', chat);
    // Only the doctor's page can tell its readers.
    return { kind: 'refused', view: textView(chat.language.text('pageIsAway')), room };
  }
  log.info({ event: 'more-time-asked', platform: room.doctor.platform });
  return answered('ping.longer', chat);
}

/** Null when the decision is on its way to the doctor's page. */
async function decide(
  room: RoomView,
  readerId: string,
  decision: Decision,
  { language }: Chat,
  { rooms, log }: PressContext,
): Promise<Extract<PressResult, { kind: 'refused' }> | null> {
  // Only the doctor's page can let somebody in.
  if (room.state === 'interrupted') return { kind: 'refused', view: textView(language.text('pageIsAway')), room };
  try {
    await rooms.requestDecision(room.id, readerId, decision);
  } catch (error) {
    if (!(error instanceof Refused) || isNodeUnreachable(error)) throw error;
    return { kind: 'refused', view: textView(language.text('notWaiting')), room };
  }
  log.info({ event: 'reader-decided', platform: room.doctor.platform, decision });
  return null;
}
