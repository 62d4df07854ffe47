import { z } from 'zod';
import type { Database } from './database/migrations.ts';
import { parseStored, parseStoredJson } from './errors.ts';
import type { Preferences } from './store.ts';
import { writeOfTenant } from './tenants.ts';

const rowsSchema = z.array(z.object({ item: z.string(), data: z.string() }));
const WHAT = "A doctor's preferences";

/** Doctors' preferences in the database. */
export function createPreferences(db: Database): Preferences {
  return {
    save: (doctor, item, value) =>
      writeOfTenant(db, doctor, async (transaction) => {
        const { platform, tenant, user } = doctor;
        const data = JSON.stringify(value);
        await transaction
          .insertInto('preferences')
          .values({ platform, tenant, user, item, data })
          .onConflict((conflict) => conflict.columns(['platform', 'tenant', 'user', 'item']).doUpdateSet({ data }))
          .execute();
      }),
    async ofDoctor({ platform, tenant, user }, schema) {
      const rows = await db
        .selectFrom('preferences')
        .select(['item', 'data'])
        .where((where) => where.and({ platform, tenant, user }))
        .execute();
      const items = parseStored(rowsSchema, rows, WHAT).map(({ item, data }) => `${JSON.stringify(item)}:${data}`);
      return parseStoredJson(schema, `{${items.join(',')}}`, WHAT);
    },
  };
}
