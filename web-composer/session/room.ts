import { randomBytes } from '../../src/protocol/bytes.ts';
import type { EndReason } from '../../src/protocol/constants.ts';
import { deriveLinkKeys, joinHashOf, type LinkKeys } from '../../src/protocol/crypto/link-keys.ts';
import { noteLink, SECRET_BYTES } from '../../src/protocol/link.ts';
import type { Reply } from '../../src/protocol/messages.ts';
import { atMost, type PageClock } from '../../web-shared/clock.ts';
import type { SignallingClient } from '../../web-shared/net/signalling-client.ts';
import { Readers, type ReadersEvents } from '../readers/readers.ts';
import { PinGate } from './pin.ts';
import type { OpenRoom, Policy } from './state.ts';

/** How long the end of a room waits for readers to be told, and then for the server. */
const END_WAIT_MS = 500;

export interface Room {
  readonly keys: LinkKeys;
  readonly link: string;
  ownerToken: string;
  readonly displayName: string;
  readonly readers: Readers;
  /** Longest life that the doctor may choose, in seconds. */
  readonly expiryMaxSeconds: number;
  /** Null while the room is a draft. */
  opened: OpenRoom | null;
}

/** A draft room for what the server granted, with a new secret that leaves the browser only in the link. */
export async function createRoom(
  { roomId, displayName, limits, ownerToken }: Reply<'compose'>,
  origin: string,
  clock: PageClock,
  events: ReadersEvents,
): Promise<Room> {
  const secret = randomBytes(SECRET_BYTES);
  const keys = await deriveLinkKeys(secret, roomId);
  const readers = new Readers({ roomId, keys, displayName, clock, events });
  const link = noteLink(origin, roomId, secret);
  return { keys, link, ownerToken, displayName, readers, expiryMaxSeconds: limits.expiryMaxSeconds, opened: null };
}

/**
 * Opens a draft for readers. Rejects when the server refuses or is gone.
 *
 * @param pin counts when admission is by PIN
 */
export async function openRoom(
  room: Room,
  signalling: SignallingClient,
  policy: Policy,
  pin: string,
  clock: Pick<PageClock, 'now'>,
): Promise<OpenRoom> {
  const joinHash = await joinHashOf(room.keys.joinKey);
  const { ownerToken, leftMs } = await signalling.request('share', { joinHash, policy });
  // The doctor's choice is the limit, whatever the server answers.
  const totalMs = policy.expirySeconds * 1000;
  const until = clock.now() + Math.min(leftMs, totalMs);
  const opened = { policy, until, totalMs, gate: policy.admission === 'pin' ? new PinGate(pin) : null };
  room.ownerToken = ownerToken;
  room.opened = opened;
  room.readers.open(opened);
  return opened;
}

/** Gives an open room more time, and tells its readers. Rejects with Refused when no more is allowed. */
export async function extendRoom(
  room: Room | null,
  signalling: SignallingClient | null,
  seconds: number,
  clock: Pick<PageClock, 'now'>,
): Promise<void> {
  if (room?.opened == null || signalling === null) return;
  const { ownerToken, leftMs, totalMs } = await signalling.request('extend', { seconds });
  const { opened } = room;
  if (opened === null) return;
  // Not more than was asked for, whatever the server answers.
  const addedMs = Math.max(0, Math.min(clock.now() + leftMs - opened.until, seconds * 1000));
  room.ownerToken = ownerToken;
  room.opened = { ...opened, until: opened.until + addedMs, totalMs };
  room.readers.extend(room.opened, addedMs);
}

/**
 * Has every reader wipe the note, and then the server end the room. A stream that never opened, or a server that does not
 * answer, does not keep the room open.
 *
 * @param signalling null while disconnected: then the server ends the room when its grace is over
 */
export async function endRoom(
  room: Room,
  signalling: SignallingClient | null,
  reason: 'revoked' | 'locked',
  clock: PageClock,
): Promise<void> {
  await wipeReaders(room, reason, clock);
  const ended = signalling?.request('end', { reason }).catch(() => undefined) ?? Promise.resolve();
  await atMost(clock, END_WAIT_MS, ended);
}

/** Has every reader wipe the note, because of an end that the server knows of itself, or says that there is. */
export async function wipeReaders({ readers }: Room, reason: EndReason, clock: PageClock): Promise<void> {
  await atMost(clock, END_WAIT_MS, readers.wipe(reason));
}
