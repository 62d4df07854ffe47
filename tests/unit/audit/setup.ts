import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { AuditEvent } from '../../../src/audit/audit-events.ts';
import { type Audit, AuditLog } from '../../../src/audit/audit-log.ts';
import { createSeals, everyRow } from '../../../src/audit/chain.ts';
import { type Verdict, verify } from '../../../src/audit/verify.ts';
import type { DataKey } from '../../../src/config/secret.ts';
import type { AuditRepository } from '../../../src/store/store.ts';
import { standingClock } from '../../support/server/movable-clock.ts';
import { dataKey, folder, meddle, storeIn } from '../store/setup.ts';

/** 14 November 2023, 22:13:20 UTC. */
export const START = '2023-11-14T22:13:20.000Z';

/** Rows that wait at most. */
export const WAITING_MAX = 100;

/** Something that happens. */
export function drafted(more: { platform?: 'local'; tenant?: string; user?: string; room?: string } = {}): AuditEvent {
  return {
    action: 'note-drafted',
    platform: 'slack',
    tenant: 'T-CLINIC',
    user: 'U-ROSSI',
    room: 'AbCd1234',
    admission: 'ask',
    expirySeconds: 1_800,
    maxReaders: 3,
    ...more,
  };
}

/** Rows that fail while `failing` says so. */
function fallible(rows: AuditRepository) {
  const state: { failing: Error | null; tries: number } = { failing: null, tries: 0 };
  const append: AuditRepository['append'] = (make) => {
    state.tries += 1;
    return state.failing === null ? rows.append(make) : Promise.reject(state.failing);
  };
  return { state, rows: { ...rows, append } };
}

/** An audit in a store of its own, on a clock that stands still. */
export async function auditIn({
  dir = folder(),
  keys = [dataKey()],
}: {
  dir?: string;
  keys?: readonly DataKey[];
} = {}) {
  const clock = standingClock();
  const { store } = await storeIn({ dir, keys, clock });
  const seals = createSeals(keys);
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const { state, rows } = fallible(store.audit);
  const start = (): Audit => {
    const audit = new AuditLog({ rows, seals, clock, log, waitingMax: WAITING_MAX });
    onTestFinished(() => audit.close());
    return audit;
  };
  return {
    dir,
    keys,
    clock,
    store,
    rows,
    seals,
    state,
    start,
    audit: start(),
    logged: (): Record<string, unknown>[] => lines.map((line) => JSON.parse(line)),
    records: async (): Promise<Record<string, unknown>[]> =>
      (await collect(everyRow(rows))).map(({ record }) => JSON.parse(record)),
    actions: async (): Promise<unknown[]> =>
      (await collect(everyRow(rows))).map(({ record }) => JSON.parse(record).action),
    verdict: (head?: string, own = seals): Promise<Verdict> =>
      verify(everyRow(rows), own, head === undefined ? null : { seq: null, hash: head }),
  };
}

/** All that there is, in its order. */
export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** What somebody can do who may write the file: the table's triggers are no hindrance. */
export function tamper(dir: string, statements: string): void {
  meddle(
    dir,
    `DROP TRIGGER IF EXISTS audit_grows; DROP TRIGGER IF EXISTS audit_stays; DROP TRIGGER IF EXISTS audit_is_purged;
     ${statements}`,
  );
}
