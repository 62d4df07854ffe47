import Papa from 'papaparse';
import { z } from 'zod';
import type { AuditRow } from '../store/store.ts';

/** The forms that the audit is exported in. */
export const FORMATS = ['jsonl', 'csv'] as const;
export type Format = (typeof FORMATS)[number];

/** Every member that a record can have, the chain's last. */
const COLUMNS = [
  'seq',
  'at',
  'action',
  'platform',
  'tenant',
  'user',
  'room',
  'admission',
  'expirySeconds',
  'maxReaders',
  'reader',
  'via',
  'reading',
  'reason',
  'readBy',
  'setting',
  'from',
  'to',
  'where',
  'by',
  'role',
  'act',
  'version',
  'commit',
  'format',
  'since',
  'until',
  'count',
  'through',
  'throughHash',
  'refused',
  'lost',
  'v',
  'prev',
  'hash',
  'keyId',
  'seal',
] as const;

const members = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));

/**
 * The rows as text, line by line. JSON lines hold the record's own members, and `hash`, `keyId` and `seal` beside them.
 * CSV (RFC 4180) begins with the names; every field is quoted, and none begins as a formula does.
 */
export async function* exported(rows: AsyncIterable<AuditRow>, format: Format): AsyncGenerator<string> {
  if (format === 'csv') yield csvLine([...COLUMNS]);
  for await (const row of rows) {
    const { record, hash, keyId, seal } = row;
    const all = { ...recordOf(record, row.seq), hash, keyId, seal };
    yield format === 'csv' ? csvLine(cells(all)) : `${asciiJson(all)}\n`;
  }
}

function cells(all: Readonly<Record<string, string | number | null>>): string[] {
  // What this GLIR writes is printable ASCII; what somebody else put there may speak to a terminal.
  return COLUMNS.map((name) => String(all[name] ?? '').replace(/[^ -~]/g, '?'));
}

function asciiJson(all: object): string {
  return JSON.stringify(all).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function csvLine(fields: string[]): string {
  return `${Papa.unparse([fields], { quotes: true, escapeFormulae: true })}\r\n`;
}

/** A row that was tampered with is still evidence, and exported as far as it can be read. */
function recordOf(text: string, seq: number): Record<string, string | number | null> {
  try {
    return members.parse(JSON.parse(text));
  } catch {
    return { seq, action: 'unreadable' };
  }
}
