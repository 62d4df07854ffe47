import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { StoreError } from '../errors.ts';
import type { OpenDatabase } from './database.ts';
import { DATABASE_NAME, openSqliteDatabase } from './sqlite-database.ts';

/** Where a store is: in `glir.db` in a folder, or in PostgreSQL. */
export type StorePlace = Pick<Config['store'], 'dir' | 'postgres'>;

/**
 * Opens PostgreSQL where it is configured, otherwise `glir.db` in the folder, with the newest schema. Several processes may
 * have it open.
 *
 * @throws StoreError `unusable` or `newer-schema`
 */
export async function openDatabase({ dir, postgres }: StorePlace): Promise<OpenDatabase> {
  if (postgres !== null) {
    // Whoever has none need not wait for its client to be loaded.
    const { openPostgresDatabase } = await import('./postgres-database.ts');
    return openPostgresDatabase(postgres);
  }
  return openSqliteDatabase(folderOf(dir));
}

/** The folder of the store. @throws StoreError `unusable` when there is none */
export function folderOf(dir: string | null): string {
  if (dir !== null) return dir;
  throw new StoreError('unusable', 'There is no folder for durable data. Set GLIR_DATA_DIR to an absolute path.');
}

/** The folder, in which a GLIR has kept something. @throws StoreError `unusable` when there is no `what` */
export function mustHoldStore(dir: string | null, what: 'audit' | 'store'): string {
  if (dir !== null && existsSync(join(dir, DATABASE_NAME))) return dir;
  const where = dir === null ? 'the environment names no folder' : `${dir} has no ${DATABASE_NAME}`;
  throw new StoreError('unusable', `There is no ${what}: ${where}. Set GLIR_DATA_DIR to the folder of your GLIR.`);
}
