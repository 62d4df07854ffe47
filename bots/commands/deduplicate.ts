import { createHash } from 'node:crypto';
import type { Clock } from '../../src/clock.ts';

/** How long a delivery is remembered: Slack's last retry of an event comes after an hour, everything else sooner. */
const REMEMBERED_MS = 60 * 60 * 1000;
/** Far above what a busy hour brings; beyond it the oldest are forgotten. */
const REMEMBERED_MAX = 50_000;

/** Carries something out once per key, however often a platform delivers it. */
export interface Deduplicator<Result> {
  /**
   * Gives the first call's result to every call with the same key; `repeated` is false for the first. What failed is
   * tried again by the next delivery.
   */
  run(key: string, work: () => Promise<Result>): Promise<{ result: Result; repeated: boolean }>;
}

/** Remembers deliveries in memory, for an hour. */
export function createDeduplicator<Result>(clock: Clock): Deduplicator<Result> {
  const seen = new Map<string, { at: number; result: Promise<Result> }>();

  function forgetOld(now: number): void {
    for (const [key, { at }] of seen) {
      if (seen.size < REMEMBERED_MAX && now - at < REMEMBERED_MS) return;
      seen.delete(key);
    }
  }

  return {
    async run(delivery, work) {
      const key = digestOf(delivery);
      const before = seen.get(key);
      if (before !== undefined) return { result: await before.result, repeated: true };
      forgetOld(clock.now());
      const result = work();
      seen.set(key, { at: clock.now(), result });
      try {
        return { result: await result, repeated: false };
      } catch (error) {
        seen.delete(key);
        throw error;
      }
    },
  };
}

/**
 * A text that was cut out of a request keeps the whole request in memory, and in it what was typed: only a digest of it may
 * be remembered.
 */
function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}
