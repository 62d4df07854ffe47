import type { AuditLink, AuditReader, AuditRepository, AuditRow } from '../store/store.ts';
import { SERVER } from './audit-events.ts';
import { everyRow, nextRow, type Seals } from './chain.ts';
import { Broken, ChainCheck } from './verify.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface Purge {
  rows: AuditRepository;
  seals: Seals;
  days: number;
  /** Milliseconds since the Unix epoch. */
  now: number;
  /** Ends the check of many rows early: then nothing is deleted, and the call rejects. */
  signal?: AbortSignal;
}

/**
 * Deletes the rows whose time is over, by whole days of UTC; gives how many. A new row names the last of them and its
 * hash, so that the rest can be checked, and nobody else can cut off the start of the audit unseen. Nothing is deleted
 * from an audit that is not whole: whoever changed rows must not get a seal for the gap. Rejects with a StoreError, or an
 * Error that names the wrong row.
 */
export async function purgeAudit({ rows, seals, days, now, signal }: Purge): Promise<number> {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const until = today - days * DAY_MS;
  const first = await rows.first();
  if (first === undefined || first.at >= until) return 0;
  const { through, head } = await checked(rows, seals, until, signal);
  if (through === null || head === null) return 0;
  const purged = { action: 'audit-purged', ...SERVER, through: through.seq, throughHash: through.hash } as const;
  await rows.purge(through, async (last, reader) => {
    await mustFollow(head, last, reader, seals);
    return [nextRow(last, purged, now, seals)];
  });
  return through.seq - first.seq + 1;
}

/** The last of the rows from the first on whose own records are so old, and the last row of all. Throws Broken. */
async function checked(
  rows: AuditReader,
  seals: Seals,
  until: number,
  signal: AbortSignal | undefined,
): Promise<{ through: AuditLink | null; head: AuditLink | null }> {
  const check = new ChainCheck(seals);
  let through: AuditLink | null = null;
  let isOld = true;
  for await (const row of everyRow(rows)) {
    signal?.throwIfAborted();
    check.take(row);
    // A clock that was set back leaves younger rows before older ones: those keep their place until all of them are old.
    isOld &&= row.at < until;
    if (isOld) through = { seq: row.seq, hash: row.hash };
  }
  check.end();
  return { through, head: check.last };
}

/** What was added since the check has to be right as well. Throws Broken. */
async function mustFollow(head: AuditLink, last: AuditRow | null, rows: AuditReader, seals: Seals): Promise<void> {
  if ((await rows.find(head.seq))?.hash !== head.hash) throw new Broken(head.seq, 'is missing, or was rewritten');
  const check = new ChainCheck(seals, { after: head });
  for await (const row of everyRow(rows, head.seq)) check.take(row);
  check.mustBeSealed();
  if (check.last?.seq !== last?.seq) throw new Broken(head.seq + 1, 'is missing');
}
