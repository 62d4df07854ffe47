import { chmodSync, closeSync, constants, existsSync, lstatSync, mkdirSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { asStoreError, StoreError } from '../errors.ts';
import { type OpenDatabase, ROOMS_WAIT_MS, WAIT_MS } from './database.ts';
import { migrate, type Tables } from './migrations.ts';
import { sqliteTraits } from './sql-traits.ts';
import { Mutex, NodeSqliteDialect } from './sqlite-dialect.ts';

export const DATABASE_NAME = 'glir.db';
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const OTHERS_MAY_WRITE = 0o002;
/** A link that somebody puts there leads nowhere. */
const CREATE = constants.O_CREAT | constants.O_WRONLY | constants.O_NOFOLLOW;

/**
 * Opens `glir.db` in a folder, with the newest schema; both are made where missing, and the file is for this user alone.
 * Several processes may have it open.
 *
 * @throws StoreError `unusable` or `newer-schema`
 */
export async function openSqliteDatabase(dir: string): Promise<OpenDatabase> {
  const mutex = new Mutex();
  const files = [openFile(dir, WAIT_MS)];
  try {
    files.push(openFile(dir, ROOMS_WAIT_MS));
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

/** What is wrong with the structure of `glir.db` in a folder, in SQLite's words; null when nothing is. Reads the whole file. */
export function damageIn(dir: string): string | null {
  const db = new DatabaseSync(join(dir, DATABASE_NAME), { readOnly: true, timeout: WAIT_MS });
  try {
    return damageOf(db);
  } catch (error) {
    return error instanceof Error ? error.message : typeof error;
  } finally {
    db.close();
  }
}

/** The same of an open database. */
export function damageOf(db: DatabaseSync): string | null {
  const [found] = Object.values(db.prepare('PRAGMA quick_check(1)').get() ?? {});
  return found === 'ok' ? null : String(found ?? 'it cannot be checked').replaceAll(/\s+/g, ' ');
}

function openFile(dir: string, busyMs: number): DatabaseSync {
  const file = join(dir, DATABASE_NAME);
  makePrivate(dir, file);
  try {
    return opened(file, busyMs);
  } catch (error) {
    throw asStoreError(error);
  }
}

/**
 * Makes the folder and the file where they are missing, for this user alone, and so its companions. Before SQLite opens the
 * file, so that it is at no time readable for others. What is a link in the folder, or somebody else's, is not opened: it could
 * lead to another file, or come from whoever wants to be believed.
 *
 * @throws StoreError `unusable`
 */
export function makePrivate(dir: string, file: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: FOLDER_MODE });
    mustBeKept(dir);
    for (const path of [file, `${file}-wal`, `${file}-shm`, `${file}-journal`]) mustBeOwn(path);
    if (!existsSync(file)) closeSync(openSync(file, CREATE, FILE_MODE));
    for (const path of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(path)) chmodSync(path, FILE_MODE);
  } catch (error) {
    if (error instanceof StoreError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    const message = `${file} cannot be made or changed (${code}). Set GLIR_DATA_DIR to a folder that GLIR may write to.`;
    throw new StoreError('unusable', message, { cause: error });
  }
}

/** The folder may be a link, as its admin set it: of whoever may be trusted, as what it leads to has to be. */
function mustBeKept(dir: string): void {
  if (process.getuid === undefined) return;
  const folder = statSync(dir);
  if (!isOwn(lstatSync(dir).uid) || !isOwn(folder.uid)) throw foreign(dir, 'belongs to somebody else');
  if ((folder.mode & OTHERS_MAY_WRITE) === 0) return;
  if (folder.uid !== process.getuid()) throw foreign(dir, 'can be written by everybody');
  chmodSync(dir, folder.mode & ~OTHERS_MAY_WRITE & 0o7777);
}

function mustBeOwn(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isFile()) throw foreign(path, 'is a link, or no file');
  if (!isOwn(stat.uid)) throw foreign(path, 'belongs to somebody else');
}

/** Root could do anything in any case; Windows knows no such ids. */
function isOwn(uid: number): boolean {
  const own = process.getuid?.();
  return own === undefined || uid === own || uid === 0;
}

function foreign(path: string, why: string): StoreError {
  const message = `${path} ${why}, so GLIR does not open it. Let it belong to the user that GLIR runs as (chown), as a file of its own in a folder that only this user may write to, or set GLIR_DATA_DIR to another one.`;
  return new StoreError('unusable', message);
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
