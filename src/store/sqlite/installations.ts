import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { KeyRing, Sealed } from '../key-ring.ts';
import type { Installations } from '../store.ts';
import { fitting, fittingJson, promised } from './rows.ts';
import { forgetDeleted, type Tenants } from './tenants.ts';
import { transaction } from './transaction.ts';

const ownerRow = z.object({ platform: z.string(), tenant: z.string() });
const sealedRow = z
  .object({ key_id: z.string(), nonce: z.instanceof(Uint8Array), box: z.instanceof(Uint8Array) })
  .transform(({ key_id: keyId, nonce, box }): Sealed => ({ keyId, nonce, box }));

/** As the row names it. */
type Owner = z.infer<typeof ownerRow>;

const WHAT = 'An installation';

/** Installations in SQLite, encrypted by the key ring. */
export function sqliteInstallations(db: DatabaseSync, tenants: Tenants, ring: KeyRing): Installations {
  const save = db.prepare(
    'INSERT OR REPLACE INTO installations (platform, tenant, key_id, nonce, box) VALUES (?, ?, ?, ?, ?)',
  );
  const find = db.prepare('SELECT key_id, nonce, box FROM installations WHERE platform = ? AND tenant = ?');
  const remove = db.prepare('DELETE FROM installations WHERE platform = ? AND tenant = ?');
  const ofPlatform = db.prepare('SELECT platform, tenant FROM installations WHERE platform = ? ORDER BY tenant');
  const otherKeys = db.prepare('SELECT platform, tenant, key_id, nonce, box FROM installations WHERE key_id <> ?');

  function put(owner: Owner, text: string): void {
    const { keyId, nonce, box } = ring.seal(text, contextOf(owner));
    save.run(owner.platform, owner.tenant, keyId, nonce, box);
  }

  return {
    save: (tenant, data) => tenants.write(tenant, () => put(tenant, JSON.stringify(data))),
    find: (tenant, schema) =>
      promised(() => {
        const row = find.get(tenant.platform, tenant.tenant);
        if (row === undefined) return null;
        return fittingJson(schema, ring.open(fitting(sealedRow, row, WHAT), contextOf(tenant)), WHAT);
      }),
    tenants: (platform) =>
      promised(() =>
        ofPlatform.all(platform).map((row) => ({ platform, tenant: fitting(ownerRow, row, WHAT).tenant })),
      ),
    remove: ({ platform, tenant }) =>
      promised(() => {
        const { changes } = remove.run(platform, tenant);
        forgetDeleted(db);
        return changes > 0;
      }),
    rotate: () =>
      promised(() => {
        const count = transaction(db, () => {
          const rows = otherKeys.all(ring.currentId);
          for (const row of rows) {
            const owner = fitting(ownerRow, row, WHAT);
            put(owner, ring.open(fitting(sealedRow, row, WHAT), contextOf(owner)));
          }
          return rows.length;
        });
        forgetDeleted(db);
        return count;
      }),
  };
}

/** A row that is moved to another tenant does not open there. */
function contextOf({ platform, tenant }: Owner): readonly string[] {
  return ['installation', platform, tenant];
}
