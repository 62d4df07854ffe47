/** Closed lists and limits that the server and both pages agree on. */

/** Version of the messages and of the handshake; there is no negotiation, a different one is refused. */
export const PROTOCOL_VERSION = 1;

/** How a reader gets in: the link is enough, or it takes a PIN, or the doctor admits each reader. */
export const ADMISSIONS = ['link', 'pin', 'ask'] as const;
export type Admission = (typeof ADMISSIONS)[number];

/** Why a room is over. Ended is final. */
export const END_REASONS = ['revoked', 'expired', 'left', 'lost', 'locked', 'stopped'] as const;
export type EndReason = (typeof END_REASONS)[number];

/** Limits, in the unit that each name ends with. */
export const LIMITS = {
  noteBytes: 64 * 1024,
  signalBytes: 64 * 1024,
  ciphertextBytes: 8 * 1024,
  expiryMinSeconds: 60,
  expiryMaxSeconds: 24 * 60 * 60,
  expiryDefaultSeconds: 30 * 60,
  readersMax: 20,
  readersDefault: 3,
  pinTries: 5,
  pinDigitsMin: 4,
  pinDigitsMax: 12,
  ticketSeconds: 10 * 60,
  /** How long a room waits for its composer: less once somebody has read the note. */
  graceSeconds: 2 * 60,
  graceUnreadSeconds: 15 * 60,
  /** What "15 minutes more" adds, asked for in the chat. */
  moreTimeSeconds: 15 * 60,
  untappedSeconds: 60,
  heartbeatSeconds: 3,
  heartbeatLostSeconds: 8,
} as const;
