import { DeliveryError } from './delivery-error.ts';

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/**
 * How long to wait after a failed call, in milliseconds: 1, 2, 4 seconds and so on, at most a minute, and never less than
 * the platform asks for.
 *
 * @param failures 1 after the first one
 */
export function pauseAfter(error: unknown, failures: number): number {
  const backOff = Math.min(FIRST_MS * 2 ** Math.min(failures - 1, 10), LONGEST_MS);
  const asked = error instanceof DeliveryError ? (error.retryAfterMs ?? 0) : 0;
  return Math.max(backOff, asked);
}
