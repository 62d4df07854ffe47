import { z } from 'zod';
import type { Database } from './database/migrations.ts';
import { parseStored, parseStoredJson } from './errors.ts';
import type { Settings } from './store.ts';
import { writeOfTenant } from './tenants.ts';

const rowSchema = z.object({ data: z.string() });
const WHAT = "A tenant's settings";

/** Tenants' settings in the database. */
export function createSettings(db: Database): Settings {
  return {
    save: (tenant, settings) =>
      writeOfTenant(db, tenant, async (transaction) => {
        const data = JSON.stringify(settings);
        await transaction
          .insertInto('settings')
          .values({ platform: tenant.platform, tenant: tenant.tenant, data })
          .onConflict((conflict) => conflict.columns(['platform', 'tenant']).doUpdateSet({ data }))
          .execute();
      }),
    async find({ platform, tenant }, schema) {
      const row = await db
        .selectFrom('settings')
        .select('data')
        .where((where) => where.and({ platform, tenant }))
        .executeTakeFirst();
      return row === undefined ? null : parseStoredJson(schema, parseStored(rowSchema, row, WHAT).data, WHAT);
    },
  };
}
