import type { Clock } from '../clock.ts';

/**
 * A token bucket for the messages of one socket: `burst` at once, `perSecond` on average. Returns false for a message too
 * many; a large message costs as much as several. Synchronous, unlike the counters for networks.
 */
export function createTokenBucket(
  clock: Clock,
  { burst, perSecond }: { burst: number; perSecond: number },
): (cost?: number) => boolean {
  let tokens = burst;
  let at = clock.uptime();
  return (cost = 1) => {
    const now = clock.uptime();
    tokens = Math.min(burst, tokens + ((now - at) / 1000) * perSecond);
    at = now;
    if (tokens < cost) return false;
    tokens -= cost;
    return true;
  };
}
