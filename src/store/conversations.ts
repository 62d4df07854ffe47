import { z } from 'zod';
import { eraseDeleted } from './database/erase-deleted.ts';
import type { Database } from './database/migrations.ts';
import { parseStored, parseStoredJson } from './errors.ts';
import type { Conversations } from './store.ts';
import { writeOfTenant } from './tenants.ts';

const rowSchema = z.object({ data: z.string() });
const WHAT = "A person's conversation";

/** People's conversations in the database. */
export function createConversations(db: Database): Conversations {
  return {
    save: (doctor, data) =>
      writeOfTenant(db, doctor, async (transaction) => {
        const { platform, tenant, user } = doctor;
        const text = JSON.stringify(data);
        await transaction
          .insertInto('conversations')
          .values({ platform, tenant, user, data: text })
          .onConflict((conflict) => conflict.columns(['platform', 'tenant', 'user']).doUpdateSet({ data: text }))
          .execute();
      }),
    async find({ platform, tenant, user }, schema) {
      const row = await db
        .selectFrom('conversations')
        .select('data')
        .where((where) => where.and({ platform, tenant, user }))
        .executeTakeFirst();
      return row === undefined ? null : parseStoredJson(schema, parseStored(rowSchema, row, WHAT).data, WHAT);
    },
    async remove({ platform, tenant, user }) {
      const { numDeletedRows } = await db
        .deleteFrom('conversations')
        .where((where) => where.and({ platform, tenant, user }))
        .executeTakeFirst();
      await eraseDeleted(db, ['conversations']);
      return numDeletedRows > 0n;
    },
  };
}
