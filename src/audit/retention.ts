import type { AuditRows } from '../store/audit-rows.ts';
import { SERVER } from './audit-events.ts';
import { nextRow, type Seals } from './chain.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Deletes the rows whose time is over, by whole days of UTC; gives how many. A new row names the last of them and its
 * hash, so that the rest can be checked, and nobody else can cut off the start of the audit unseen.
 *
 * @param now milliseconds since the Unix epoch
 * @throws StoreError
 */
export function purgeAudit(rows: AuditRows, seals: Seals, days: number, now: number): number {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const through = rows.lastBefore(today - days * DAY_MS);
  const first = rows.first();
  if (through === undefined || first === undefined) return 0;
  const purged = { action: 'audit-purged', ...SERVER, through: through.seq, throughHash: through.hash } as const;
  rows.purge(through, (last) => [nextRow(last, purged, now, seals)]);
  return through.seq - first.seq + 1;
}
