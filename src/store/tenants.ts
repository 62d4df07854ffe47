import { eraseDeleted } from './database-file.ts';
import type { Database } from './migrations.ts';
import type { DoctorId, Tenant } from './store.ts';

/** Writes rows of a tenant, in one transaction. Every row that belongs to a tenant is deleted with it. */
export function writeOfTenant<Result>(
  db: Database,
  { platform, tenant }: Tenant,
  write: (transaction: Database) => Promise<Result>,
): Promise<Result> {
  return db.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('tenants')
      .values({ platform, tenant })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return write(transaction);
  });
}

/** See `Store.removeTenant`. */
export async function removeTenant(db: Database, { platform, tenant }: Tenant): Promise<void> {
  await db
    .deleteFrom('tenants')
    .where((where) => where.and({ platform, tenant }))
    .execute();
  await eraseDeleted(db);
}

/** See `Store.removeDoctor`. */
export async function removeDoctor(db: Database, { platform, tenant, user }: DoctorId): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    for (const table of ['history', 'conversations'] as const) {
      await transaction
        .deleteFrom(table)
        .where((where) => where.and({ platform, tenant, user }))
        .execute();
    }
  });
  await eraseDeleted(db);
}
