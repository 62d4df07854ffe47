import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** What was asked for beyond a limit. */
export interface Excess {
  /** When to come again; at least 1. */
  waitSeconds: number;
  /** How much was asked for since the window began, as a multiple of what is allowed: more than 1. */
  times: number;
  /** Whether it is the first of its window: only this one is logged. */
  first: boolean;
}

/** Counts what each key asks for, in windows that begin with a key's first request. */
export interface RateCounter {
  /** Takes `cost` of what the key may have; null when that was left. What is refused counts as well. */
  take(key: string, cost?: number): Promise<Excess | null>;
  /** Gives back what should not have counted. */
  refund(key: string, cost?: number): Promise<void>;
}

/**
 * Allows `points` in `seconds`. Takes the machine's time, not the server's injected clock: the library forgets a key by a
 * timer of its own, so that a clock that is set back keeps nobody out for longer.
 */
export function createRateCounter({ points, seconds }: { points: number; seconds: number }): RateCounter {
  const limiter = new RateLimiterMemory({ points, duration: seconds });
  return {
    async take(key, cost = 1) {
      try {
        await limiter.consume(key, cost);
        return null;
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        const { consumedPoints, msBeforeNext } = error;
        const wait = Math.ceil(msBeforeNext / 1000);
        return {
          waitSeconds: Math.min(Math.max(1, wait), seconds),
          times: consumedPoints / points,
          first: consumedPoints - cost <= points,
        };
      }
    },
    async refund(key, cost = 1) {
      await limiter.reward(key, cost);
    },
  };
}
