import type { EndReason } from '../../src/protocol/constants.ts';
import { atMost, type PageClock } from '../../web-shared/clock.ts';
import type { SignallingClient } from '../../web-shared/net/signalling-client.ts';
import type { Room } from './room.ts';

/** How long the end waits for pages to be told, and then for the server. */
const WAIT_MS = 500;

/**
 * Tells every page to wipe, and then the server to end the room. A stream that never opened, or a server that does not
 * answer, does not keep the room open.
 *
 * @param signalling null while cut off: then the server ends the room when its grace is over
 */
export async function endRoom(
  { readers }: Room,
  signalling: SignallingClient | null,
  reason: 'revoked' | 'locked',
  clock: PageClock,
): Promise<void> {
  await atMost(clock, WAIT_MS, readers.wipe(reason));
  const told = signalling?.request('end', { reason }).catch(() => undefined) ?? Promise.resolve();
  await atMost(clock, WAIT_MS, told);
}

/** Tells every page to wipe because of an end that the server knows by itself, or says that there is. */
export async function wipePages({ readers }: Room, reason: EndReason, clock: PageClock): Promise<void> {
  await atMost(clock, WAIT_MS, readers.wipe(reason));
}
