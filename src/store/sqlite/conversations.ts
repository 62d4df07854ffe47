import type { DatabaseSync } from 'node:sqlite';
import type { Conversations } from '../store.ts';
import { dataRow, fitting, fittingJson, promised } from './rows.ts';
import { forgetDeleted, type Tenants } from './tenants.ts';

const WHAT = "A person's conversation";

/** People's conversations in SQLite. */
export function sqliteConversations(db: DatabaseSync, tenants: Tenants): Conversations {
  const save = db.prepare('INSERT OR REPLACE INTO conversations (platform, tenant, user, data) VALUES (?, ?, ?, ?)');
  const find = db.prepare('SELECT data FROM conversations WHERE platform = ? AND tenant = ? AND user = ?');
  const remove = db.prepare('DELETE FROM conversations WHERE platform = ? AND tenant = ? AND user = ?');

  return {
    async save(person, data) {
      const { platform, tenant, user } = person;
      await tenants.write(person, () => save.run(platform, tenant, user, JSON.stringify(data)));
    },
    find: ({ platform, tenant, user }, schema) =>
      promised(() => {
        const row = find.get(platform, tenant, user);
        return row === undefined ? null : fittingJson(schema, fitting(dataRow, row, WHAT).data, WHAT);
      }),
    remove: ({ platform, tenant, user }) =>
      promised(() => {
        const { changes } = remove.run(platform, tenant, user);
        forgetDeleted(db);
        return changes > 0;
      }),
  };
}
