/** What may help when a platform does not take a message. */
export type Remedy =
  /** The same call may succeed later: the platform is busy, or out of reach. */
  | 'later'
  /** The message is gone or can no longer be changed: a new one takes its place. */
  | 'post-anew'
  /** The person cannot be reached in this conversation: it has to be made anew. */
  | 'new-conversation'
  /** None: the platform does not let GLIR do it. */
  | 'none';

/** A platform did not take a message. Holds neither the message nor the answer. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  readonly remedy: Remedy;
  /** The platform's word or HTTP status, for the log. */
  readonly code: string;
  /** How long the platform asks to wait, in milliseconds; null when it does not say. */
  readonly retryAfterMs: number | null;

  constructor(remedy: Remedy, code: string, retryAfterMs: number | null = null) {
    super(`A message was not taken: ${code}.`);
    this.remedy = remedy;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** What may help after any error: one that a platform did not name may be over at the next try. */
export function remedyFor(error: unknown): Remedy {
  return error instanceof DeliveryError ? error.remedy : 'later';
}

const LONGEST_WAIT_S = 600;

/** Reads a `Retry-After` header in seconds or as a date (RFC 9110, 10.2.3), as milliseconds; null when there is none. */
export function readRetryAfter(header: string | null | undefined, now: number): number | null {
  if (header === null || header === undefined || header.trim() === '') return null;
  const seconds = Number(header);
  const waitMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isFinite(waitMs) && waitMs >= 0 ? Math.min(waitMs, LONGEST_WAIT_S * 1000) : null;
}
