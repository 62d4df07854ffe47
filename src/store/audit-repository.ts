import { z } from 'zod';
import { inBatches } from './database/database.ts';
import type { Database } from './database/migrations.ts';
import { inTurn, TURNS } from './database/turns.ts';
import { parseStored } from './errors.ts';
import type { AuditLink, AuditReader, AuditRepository, AuditRow } from './store.ts';

const PURGED_AT_ONCE = 1_000;

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
    append: (make) => inTurn(db, [TURNS.audit], (transaction) => append(transaction, make)),
    purge: ({ seq }, make) =>
      inTurn(db, [TURNS.audit], async (transaction) => {
        const link = await append(transaction, make);
        const first = await auditReader(transaction).first();
        // So many at a time as a single call may take in PostgreSQL.
        for (let last = first?.seq ?? seq; last < seq + PURGED_AT_ONCE; last += PURGED_AT_ONCE) {
          await transaction.deleteFrom('audit').where('seq', '<=', Math.min(last, seq)).execute();
        }
        return link;
      }),
  };
}

async function append(db: Database, make: Parameters<AuditRepository['append']>[0]): Promise<AuditLink | null> {
  const reader = auditReader(db);
  const rows = await make((await reader.last()) ?? null, reader);
  for (const batch of inBatches(db, rows)) {
    await db
      .insertInto('audit')
      .values(batch.map(({ keyId, ...row }) => ({ ...row, key_id: keyId })))
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
    async newest(before, limit, texts) {
      let query = all.where('seq', '<', before);
      for (const text of texts) query = query.where('record', 'like', `%${text}%`);
      const rows = await query.orderBy('seq', 'desc').limit(limit).execute();
      return rows.map(parsed);
    },
    async page(after, limit) {
      const rows = await all.where('seq', '>', after).orderBy('seq').limit(limit).execute();
      return rows.map(parsed);
    },
  };
}

function parsed(row: unknown): AuditRow {
  return parseStored(rowSchema, row, 'A row of the audit');
}
