import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { SERVER } from '../audit/audit-events.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { createSeals, everyRow, type Seals } from '../audit/chain.ts';
import { exported, FORMATS, type Format } from '../audit/export.ts';
import { type KnownHead, type Verdict, verifyAll } from '../audit/verify.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { openAudit } from '../store/open-store.ts';
import type { AuditRepository, AuditRow } from '../store/store.ts';

export const AUDIT_USAGE = `  audit verify [--head HEAD]
                         checks every row of the audit, and that it still holds the head from your logs ("audit-head")
  audit export [--from DATE] [--to DATE] [--format jsonl|csv]
                         prints the audit, from and to days of UTC (2026-01-31, both included); writes down that it did
`;

const DAY_MS = 24 * 60 * 60 * 1000;
/** Exit code when nobody can tell. */
const UNKNOWN = 3;
const CHUNK_CHARACTERS = 64 * 1024;

/**
 * `audit verify` and `audit export`, with or without a server running; gives the exit code, or null for other words.
 * Throws an Error that says what to set or change.
 */
export async function runAuditCommand(
  words: readonly string[],
  config: Pick<Config, 'store'>,
  out: (text: string) => void,
): Promise<number | null> {
  const [verb = '', ...options] = words;
  if (verb !== 'verify' && verb !== 'export') return null;
  const head = verb === 'verify' ? headIn(options) : null;
  const range = verb === 'export' ? rangeIn(options) : null;
  const { audit, close } = await openAudit(config.store);
  const seals = createSeals(config.store.keys);
  try {
    if (range === null) return printVerdict(await verifyAll(audit, seals, head), seals, out);
    await exportRows(audit, seals, range, out);
    return 0;
  } finally {
    await close();
  }
}

function printVerdict(verdict: Verdict, seals: Seals, out: (text: string) => void): number {
  if (verdict.kind === 'broken') {
    out(`The audit was tampered with. Row ${verdict.seq} ${verdict.why}.\n`);
    out('Keep a copy of glir.db or of the database, and of the logs, and find out who could write there.\n');
    return 1;
  }
  if (verdict.kind === 'unknown') {
    out(`Not everything can be checked. Row ${verdict.seq} ${verdict.why}.\n`);
    if (verdict.needs === 'key') {
      out(
        'If that is an older key of yours, set it behind the first and check again. If you never had it, somebody else wrote these rows.\n',
      );
    }
    return UNKNOWN;
  }
  const { rows, head, purgedThrough, unsealed } = verdict;
  out(`The audit is whole: ${rows} rows${head === null ? '' : `, head ${head.seq}:${head.hash}`}.\n`);
  if (purgedThrough > 0) out(`Rows up to ${purgedThrough} were purged when their time was over.\n`);
  if (seals.currentId === null) {
    out('Its seals were not checked: set GLIR_DATA_KEYS. Without them, whoever can write there can write it anew.\n');
  } else if (unsealed > 0) {
    out(`${unsealed} rows have no seal of a key in GLIR_DATA_KEYS: from before there was one, or it was rotated.\n`);
  }
  return 0;
}

/** `HASH` or `SEQ:HASH`, as the log has it. */
function headIn(options: string[]): KnownHead | null {
  const { head } = parseArgs({ args: options, options: { head: { type: 'string' } } }).values;
  if (head === undefined) return null;
  const [, seq, hash] = /^(?:(\d{1,15}):)?([0-9a-f]{64})$/.exec(head) ?? [];
  if (hash === undefined) throw new Error('--head is no head. Copy it from a line of the log with "audit-head".');
  return { seq: seq === undefined ? null : Number(seq), hash };
}

/** Milliseconds since the Unix epoch, `until` not included. */
interface Range {
  since: number | null;
  until: number | null;
  format: Format;
}

function rangeIn(options: string[]): Range {
  const { from, to, format } = parseArgs({
    args: options,
    options: { from: { type: 'string' }, to: { type: 'string' }, format: { type: 'string', default: 'jsonl' } },
  }).values;
  const known = FORMATS.find((each) => each === format);
  if (known === undefined) throw new Error(`--format is none of ${FORMATS.join(', ')}. Set one of these.`);
  const last = dayIn('--to', to);
  return { since: dayIn('--from', from), until: last === null ? null : last + DAY_MS, format: known };
}

function dayIn(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const start = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00.000Z`) : Number.NaN;
  // Some days that there are not are read as another one.
  if (!Number.isNaN(start) && timeOf(start)?.startsWith(text) === true) return start;
  throw new Error(`${name} is no day. Write it like 2026-01-31.`);
}

async function exportRows(
  rows: AuditRepository,
  seals: Seals,
  { since, until, format }: Range,
  out: (text: string) => void,
): Promise<void> {
  if (seals.currentId === null && ((await rows.last())?.keyId ?? null) !== null) {
    throw new Error('The rows of this audit are sealed. Set GLIR_DATA_KEYS as the server has it.');
  }
  const audit = new AuditLog({ rows, seals, clock: systemClock, log: pino({ level: 'silent' }) });
  await audit.require({ action: 'audit-exported', ...SERVER, format, since: timeOf(since), until: timeOf(until) });
  await audit.close();
  let chunk = '';
  for await (const line of exported(within(everyRow(rows), since, until), format)) {
    chunk += line;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    out(chunk);
    chunk = '';
    // So that whoever reads can end it.
    await setImmediate();
  }
  out(chunk);
}

async function* within(
  rows: AsyncIterable<AuditRow>,
  since: number | null,
  until: number | null,
): AsyncGenerator<AuditRow> {
  for await (const row of rows) {
    if ((since === null || row.at >= since) && (until === null || row.at < until)) yield row;
  }
}

function timeOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
