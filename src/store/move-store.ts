import type { PostgresConfig } from '../config/postgres-url.ts';
import { type CopiedRows, copyDatabase } from './database/copy-database.ts';
import { lockFolder } from './database/folder-lock.ts';
import { mustHoldStore, openDatabase } from './database/open-database.ts';
import { openPatiently } from './database/postgres-database.ts';

/**
 * Copies everything from a folder into an empty PostgreSQL, all or nothing; the folder stays as it is.
 *
 * @throws StoreError `in-use` while a server runs on the folder, `unusable`, `newer-schema`
 */
export async function moveStore(dir: string | null, postgres: PostgresConfig): Promise<CopiedRows> {
  const folder = mustHoldStore(dir, 'store');
  const lock = lockFolder(folder);
  try {
    const source = await openDatabase({ dir: folder, postgres: null });
    try {
      const target = await openPatiently(postgres);
      try {
        return await copyDatabase(source.db, target);
      } finally {
        await target.destroy();
      }
    } finally {
      await source.close();
    }
  } finally {
    await lock.release();
  }
}
