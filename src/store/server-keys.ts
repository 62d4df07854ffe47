import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { z } from 'zod';
import { isPostgres } from './database/database.ts';
import type { Database } from './database/migrations.ts';
import { inTurn, TURNS } from './database/turns.ts';
import { parseStored, StoreError } from './errors.ts';
import type { KeyRing } from './key-ring.ts';

const KEY_BYTES = 32;

const rowSchema = z.object({
  key_id: z.string().nullable(),
  nonce: z.instanceof(Uint8Array).nullable(),
  box: z.instanceof(Uint8Array),
});

/**
 * A key of the server's own by its name: 32 random bytes, made when first asked for. It is encrypted as soon as there is
 * a key ring, and always with the ring's current key. In a folder, one that cannot be read any more is replaced, which is
 * logged: whatever it signed counts as signed by somebody else. In PostgreSQL other servers may use it.
 *
 * @param ring null without GLIR_DATA_KEYS: then the key lies in the file as it is, which only GLIR's own user may read
 * @throws StoreError `unusable`; in PostgreSQL `missing-key` or `tampered` as well
 */
export function serverKey(
  name: string,
  { db, ring, log }: { db: Database; ring: KeyRing | null; log: Logger },
): Promise<Uint8Array> {
  const context = ['server-key', name];

  async function save(transaction: Database, key: Uint8Array): Promise<Uint8Array> {
    const sealed = ring?.seal(Buffer.from(key).toString('base64'), context);
    const row = { key_id: sealed?.keyId ?? null, nonce: sealed?.nonce ?? null, box: sealed?.box ?? key };
    await transaction
      .insertInto('server_keys')
      .values({ name, ...row })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
      .execute();
    return key;
  }

  function opened({ key_id: keyId, nonce, box }: z.infer<typeof rowSchema>): Uint8Array {
    if (keyId === null || nonce === null) return box;
    if (ring === null) {
      throw new StoreError('missing-key', `It was encrypted with the key "${keyId}", and GLIR_DATA_KEYS is not set.`);
    }
    return Buffer.from(ring.open({ keyId, nonce, box }, context), 'base64');
  }

  function readable(found: unknown): { key: Uint8Array; isCurrent: boolean } | null {
    try {
      const row = parseStored(rowSchema, found, 'A server key');
      return { key: opened(row), isCurrent: row.key_id === (ring?.currentId ?? null) };
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (isPostgres(db)) {
        // Other nodes may sign with it at this moment.
        throw new StoreError(
          error.code,
          `The key "${name}" in PostgreSQL cannot be read. ${error.message} Set the same GLIR_DATA_KEYS on every server of this database.`,
        );
      }
      log.warn({ event: 'server-key-replaced', name, error: error.message });
      return null;
    }
  }

  return inTurn(db, [TURNS.serverKeys], async (transaction) => {
    const found = await transaction
      .selectFrom('server_keys')
      .select(['key_id', 'nonce', 'box'])
      .where('name', '=', name)
      .executeTakeFirst();
    const kept = found === undefined ? null : readable(found);
    if (kept?.isCurrent === true) return kept.key;
    return save(transaction, kept?.key ?? randomBytes(KEY_BYTES));
  });
}
