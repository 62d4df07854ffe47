import type { DatabaseSync } from 'node:sqlite';
import type { DoctorId, Tenant } from '../store.ts';
import { promised } from './rows.ts';
import { transaction } from './transaction.ts';

/** Every other row belongs to a tenant by a foreign key, and is deleted with it. */
export interface Tenants {
  /** Writes rows of a tenant, in one transaction. */
  write<Result>(tenant: Tenant, work: () => Result): Promise<Result>;
  remove(tenant: Tenant): Promise<void>;
  removeDoctor(person: DoctorId): Promise<void>;
}

export function sqliteTenants(db: DatabaseSync): Tenants {
  const add = db.prepare('INSERT INTO tenants (platform, tenant) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const remove = db.prepare('DELETE FROM tenants WHERE platform = ? AND tenant = ?');
  const personal = ['history', 'conversations'].map((table) =>
    db.prepare(`DELETE FROM ${table} WHERE platform = ? AND tenant = ? AND user = ?`),
  );

  return {
    write: ({ platform, tenant }, work) =>
      promised(() =>
        transaction(db, () => {
          add.run(platform, tenant);
          return work();
        }),
      ),
    remove: ({ platform, tenant }) =>
      promised(() => {
        remove.run(platform, tenant);
        forgetDeleted(db);
      }),
    removeDoctor: ({ platform, tenant, user }) =>
      promised(() => {
        transaction(db, () => {
          for (const statement of personal) statement.run(platform, tenant, user);
        });
        forgetDeleted(db);
      }),
  };
}

/** Empties the write-ahead log, which still holds what was deleted; waits for its turn if another process reads. */
export function forgetDeleted(db: DatabaseSync): void {
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
}
