import { LIMITS } from '../protocol/constants.ts';

/** What one signalling socket may do, in the unit that each name ends with. How many there may be is `address-limits.ts`. */
export const SOCKET_LIMITS = {
  /** Messages at once, and a second on the long run. */
  rate: { burst: 100, perSecond: 20 },
  /** A message costs one of the rate for each of these that it has begun. */
  costBytes: 4 * 1024,
  /** What may wait to be read by the other side: the answers to everybody that a room can have, several times over. */
  unreadBytes: 1024 * 1024,
  /** What readers may have waiting for their doctor's page: the rest of the above is for the server's own answers. */
  unreadOfReadersBytes: 256 * 1024,
  /** Heartbeats that may stay unanswered. */
  unansweredBeats: Math.floor(LIMITS.heartbeatLostSeconds / LIMITS.heartbeatSeconds),
  /** Heartbeats without a ticket, a link or an owner token: a page says at once what it came for. */
  unauthenticatedBeats: Math.ceil(30 / LIMITS.heartbeatSeconds),
} as const;

/** What one reader may say to the doctor's page over the server. */
export const READER_LIMITS = {
  /** A sealed message and a knock are padded to 1 KiB, in base64url; nothing that a page says is longer. */
  sealedCharacters: 1_400,
  /** Before the doctor lets the reader in: a ping each four seconds, and PINs. */
  waiting: { burst: 10, perSecond: 1 },
  /** Pings, and what the patient does with the note. */
  reading: { burst: 60, perSecond: 8 },
} as const;

/** What one room may have, however many networks its readers come from. */
export const ROOM_LIMITS = {
  /** Sockets that have shown the link, those that wait for a place among them. */
  receivers: 64,
  /** Places that only readers get whose network has none of the others. */
  sparePlacesForOthers: 2,
  /** Readers of one network who may wait for the doctor's decision at a time. */
  waitingOfNetwork: 6,
} as const;
