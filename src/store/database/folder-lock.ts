import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { asStoreError, StoreError } from '../errors.ts';
import { makePrivate } from './sqlite-database.ts';

const LOCK_NAME = 'glir.lock';
/** SQLITE_BUSY of https://www.sqlite.org/rescode.html */
const BUSY = 5;

/** Keeps a store for one server, until it lets go or its process ends. */
export interface ServerLock {
  /** May be called twice. */
  release(): Promise<void>;
}

/**
 * Takes the lock of a folder, which is made where it is missing. It is SQLite's lock on an empty database beside `glir.db`,
 * and so the operating system's: it ends with the process, however that ends, and hinders nobody who only opens the store.
 *
 * @throws StoreError `in-use` when another server has it, `unusable`
 */
export function lockFolder(dir: string): ServerLock {
  const file = join(dir, LOCK_NAME);
  makePrivate(dir, file);
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(file, { timeout: 0 });
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    throw isBusy(error) ? inUse(dir) : asStoreError(error);
  }
  const held = db;
  return {
    release() {
      if (held.isOpen) held.close();
      return Promise.resolve();
    },
  };
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === BUSY;
}

function inUse(dir: string): StoreError {
  const message = `Another server runs on the folder ${dir}. Stop it first, or give this one a folder of its own with GLIR_DATA_DIR, or keep the data in PostgreSQL with GLIR_DATABASE_URL.`;
  return new StoreError('in-use', message);
}
