import type { Clock } from '../clock.ts';
import type { NodeStatus } from '../cluster/cluster.ts';
import type { Metrics } from '../metrics/metrics.ts';

type Trouble = NodeStatus['troubles'][number];

/** For so long what went wrong counts as lately. */
const LATELY_MS = 24 * 60 * 60 * 1000;
/** Codes come from closed lists, far fewer than these. */
const KINDS_MAX = 100;

/** What went wrong at this node lately, by code. Names nobody. */
interface Troubles {
  note(kind: Trouble['kind'], code: string): void;
  /** The last one first. */
  recent(): Trouble[];
}

export function createTroubles(clock: Pick<Clock, 'uptime'>): Troubles {
  const known = new Map<string, { kind: Trouble['kind']; code: string; count: number; at: number }>();

  return {
    note(kind, code) {
      const key = `${kind} ${code}`;
      const at = clock.uptime();
      const before = known.get(key);
      const count = before !== undefined && at - before.at < LATELY_MS ? before.count + 1 : 1;
      if (before !== undefined || known.size < KINDS_MAX) known.set(key, { kind, code, count, at });
    },
    recent() {
      const now = clock.uptime();
      const all = [...known.values()].filter(({ at }) => now - at < LATELY_MS).sort((one, other) => other.at - one.at);
      return all.map(({ kind, code, count, at }) => ({ kind, code, count, agoMs: now - at }));
    },
  };
}

/** The metrics, from which the console's troubles are taken on the way. */
export function withTroubles(metrics: Metrics, troubles: Troubles): Metrics {
  return {
    ...metrics,
    count(name, labels) {
      const { code }: { code?: string } = labels;
      if (code !== undefined && name === 'glir_refusals_total') troubles.note('refusal', code);
      if (code !== undefined && name === 'glir_connection_failures_total') troubles.note('connection', code);
      metrics.count(name, labels);
    },
  };
}
