import type { AuditRepository } from '../store/store.ts';
import { SERVER } from './audit-events.ts';
import { nextRow, type Seals } from './chain.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface Purge {
  rows: AuditRepository;
  seals: Seals;
  days: number;
  /** Milliseconds since the Unix epoch. */
  now: number;
}

/**
 * Deletes the rows whose time is over, by whole days of UTC; gives how many. A new row names the last of them and its
 * hash, so that the rest can be checked, and nobody else can cut off the start of the audit unseen. Rejects with a
 * StoreError.
 */
export async function purgeAudit({ rows, seals, days, now }: Purge): Promise<number> {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const through = await rows.lastBefore(today - days * DAY_MS);
  const first = await rows.first();
  if (through === undefined || first === undefined) return 0;
  const purged = { action: 'audit-purged', ...SERVER, through: through.seq, throughHash: through.hash } as const;
  await rows.purge(through, (last) => Promise.resolve([nextRow(last, purged, now, seals)]));
  return through.seq - first.seq + 1;
}
