import type { DatabaseSync } from 'node:sqlite';
import type { Settings } from '../store.ts';
import { dataRow, fitting, fittingJson, promised } from './rows.ts';
import type { Tenants } from './tenants.ts';

const WHAT = "A tenant's settings";

/** Tenants' settings in SQLite. */
export function sqliteSettings(db: DatabaseSync, tenants: Tenants): Settings {
  const save = db.prepare('INSERT OR REPLACE INTO settings (platform, tenant, data) VALUES (?, ?, ?)');
  const find = db.prepare('SELECT data FROM settings WHERE platform = ? AND tenant = ?');

  return {
    async save(tenant, settings) {
      await tenants.write(tenant, () => save.run(tenant.platform, tenant.tenant, JSON.stringify(settings)));
    },
    find: ({ platform, tenant }, schema) =>
      promised(() => {
        const row = find.get(platform, tenant);
        return row === undefined ? null : fittingJson(schema, fitting(dataRow, row, WHAT).data, WHAT);
      }),
  };
}
