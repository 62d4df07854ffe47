import { eraseDeleted } from './database/erase-deleted.ts';
import type { Database } from './database/migrations.ts';
import { isForeignKeyViolation } from './database/postgres-errors.ts';
import type { DoctorId, Tenant } from './store.ts';

/** How often a tenant may be deleted under somebody who writes. */
const TRIES = 3;

/** Everything of a tenant is in these. */
const OF_TENANT = [
  'tenants',
  'installations',
  'settings',
  'conversations',
  'preferences',
  'history',
  'chat_messages',
  'admin_links',
  'admin_sessions',
] as const;

/** Writes rows of a tenant, in one transaction. Every row that belongs to a tenant is deleted with it. */
export async function writeOfTenant<Result>(
  db: Database,
  { platform, tenant }: Tenant,
  write: (transaction: Database) => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await db.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('tenants')
          .values({ platform, tenant })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
        return write(transaction);
      });
    } catch (error) {
      // In PostgreSQL another server may delete the tenant between the two statements.
      if (tries === TRIES || !isForeignKeyViolation(error)) throw error;
    }
  }
}

/** See `Store.removeTenant`. */
export async function removeTenant(db: Database, { platform, tenant }: Tenant): Promise<void> {
  await db
    .deleteFrom('tenants')
    .where((where) => where.and({ platform, tenant }))
    .execute();
  await eraseDeleted(db, OF_TENANT);
}

/** See `Store.removeDoctor`. */
export async function removeDoctor(db: Database, { platform, tenant, user }: DoctorId): Promise<void> {
  const tables = ['history', 'conversations', 'preferences', 'chat_messages', 'admin_links', 'admin_sessions'] as const;
  await db.transaction().execute(async (transaction) => {
    for (const table of tables) {
      await transaction
        .deleteFrom(table)
        .where((where) => where.and({ platform, tenant, user }))
        .execute();
    }
  });
  await eraseDeleted(db, tables);
}
