import { randomBytes } from '../../src/protocol/bytes.ts';
import { deriveLinkKeys, joinHashOf, type LinkKeys } from '../../src/protocol/crypto/link-keys.ts';
import { noteLink, SECRET_BYTES } from '../../src/protocol/link.ts';
import type { Reply } from '../../src/protocol/messages.ts';
import type { SignallingClient } from '../../web-shared/net/signalling-client.ts';
import { Readers } from '../readers/readers.ts';
import type { ReadersAround } from '../readers/readers-around.ts';
import { PinGate } from './pin.ts';
import type { Policy } from './state.ts';

/** This page's room. */
export interface Room {
  readonly keys: LinkKeys;
  readonly link: string;
  ownerToken: string;
  readonly displayName: string;
  readonly readers: Readers;
  /** Longest life that the doctor may choose, in seconds. */
  readonly expiryMaxSeconds: number;
  /** Null while the room is a draft. */
  opened: Opened | null;
}

export interface Opened {
  /** Local time of expiry. */
  until: number;
  /** Its whole life. */
  totalMs: number;
  /** Null unless admission is by PIN. */
  gate: PinGate | null;
}

/** A draft room of this page, with a new secret that never leaves the browser but in the link. */
export async function takeRoom(
  { roomId, displayName, limits, ownerToken }: Reply<'compose'>,
  origin: string,
  around: Omit<ReadersAround, 'roomId' | 'keys' | 'displayName'>,
): Promise<Room> {
  const secret = randomBytes(SECRET_BYTES);
  const keys = await deriveLinkKeys(secret, roomId);
  const readers = new Readers({ ...around, roomId, keys, displayName });
  const link = noteLink(origin, roomId, secret);
  return { keys, link, ownerToken, displayName, readers, expiryMaxSeconds: limits.expiryMaxSeconds, opened: null };
}

/**
 * Opens a draft for readers.
 *
 * @param pin counts when admission is by PIN
 * @param now local time
 */
export async function openRoom(
  room: Room,
  signalling: SignallingClient,
  policy: Policy,
  pin: string,
  now: () => number,
): Promise<Opened> {
  const joinHash = await joinHashOf(room.keys.joinKey);
  const { ownerToken, leftMs } = await signalling.request('share', { joinHash, policy });
  // The doctor's choice is the limit, whatever the server answers.
  const totalMs = policy.expirySeconds * 1000;
  const until = now() + Math.min(leftMs, totalMs);
  room.ownerToken = ownerToken;
  room.opened = { until, totalMs, gate: policy.admission === 'pin' ? new PinGate(pin) : null };
  return room.opened;
}

/** Gives an open room more time, and tells its readers. Rejects with Refused when no more is allowed. */
export async function extendRoom(
  room: Room | null,
  signalling: SignallingClient | null,
  seconds: number,
  now: () => number,
): Promise<void> {
  if (room?.opened == null || signalling === null) return;
  const { ownerToken, leftMs, totalMs } = await signalling.request('extend', { seconds });
  const { opened } = room;
  if (opened === null) return;
  // Not more than was asked for, whatever the server answers.
  const addedMs = Math.max(0, Math.min(now() + leftMs - opened.until, seconds * 1000));
  room.ownerToken = ownerToken;
  room.opened = { ...opened, until: opened.until + addedMs, totalMs };
  room.readers.addTime(addedMs);
}
