import { z } from 'zod';
import { parseStored } from './errors.ts';
import type { Database } from './migrations.ts';
import type { AuditLink, AuditReader, AuditRepository, AuditRow } from './store.ts';

const rowSchema = z
  .object({
    seq: z.int(),
    at: z.int(),
    record: z.string(),
    hash: z.string(),
    key_id: z.string().nullable(),
    seal: z.string().nullable(),
  })
  .transform(({ key_id: keyId, ...rest }): AuditRow => ({ ...rest, keyId }));

/** The audit's rows in the database. Triggers of the table refuse what this does not do, see the migration. */
export function createAuditRepository(db: Database): AuditRepository {
  return {
    ...auditReader(db),
    append: (make) => db.transaction().execute((transaction) => append(transaction, make)),
    purge: ({ seq }, make) =>
      db.transaction().execute(async (transaction) => {
        const link = await append(transaction, make);
        await transaction.deleteFrom('audit').where('seq', '<=', seq).execute();
        return link;
      }),
  };
}

async function append(db: Database, make: Parameters<AuditRepository['append']>[0]): Promise<AuditLink | null> {
  const reader = auditReader(db);
  const rows = await make((await reader.last()) ?? null, reader);
  for (const { keyId, ...row } of rows) {
    await db
      .insertInto('audit')
      .values({ ...row, key_id: keyId })
      .execute();
  }
  return rows.at(-1) ?? null;
}

function auditReader(db: Database): AuditReader {
  const all = db.selectFrom('audit').select(['seq', 'at', 'record', 'hash', 'key_id', 'seal']);

  async function one(query: typeof all): Promise<AuditRow | undefined> {
    const row = await query.limit(1).executeTakeFirst();
    return row === undefined ? undefined : parsed(row);
  }

  return {
    find: (seq) => one(all.where('seq', '=', seq)),
    last: () => one(all.orderBy('seq', 'desc')),
    first: () => one(all.orderBy('seq')),
    async page(after, limit) {
      const rows = await all.where('seq', '>', after).orderBy('seq').limit(limit).execute();
      return rows.map(parsed);
    },
    async lastBefore(time) {
      // A clock that was set back leaves younger rows before older ones: those keep their place until all of them are old.
      const younger = await one(all.where('at', '>=', time).orderBy('seq'));
      const older = younger === undefined ? all : all.where('seq', '<', younger.seq);
      return one(older.orderBy('seq', 'desc'));
    },
  };
}

function parsed(row: unknown): AuditRow {
  return parseStored(rowSchema, row, 'A row of the audit');
}
