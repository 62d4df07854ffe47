import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../error.ts';
import { asStoreError } from './rows.ts';

export const DATABASE_NAME = 'glir.db';
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** How long a call waits for another process to finish its own. Everything waits with it, so it is short. */
const BUSY_MS = 2_000;

/**
 * Opens `glir.db` in a folder; both are made where missing, and the file is for this user alone.
 *
 * @param busyMs how long a call waits for another process
 * @throws StoreError `unusable`
 */
export function openFile(dir: string, busyMs = BUSY_MS): DatabaseSync {
  const file = join(dir, DATABASE_NAME);
  try {
    mkdirSync(dir, { recursive: true, mode: FOLDER_MODE });
    makePrivate(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    const message = `${file} cannot be made or changed (${code}). Set GLIR_DATA_DIR to a folder that GLIR may write to.`;
    throw new StoreError('unusable', message, { cause: error });
  }
  try {
    return opened(file, busyMs);
  } catch (error) {
    throw asStoreError(error);
  }
}

/** Before SQLite opens it, so that the file is at no time readable for others; its companions get the same mode. */
function makePrivate(file: string): void {
  if (!existsSync(file)) closeSync(openSync(file, 'a', FILE_MODE));
  for (const path of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(path)) chmodSync(path, FILE_MODE);
}

function opened(file: string, busyMs: number): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: busyMs, enableForeignKeyConstraints: true, defensive: true });
  try {
    db.exec('PRAGMA journal_mode = WAL');
    // What is committed survives a loss of power, and what is deleted is overwritten.
    db.exec('PRAGMA synchronous = FULL');
    db.exec('PRAGMA secure_delete = ON');
    db.exec('PRAGMA trusted_schema = OFF');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
