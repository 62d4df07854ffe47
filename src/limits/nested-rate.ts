import { type Prefix, prefixesOf } from './client-network.ts';
import { createRateCounter, type Excess } from './rate-counter.ts';

/** What was asked for beyond a limit, and whose that was. */
export interface NestedExcess extends Excess {
  prefix: Prefix;
}

/** Counts what each network asks for, and what the wider networks that it is part of ask for together. */
export interface NestedRate {
  /** Takes `cost` of what the network may have; null when that was left. `of` tells apart what is counted separately. */
  take(network: string, options?: { cost?: number; of?: string }): Promise<NestedExcess | null>;
  /** Gives back what should not have counted. */
  refund(network: string, cost?: number): Promise<void>;
}

/**
 * Allows a network `points` in `seconds`, and wider ones a few times as many. What a network is refused does not count for the
 * wider ones: by itself it cannot take what its neighbours may have.
 */
export function createNestedRate({ points, seconds }: { points: number; seconds: number }): NestedRate {
  const counters = new Map<number, ReturnType<typeof createRateCounter>>();
  function counterOf(share: number) {
    const counter = counters.get(share) ?? createRateCounter({ points: points * share, seconds });
    counters.set(share, counter);
    return counter;
  }

  return {
    async take(network, { cost = 1, of = '' } = {}) {
      for (const prefix of prefixesOf(network).reverse()) {
        const excess = await counterOf(prefix.share).take(`${prefix.key} ${of}`, cost);
        if (excess !== null) return { ...excess, prefix };
      }
      return null;
    },
    async refund(network, cost = 1) {
      for (const { key, share } of prefixesOf(network)) await counterOf(share).refund(`${key} `, cost);
    },
  };
}
