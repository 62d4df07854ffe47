import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { z } from 'zod';
import type { AuditRow, AuditRows, Link } from '../audit-rows.ts';
import { asStoreError, fitting } from './rows.ts';
import { transaction } from './transaction.ts';

const row = z
  .object({
    seq: z.int(),
    at: z.int(),
    record: z.string(),
    hash: z.string(),
    key_id: z.string().nullable(),
    seal: z.string().nullable(),
  })
  .transform(({ key_id: keyId, ...rest }): AuditRow => ({ ...rest, keyId }));

/** The audit's rows in SQLite. Triggers of the table refuse what this does not do, see the migration. */
export function sqliteAudit(db: DatabaseSync): AuditRows {
  const columns = 'seq, at, record, hash, key_id, seal';
  const add = db.prepare(`INSERT INTO audit (${columns}) VALUES (?, ?, ?, ?, ?, ?)`);
  const last = db.prepare(`SELECT ${columns} FROM audit ORDER BY seq DESC LIMIT 1`);
  const first = db.prepare(`SELECT ${columns} FROM audit ORDER BY seq LIMIT 1`);
  const find = db.prepare(`SELECT ${columns} FROM audit WHERE seq = ?`);
  const page = db.prepare(`SELECT ${columns} FROM audit WHERE seq > ? ORDER BY seq LIMIT ?`);
  const remove = db.prepare('DELETE FROM audit WHERE seq <= ?');
  /** A clock that was set back leaves younger rows before older ones: those keep their place until all of them are old. */
  const lastBefore = db.prepare(
    `SELECT ${columns} FROM audit
     WHERE seq < coalesce((SELECT seq FROM audit WHERE at >= ? ORDER BY seq LIMIT 1), 9223372036854775807)
     ORDER BY seq DESC LIMIT 1`,
  );

  function insert(rows: readonly AuditRow[]): Link | null {
    for (const { seq, at, record, hash, keyId, seal } of rows) add.run(seq, at, record, hash, keyId, seal);
    return rows.at(-1) ?? null;
  }

  return {
    append: (make) => translated(() => transaction(db, () => insert(make(one(last.get()) ?? null)))),
    find: (seq) => translated(() => one(find.get(seq))),
    last: () => translated(() => one(last.get())),
    first: () => translated(() => one(first.get())),
    lastBefore: (time) => translated(() => one(lastBefore.get(time))),
    page: (after, limit) => translated(() => page.all(after, limit).map((found) => fitting(row, found, WHAT))),
    purge: ({ seq }, make) =>
      translated(() =>
        transaction(db, () => {
          const said = insert(make(one(last.get()) ?? null));
          remove.run(seq);
          return said;
        }),
      ),
  };
}

const WHAT = 'A row of the audit';

function one(found: Record<string, SQLOutputValue> | undefined): AuditRow | undefined {
  return found === undefined ? undefined : fitting(row, found, WHAT);
}

function translated<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw asStoreError(error);
  }
}
