import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Logger } from 'pino';
import { z } from 'zod';
import { StoreError } from '../error.ts';
import type { KeyRing } from '../key-ring.ts';
import { asStoreError, fitting } from './rows.ts';
import { transaction } from './transaction.ts';

const KEY_BYTES = 32;

const keyRow = z.object({
  key_id: z.string().nullable(),
  nonce: z.instanceof(Uint8Array).nullable(),
  box: z.instanceof(Uint8Array),
});

interface Dependencies {
  db: DatabaseSync;
  /** Null without GLIR_DATA_KEYS: then the key lies in the file as it is, which only GLIR's own user may read. */
  ring: KeyRing | null;
  log: Logger;
}

/**
 * A key of the server's own by its name: 32 random bytes, made when first asked for. It is encrypted as soon as there is
 * a key ring, and always with the ring's current key. One that cannot be read any more is replaced, which is logged:
 * whatever it signed counts as signed by somebody else.
 *
 * @throws StoreError `unusable`
 */
export function serverKey(name: string, { db, ring, log }: Dependencies): Uint8Array {
  const find = db.prepare('SELECT key_id, nonce, box FROM server_keys WHERE name = ?');
  const save = db.prepare('INSERT OR REPLACE INTO server_keys (name, key_id, nonce, box) VALUES (?, ?, ?, ?)');
  const context = ['server-key', name];

  function keep(key: Uint8Array): Uint8Array {
    if (ring === null) {
      save.run(name, null, null, key);
      return key;
    }
    const { keyId, nonce, box } = ring.seal(Buffer.from(key).toString('base64'), context);
    save.run(name, keyId, nonce, box);
    return key;
  }

  function kept({ key_id: keyId, nonce, box }: z.infer<typeof keyRow>): Uint8Array {
    if (keyId === null || nonce === null) return box;
    if (ring === null) {
      throw new StoreError('missing-key', `It was encrypted with the key "${keyId}", and GLIR_DATA_KEYS is not set.`);
    }
    return Buffer.from(ring.open({ keyId, nonce, box }, context), 'base64');
  }

  try {
    return transaction(db, () => {
      const found = find.get(name);
      if (found === undefined) return keep(randomBytes(KEY_BYTES));
      try {
        const row = fitting(keyRow, found, 'A server key');
        const key = kept(row);
        return row.key_id === (ring?.currentId ?? null) ? key : keep(key);
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        log.warn({ event: 'server-key-replaced', name, error: error.message });
        return keep(randomBytes(KEY_BYTES));
      }
    });
  } catch (error) {
    throw asStoreError(error);
  }
}
