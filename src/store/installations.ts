import { z } from 'zod';
import { eraseDeleted } from './database/erase-deleted.ts';
import type { Database } from './database/migrations.ts';
import { parseStored, parseStoredJson } from './errors.ts';
import type { KeyRing, Sealed } from './key-ring.ts';
import type { Installations } from './store.ts';
import { writeOfTenant } from './tenants.ts';

const ownerSchema = z.object({ platform: z.string(), tenant: z.string() });
const sealedSchema = z
  .object({ key_id: z.string(), nonce: z.instanceof(Uint8Array), box: z.instanceof(Uint8Array) })
  .transform(({ key_id: keyId, nonce, box }): Sealed => ({ keyId, nonce, box }));

/** As the row names it. */
type Owner = z.infer<typeof ownerSchema>;

const WHAT = 'An installation';

/** Installations in the database, encrypted by the key ring. */
export function createInstallations(db: Database, ring: KeyRing): Installations {
  function sealedFor(owner: Owner, text: string) {
    const { keyId, nonce, box } = ring.seal(text, contextOf(owner));
    return { key_id: keyId, nonce, box };
  }

  async function put(transaction: Database, owner: Owner, text: string): Promise<void> {
    const sealed = sealedFor(owner, text);
    await transaction
      .insertInto('installations')
      .values({ platform: owner.platform, tenant: owner.tenant, ...sealed })
      .onConflict((conflict) => conflict.columns(['platform', 'tenant']).doUpdateSet(sealed))
      .execute();
  }

  return {
    save: (tenant, data) => writeOfTenant(db, tenant, (transaction) => put(transaction, tenant, JSON.stringify(data))),
    async find(tenant, schema) {
      const row = await db
        .selectFrom('installations')
        .select(['key_id', 'nonce', 'box'])
        .where((where) => where.and({ platform: tenant.platform, tenant: tenant.tenant }))
        .executeTakeFirst();
      if (row === undefined) return null;
      return parseStoredJson(schema, ring.open(parseStored(sealedSchema, row, WHAT), contextOf(tenant)), WHAT);
    },
    async tenants(platform) {
      const rows = await db
        .selectFrom('installations')
        .select(['platform', 'tenant'])
        .where('platform', '=', platform)
        .orderBy('tenant')
        .execute();
      return rows.map((row) => ({ platform, tenant: parseStored(ownerSchema, row, WHAT).tenant }));
    },
    async remove({ platform, tenant }) {
      const { numDeletedRows } = await db
        .deleteFrom('installations')
        .where((where) => where.and({ platform, tenant }))
        .executeTakeFirst();
      await eraseDeleted(db, ['installations']);
      return numDeletedRows > 0n;
    },
    async rotate() {
      const count = await db.transaction().execute(async (transaction) => {
        const rows = await transaction
          .selectFrom('installations')
          .select(['platform', 'tenant', 'key_id', 'nonce', 'box'])
          .where('key_id', '<>', ring.currentId)
          .execute();
        for (const row of rows) {
          const owner = parseStored(ownerSchema, row, WHAT);
          const text = ring.open(parseStored(sealedSchema, row, WHAT), contextOf(owner));
          // Only this very row: one that was saved or removed meanwhile stays as it is.
          await transaction
            .updateTable('installations')
            .set(sealedFor(owner, text))
            .where((where) => where.and({ ...owner, nonce: row.nonce }))
            .execute();
        }
        return rows.length;
      });
      await eraseDeleted(db, ['installations']);
      return count;
    },
  };
}

/** A row that is moved to another tenant does not open there. */
function contextOf({ platform, tenant }: Owner): readonly string[] {
  return ['installation', platform, tenant];
}
