import { randomBytes } from '../../src/protocol/bytes.ts';
import type { Admission, EndReason } from '../../src/protocol/constants.ts';
import { deriveLinkKeys, joinHashOf, type LinkKeys } from '../../src/protocol/crypto/link-keys.ts';
import { noteLink, SECRET_BYTES } from '../../src/protocol/link.ts';
import type { PolicyLimits, Reply } from '../../src/protocol/messages.ts';
import { samePolicy, strictestPolicy } from '../../src/protocol/policy.ts';
import { atMost, type PageClock } from '../../web-shared/clock.ts';
import type { SignallingClient } from '../../web-shared/net/signalling-client.ts';
import type { NoteFiles } from '../files/note-files.ts';
import { Readers, type ReadersEvents } from '../readers/readers.ts';
import { isPin, PinGate, proposePin } from './pin.ts';
import type { OpenRoom, Policy } from './state.ts';

/** How long the end of a room waits for readers to be told, and then for the server. */
const END_WAIT_MS = 500;

export interface Room {
  readonly keys: LinkKeys;
  readonly link: string;
  ownerToken: string;
  readonly displayName: string;
  readonly readers: Readers;
  readonly limits: PolicyLimits;
  /** Null while the room is a draft. */
  opened: OpenRoom | null;
  /** The whole life that the doctor has asked for, in seconds, also while the server has not answered. */
  wantedSeconds: number;
}

/** A draft room for what the server granted, with a new secret that leaves the browser only in the link. */
export async function createRoom(
  { roomId, displayName, limits, ownerToken }: Reply<'compose'>,
  origin: string,
  files: NoteFiles,
  clock: PageClock,
  events: ReadersEvents,
): Promise<Room> {
  const secret = randomBytes(SECRET_BYTES);
  const keys = await deriveLinkKeys(secret, roomId);
  const readers = new Readers({ roomId, keys, displayName, files, clock, events });
  const link = noteLink(origin, roomId, secret);
  return {
    keys,
    link,
    ownerToken,
    displayName,
    readers,
    limits,
    opened: null,
    wantedSeconds: 0,
  };
}

/**
 * Opens a draft for readers, or finds that an earlier press did whose answer was lost: then the stricter of both choices
 * counts, and is what comes back. Rejects when the server refuses or is gone.
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
  const { ownerToken, leftMs, policy: held } = await signalling.request('share', { joinHash, policy });
  // The doctor's choice is the limit, whatever the server answers.
  const chosen = strictestPolicy(policy, held);
  const totalMs = chosen.expirySeconds * 1000;
  const until = clock.now() + Math.min(leftMs, totalMs);
  const opened = { policy: chosen, until, totalMs, gate: gateFor(chosen, pin) };
  room.ownerToken = ownerToken;
  room.wantedSeconds = chosen.expirySeconds;
  room.opened = opened;
  room.readers.open(opened);
  return opened;
}

/** Lets readers in by a stricter way from now on. Rejects when the server refuses or is gone. */
export async function restrictRoom(
  room: Room,
  signalling: SignallingClient,
  admission: Admission,
  pin: string,
): Promise<void> {
  const joinHash = await joinHashOf(room.keys.joinKey);
  if (room.opened === null) return;
  const policy = { ...room.opened.policy, expirySeconds: room.wantedSeconds, admission };
  const { ownerToken, policy: held } = await signalling.request('share', { joinHash, policy });
  room.ownerToken = ownerToken;
  adoptPolicy(room, strictestPolicy(policy, held), pin);
}

/**
 * Gives an open room the life that the doctor wants, and tells its readers. False when the server gave less: then that is what
 * counts. Rejects when it refuses or is gone.
 */
export async function extendRoom(
  room: Room,
  signalling: SignallingClient,
  clock: Pick<PageClock, 'now'>,
): Promise<boolean> {
  const totalSeconds = room.wantedSeconds;
  const { ownerToken, leftMs } = await signalling.request('extend', { totalSeconds });
  room.ownerToken = ownerToken;
  adoptTime(room, leftMs, clock);
  const givenSeconds = Math.ceil((room.opened?.totalMs ?? 0) / 1000);
  if (givenSeconds >= totalSeconds) return true;
  if (room.wantedSeconds === totalSeconds) room.wantedSeconds = givenSeconds;
  return false;
}

/**
 * After a lost connection: takes what the server knows of the room, and asks again for what was asked for and not answered.
 * Of a room that its server made again from an older owner token, that is also what was answered since.
 */
export async function reconcileRoom(
  room: Room,
  { policy, leftMs }: Pick<Reply<'resume'>, 'policy' | 'leftMs'>,
  signalling: SignallingClient,
  clock: Pick<PageClock, 'now'>,
): Promise<void> {
  if (room.opened === null || leftMs === null) return;
  adoptTime(room, leftMs, clock);
  const { opened } = room;
  const chosen = { ...strictestPolicy(opened.policy, policy), expirySeconds: opened.policy.expirySeconds };
  adoptPolicy(room, chosen, '');
  if (!samePolicy(chosen, { ...policy, expirySeconds: chosen.expirySeconds })) {
    await restrictRoom(room, signalling, chosen.admission, '');
  }
  if (room.wantedSeconds * 1000 > room.opened.totalMs) await extendRoom(room, signalling, clock);
}

/** Not more than the doctor wants, whatever the server answers; and never less than readers were told. */
function adoptTime(room: Room, leftMs: number, clock: Pick<PageClock, 'now'>): void {
  const { opened } = room;
  if (opened === null) return;
  const mostMs = room.wantedSeconds * 1000 - opened.totalMs;
  const addedMs = Math.max(0, Math.min(clock.now() + leftMs - opened.until, mostMs));
  if (addedMs === 0) return;
  room.opened = { ...opened, until: opened.until + addedMs, totalMs: opened.totalMs + addedMs };
  room.readers.extend(room.opened, addedMs);
}

function adoptPolicy(room: Room, policy: Policy, pin: string): void {
  const { opened } = room;
  if (opened === null || samePolicy(policy, opened.policy)) return;
  const gate = policy.admission === opened.policy.admission ? opened.gate : gateFor(policy, pin);
  room.opened = { ...opened, policy, gate };
  room.readers.open(room.opened);
}

function gateFor({ admission }: Policy, pin: string): PinGate | null {
  return admission === 'pin' ? new PinGate(isPin(pin) ? pin : proposePin()) : null;
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
  await atMost<unknown>(clock, END_WAIT_MS, ended);
}

/** Has every reader wipe the note, because of an end that the server knows of itself, or says that there is. */
export async function wipeReaders({ readers }: Room, reason: EndReason, clock: PageClock): Promise<void> {
  await atMost(clock, END_WAIT_MS, readers.wipe(reason));
}
