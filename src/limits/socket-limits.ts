import { LIMITS } from '../protocol/constants.ts';

/** What one signalling socket may do, in the unit that each name ends with. How many there may be is `address-limits.ts`. */
export const SOCKET_LIMITS = {
  /** Messages at once, and a second on the long run. */
  rate: { burst: 100, perSecond: 20 },
  /** A message costs one of the rate for each of these that it has begun. */
  costBytes: 4 * 1024,
  /** What may wait to be read by the other side: the answers to everybody that a room can have, several times over. */
  unreadBytes: 1024 * 1024,
  /** Heartbeats that may stay unanswered. */
  unansweredBeats: Math.floor(LIMITS.heartbeatLostSeconds / LIMITS.heartbeatSeconds),
  /** Heartbeats without a ticket, a link or an owner token: a page says at once what it came for. */
  unauthenticatedBeats: Math.ceil(30 / LIMITS.heartbeatSeconds),
} as const;
