import type { AuditLink, AuditReader, AuditRepository, AuditRow } from '../store/store.ts';
import { SERVER } from './audit-events.ts';
import { everyRow, nextRow, type Seals } from './chain.ts';
import { Broken, ChainCheck } from './verify.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** A longer time without a row may as well be a clock that went wrong. */
const SILENCE_MS = 31 * DAY_MS;
/** How long after such a time nothing is deleted. A clock that is so wrong is noticed meanwhile: Slack, Teams and TLS refuse it. */
const SETTLING_MS = 7 * DAY_MS;

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
 * from an audit that is not whole: whoever changed rows must not get a seal for the gap. Rejects with ClockJumped, with a
 * StoreError, or with an Error that names the wrong row.
 */
export async function purgeAudit({ rows, seals, days, now, signal }: Purge): Promise<number> {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const until = today - days * DAY_MS;
  const first = await rows.first();
  if (first === undefined || first.at >= until) return 0;
  const { through, head, jump } = await checked(rows, seals, { until, now }, signal);
  if (through === null || head === null) return 0;
  if (jump !== null && now < jump.to + SETTLING_MS) throw new ClockJumped(jump);
  const purged = { action: 'audit-purged', ...SERVER, through: through.seq, throughHash: through.hash } as const;
  await rows.purge(through, async (last, reader) => {
    await mustFollow(head, last, reader, seals);
    return [nextRow(last, purged, now, seals)];
  });
  return through.seq - first.seq + 1;
}

/** From the last row before a long silence to the first one behind it, in milliseconds since the Unix epoch. */
interface Jump {
  from: number;
  to: number;
}

/** Rows would be deleted by a clock that has just gone on by more than a month without a row: it may be wrong. */
export class ClockJumped extends Error {
  override readonly name = 'ClockJumped';

  constructor({ from, to }: Jump) {
    const [before, after] = [from, to].map((at) => new Date(at).toISOString());
    super(
      `The clock went from ${before} to ${after} without a record in between. If it is wrong now, set it right; if it is right, old records are deleted after ${SETTLING_MS / DAY_MS} days.`,
    );
  }
}

/** What a clock that says `at` now jumped over, `last` being the jump and the time that were known before. */
function jumpAfter(last: { at: number; jump: Jump | null } | null, at: number): Jump | null {
  if (last === null) return null;
  // Set back behind a jump, it never was one, or was a smaller one.
  const { from, jump } =
    last.jump !== null && at < last.jump.to ? { from: last.jump.from, jump: null } : { from: last.at, jump: last.jump };
  return at - from > SILENCE_MS ? { from, to: at } : jump;
}

/**
 * The last of the rows from the first on whose own records are so old, the last row of all, and the last jump of the clock
 * before `now`. Throws Broken.
 */
async function checked(
  rows: AuditReader,
  seals: Seals,
  { until, now }: { until: number; now: number },
  signal: AbortSignal | undefined,
): Promise<{ through: AuditLink | null; head: AuditLink | null; jump: Jump | null }> {
  const check = new ChainCheck(seals);
  let through: AuditLink | null = null;
  let isOld = true;
  let last: { at: number; jump: Jump | null } | null = null;
  for await (const row of everyRow(rows)) {
    signal?.throwIfAborted();
    check.take(row);
    last = { at: row.at, jump: jumpAfter(last, row.at) };
    // A clock that was set back leaves younger rows before older ones: those keep their place until all of them are old.
    isOld &&= row.at < until;
    if (isOld) through = { seq: row.seq, hash: row.hash };
  }
  check.end();
  return { through, head: check.last, jump: jumpAfter(last, now) };
}

/** What was added since the check has to be right as well. Throws Broken. */
async function mustFollow(head: AuditLink, last: AuditRow | null, rows: AuditReader, seals: Seals): Promise<void> {
  if ((await rows.find(head.seq))?.hash !== head.hash) throw new Broken(head.seq, 'is missing, or was rewritten');
  const check = new ChainCheck(seals, { after: head });
  for await (const row of everyRow(rows, head.seq)) check.take(row);
  check.mustBeSealed();
  if (check.last?.seq !== last?.seq) throw new Broken(head.seq + 1, 'is missing');
}
