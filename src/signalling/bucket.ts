import type { Clock } from '../clock.ts';

/** A token bucket: `burst` messages at once, `perSecond` on the long run. Gives false for a message too many. */
export function createBucket(clock: Clock, { burst, perSecond }: { burst: number; perSecond: number }): () => boolean {
  let tokens = burst;
  let at = clock.now();
  return () => {
    const now = clock.now();
    // A clock that is set back must not make up debts that cut everybody off.
    tokens = Math.min(burst, tokens + (Math.max(0, now - at) / 1000) * perSecond);
    at = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
