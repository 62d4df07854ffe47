import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely, sql } from 'kysely';
import { asStoreError, StoreError } from './errors.ts';
import { type Database, migrate, type Tables } from './migrations.ts';
import { Mutex, NodeSqliteDialect, sqliteTraits } from './sqlite-dialect.ts';

export const DATABASE_NAME = 'glir.db';
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** How long a call waits for another process to finish its own. Everything waits with it, so it is short. */
const BUSY_MS = 2_000;
/** A room that ends is over for everybody within a second, also while another process keeps the file to itself. */
const ROOMS_BUSY_MS = 250;

/** An open database. */
export interface OpenDatabase {
  readonly db: Database;
  /** The same database for what rooms need, which waits 250 ms at most for another process. */
  readonly roomsDb: Database;
  /** Lets go of the file; may be called twice. */
  close(): Promise<void>;
}

/**
 * Opens `glir.db` in a folder, with the newest schema; both are made where missing, and the file is for this user alone.
 * Several processes may have it open.
 *
 * @throws StoreError `unusable` or `newer-schema`
 */
export async function openDatabase(dir: string): Promise<OpenDatabase> {
  const mutex = new Mutex();
  const files = [openFile(dir, BUSY_MS)];
  try {
    files.push(openFile(dir, ROOMS_BUSY_MS));
    const [db, roomsDb] = files.map((file) => new Kysely<Tables>({ dialect: new NodeSqliteDialect(file, mutex) }));
    if (db === undefined || roomsDb === undefined) throw new Error('two connections were opened');
    await migrate(db, sqliteTraits);
    return {
      db,
      roomsDb,
      async close() {
        await Promise.all([db.destroy(), roomsDb.destroy()]);
        closeAll(files);
      },
    };
  } catch (error) {
    closeAll(files);
    throw error;
  }
}

/** Empties the write-ahead log, which still holds what was deleted; waits for its turn if another process reads. */
export async function eraseDeleted(db: Database): Promise<void> {
  await sql`PRAGMA wal_checkpoint(TRUNCATE)`.execute(db);
}

function openFile(dir: string, busyMs: number): DatabaseSync {
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

function closeAll(files: readonly DatabaseSync[]): void {
  for (const file of files) if (file.isOpen) file.close();
}
