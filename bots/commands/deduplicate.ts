import { createHash } from 'node:crypto';
import type { BotContext } from './bot-context.ts';
import { errorFields } from './error-fields.ts';

/** How long a delivery is remembered: Slack's last retry of an event comes after an hour, everything else sooner. */
const REMEMBERED_MS = 60 * 60 * 1000;
/** Far above what a busy hour brings; beyond it the oldest are forgotten. */
const REMEMBERED_MAX = 50_000;

/** How long another node may take to say whether it has a delivery already: the platform waits for an answer. */
const ASKED_MS = 500;

/** What came of a delivery; `repeated` is false for the first one. */
interface Delivered<Result> {
  result: Result;
  repeated: boolean;
}

/** Carries something out once per key, however often a platform delivers it, and to whichever node. */
export interface Deduplicator<Result> {
  /**
   * Gives the first call's result to every call with the same key on this node; null where another node, or this one before
   * it was restarted, has carried it out: its answer is lost. What failed is tried again by the next delivery.
   */
  run(key: string, work: () => Promise<Result>): Promise<Delivered<Result> | null>;
}

/**
 * Remembers deliveries for an hour, in memory and for the other nodes in the store. While the store cannot be asked, memory
 * alone counts.
 *
 * @param kind tells keys of one kind from those of another; begins with its platform and a hyphen
 */
export function createDeduplicator<Result>(
  kind: string,
  { store: { deliveries }, clock, log, metrics }: Pick<BotContext, 'store' | 'clock' | 'log' | 'metrics'>,
): Deduplicator<Result> {
  const seen = new Map<string, { at: number; outcome: Promise<{ result: Result } | null> }>();

  function forgetOld(now: number): void {
    for (const [key, { at }] of seen) {
      if (seen.size < REMEMBERED_MAX && now - at < REMEMBERED_MS) return;
      seen.delete(key);
    }
  }

  function repeated(): void {
    metrics.count('glir_chat_repeated_deliveries_total', { platform: kind.split('-', 1)[0] ?? kind });
  }

  /** Whether no other node has it, as far as that can be known in time. */
  function isFirst(key: string): Promise<boolean> {
    return new Promise((resolve) => {
      const decide = (first: boolean): void => {
        timer.cancel();
        resolve(first);
      };
      const timer = clock.after(ASKED_MS, () => {
        log.warn({ event: 'delivery-not-shared', kind, error: 'timeout' });
        resolve(true);
      });
      deliveries.take(key, REMEMBERED_MS).then(decide, (error: unknown) => {
        log.warn({ event: 'delivery-not-shared', kind, ...errorFields(error) });
        decide(true);
      });
    });
  }

  async function carryOut(key: string, work: () => Promise<Result>): Promise<{ result: Result } | null> {
    if (!(await isFirst(key))) {
      repeated();
      log.info({ event: 'delivery-repeated', kind });
      return null;
    }
    try {
      return { result: await work() };
    } catch (error) {
      await deliveries.giveBack(key).catch(() => undefined);
      throw error;
    }
  }

  return {
    async run(delivery, work) {
      const key = digestOf(`${kind} ${delivery}`);
      const before = seen.get(key);
      if (before !== undefined) {
        repeated();
        return answered(await before.outcome, true);
      }
      forgetOld(clock.now());
      const outcome = carryOut(key, work);
      seen.set(key, { at: clock.now(), outcome });
      try {
        return answered(await outcome, false);
      } catch (error) {
        seen.delete(key);
        throw error;
      }
    },
  };
}

function answered<Result>(outcome: { result: Result } | null, repeated: boolean): Delivered<Result> | null {
  return outcome === null ? null : { ...outcome, repeated };
}

/**
 * A text that was cut out of a request keeps the whole request in memory, and in it what was typed: only a digest of it may
 * be remembered.
 */
function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}
