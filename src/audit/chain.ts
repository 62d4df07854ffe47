import { createHash, createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import type { DataKey } from '../config/secret.ts';
import type { AuditLink, AuditReader, AuditRow } from '../store/store.ts';
import { type AuditEvent, recordSchema } from './audit-events.ts';

/** What the first row names as the hash of the one before it. */
export const NO_HASH = '0'.repeat(64);

const prevSchema = z.object({ prev: z.string() });

const SEAL_INFO = 'glir audit seal v1';
const SEAL_BYTES = 32;
/** Few enough to hold nothing else up for longer than some milliseconds. */
const PAGE_ROWS = 250;

/** Makes and checks the seals of rows. */
export interface Seals {
  /** The key that seals; null where there is none, and rows stay unsealed. */
  readonly currentId: string | null;
  seal(hash: string): Pick<AuditRow, 'keyId' | 'seal'>;
  /** `unknown` when the row has no seal, or one of a key that is not among ours. */
  check(row: Pick<AuditRow, 'hash' | 'keyId' | 'seal'>): 'good' | 'forged' | 'unknown';
}

/**
 * HMAC-SHA256 (RFC 2104) over a row's hash, with keys that are derived from the data keys by HKDF-SHA256 (RFC 5869): who
 * can write the database but does not know `GLIR_DATA_KEYS` cannot make a chain of their own.
 */
export function createSeals(dataKeys: readonly DataKey[]): Seals {
  const keys = new Map(
    dataKeys.map(({ id, key }) => {
      const secret = Buffer.from(key.reveal(), 'base64');
      return [id, createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', SEAL_INFO, SEAL_BYTES)))];
    }),
  );
  const [first] = dataKeys;
  const mac = (key: KeyObject, hash: string) => createHmac('sha256', key).update(hash).digest();

  return {
    currentId: first?.id ?? null,
    seal(hash) {
      const key = first && keys.get(first.id);
      if (first === undefined || key === undefined) return { keyId: null, seal: null };
      return { keyId: first.id, seal: mac(key, hash).toString('hex') };
    },
    check({ hash, keyId, seal }) {
      const key = keyId === null ? undefined : keys.get(keyId);
      if (key === undefined || seal === null) return 'unknown';
      const [given, expected] = [Buffer.from(seal, 'hex'), mac(key, hash)];
      return given.length === expected.length && timingSafeEqual(given, expected) ? 'good' : 'forged';
    },
  };
}

/**
 * The row that follows `last`.
 *
 * @param at milliseconds since the Unix epoch
 * @throws ZodError when what happened does not fit the closed form
 */
export function nextRow(last: AuditLink | null, event: AuditEvent, at: number, seals: Seals): AuditRow {
  const seq = (last?.seq ?? 0) + 1;
  const record = recordSchema.parse({
    v: 1,
    seq,
    at: new Date(at).toISOString(),
    ...event,
    prev: last?.hash ?? NO_HASH,
  });
  const text = canonical(record);
  const hash = hashOf(text);
  return { seq, at, record: text, hash, ...seals.seal(hash) };
}

/** SHA-256 of a record's canonical form, in hex. */
export function hashOf(record: string): string {
  return createHash('sha256').update(record).digest('hex');
}

/** The hash that a row says it follows; empty when its record cannot be read. */
export function prevOf({ record }: Pick<AuditRow, 'record'>): string {
  try {
    return prevSchema.parse(JSON.parse(record)).prev;
  } catch {
    return '';
  }
}

/**
 * A record in the JSON Canonicalization Scheme (RFC 8785): members sorted by name, no space. Records hold whole numbers,
 * null and ASCII text, which JSON.stringify writes as that RFC asks for.
 */
export function canonical(record: Readonly<Record<string, string | number | null>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))));
}

/**
 * Every row in its order, a page at a time: whoever reads slowly holds up nobody who writes. A purge meanwhile takes rows
 * away in front.
 */
export async function* everyRow(rows: Pick<AuditReader, 'page'>, behind = 0): AsyncGenerator<AuditRow> {
  let after = behind;
  for (;;) {
    const page = await rows.page(after, PAGE_ROWS);
    const last = page.at(-1);
    if (last === undefined) return;
    yield* page;
    if (page.length < PAGE_ROWS) return;
    after = last.seq;
    // SQLite answers at once: whatever else waits comes first.
    await setImmediate();
  }
}
