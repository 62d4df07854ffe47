import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { createAuditRepository } from './audit-repository.ts';
import { WAIT_MS } from './database/database.ts';
import { lockFolder } from './database/folder-lock.ts';
import type { Tables } from './database/migrations.ts';
import { mustHoldStore, openDatabase } from './database/open-database.ts';
import { DATABASE_NAME, damageOf } from './database/sqlite-database.ts';
import { Mutex, NodeSqliteDialect } from './database/sqlite-dialect.ts';
import { StoreError } from './errors.ts';
import type { AuditReader, AuditRepository, AuditRow } from './store.ts';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** Nothing is overwritten, and no link is followed. */
const CREATE_NEW = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW;
/** What SQLite keeps beside a database while it is open, and after a crash. */
const COMPANIONS = ['-wal', '-shm', '-journal'] as const;
/** The write-ahead log becomes a part of the database. */
const FOLD_IN = 'PRAGMA journal_mode = DELETE';
const RESTORING = 'restoring';
/** A new database in there, with which the copy is compared. */
const FRESH = 'fresh';
/** What acts by itself in a database. */
const ACTING =
  "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type IN ('trigger', 'view') ORDER BY type, name";
const PAGE_ROWS = 500;

/**
 * Copies the store in a folder into a new file, for this user alone, while a server may go on writing. The copy is checked, and
 * needs no other file beside it.
 *
 * @param dir the folder of `glir.db`
 * @param target path of the new file
 * @throws StoreError `unusable` when there is no store, when the target is there already or cannot be made, or when the store
 *   is damaged
 */
export function backUpStore(dir: string | null, target: string): void {
  copyDatabaseFile(join(mustHoldStore(dir, 'store'), DATABASE_NAME), target);
}

/** What a restore did. */
export interface Restored {
  /** Where the store is now that was replaced; null when there was none. */
  replaced: string | null;
  /** Whether no row of the audit is lost: those younger than the backup were taken over from the store that was replaced. */
  isAuditWhole: boolean;
}

/**
 * Puts a backup in the place of the store in a folder; that store stays beside it under another name. It may be damaged. Rows of
 * the audit that are younger than the backup are taken over from it, where they can be read.
 *
 * @param dir the folder of `glir.db`; it is made when it is missing
 * @param source path of the backup
 * @param now milliseconds since the Unix epoch, for the name of the store that is replaced
 * @param finish adds to the restored audit before any server opens it
 * @throws StoreError `in-use` while a server runs on the folder; `unusable` when the backup is damaged or no store of GLIR;
 *   `newer-schema`
 */
export async function restoreStore(
  { dir, source, now }: { dir: string; source: string; now: number },
  finish: (audit: AuditRepository, isAuditWhole: boolean) => Promise<void>,
): Promise<Restored> {
  if (!existsSync(source)) throw unusable(`There is no file ${source}. Name the backup.`);
  const lock = lockFolder(dir);
  const own = join(dir, RESTORING);
  try {
    // Left by a restore that was ended half-way.
    rmSync(own, { recursive: true, force: true });
    mkdirSync(own, { mode: FOLDER_MODE });
    copyDatabaseFile(source, join(own, DATABASE_NAME));
    mustBeStore(join(own, DATABASE_NAME), source);
    await migrated(own);
    await migrated(join(own, FRESH));
    mustActAsOurs(join(own, DATABASE_NAME), join(own, FRESH, DATABASE_NAME), source);
    const isAuditWhole = await complete(own, dir, finish);
    return { replaced: replaceDatabase(dir, join(own, DATABASE_NAME), now), isAuditWhole };
  } finally {
    rmSync(own, { recursive: true, force: true });
    await lock.release();
  }
}

/** A new file with what a database holds, and its write-ahead log with it. Throws StoreError `unusable`. */
function copyDatabaseFile(source: string, target: string): void {
  try {
    closeSync(openSync(target, CREATE_NEW, FILE_MODE));
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw unusable(`${target} is there already. Name a file that is not.`);
    throw unusable(`${target} cannot be made (${codeOf(error)}). Name a file in a folder that may be written.`, error);
  }
  try {
    // SQLite writes into an empty file; what was deleted is not in it.
    using(source, (db) => db.prepare('VACUUM INTO ?').run(target));
    const damage = using(target, damageOf);
    if (damage !== null) throw unusable(`${source} is damaged (${damage}). Restore a backup of before.`);
    sync(target);
    sync(dirname(target));
  } catch (error) {
    rmSync(target, { force: true });
    if (error instanceof StoreError) throw error;
    const reason = error instanceof Error ? error.message : typeof error;
    throw unusable(
      `${source} cannot be copied: ${reason}. Look at the space on the disk; a damaged file has to be replaced by a backup.`,
      error,
    );
  }
}

/**
 * What a database does by itself has to be what GLIR made it do: a trigger that came with a backup would act on every row from
 * then on. To be asked when the copy has the newest schema, as the database in `fresh` has.
 */
function mustActAsOurs(file: string, fresh: string, source: string): void {
  const [own, ours] = [file, fresh].map((each) => using(each, (db) => JSON.stringify(db.prepare(ACTING).all())));
  if (own !== ours) throw unusable(`${source} holds triggers or views that are not GLIR's. Restore another backup.`);
}

function mustBeStore(file: string, source: string): void {
  const isStore = using(file, (db) => db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'kysely_migration'").get());
  if (isStore === undefined) throw unusable(`${source} is no backup of GLIR. Name a file that "backup" has written.`);
}

/** A database with the newest schema, which is made where there is none. */
async function migrated(dir: string): Promise<void> {
  const { close } = await openDatabase({ dir, postgres: null });
  await close();
}

/** Adds the younger rows of the audit to the copy, and tells whether none is missing. */
async function complete(own: string, dir: string, finish: Parameters<typeof restoreStore>[1]): Promise<boolean> {
  const { db, close } = await openDatabase({ dir: own, postgres: null });
  try {
    // Notes may have ended since: without their servers' leases none of them comes back.
    await db.deleteFrom('server_runs').execute();
    const audit = createAuditRepository(db);
    const younger = await youngerRows(join(dir, DATABASE_NAME), audit);
    if (younger !== null) await audit.append(() => Promise.resolve(younger));
    await finish(audit, younger !== null);
    return younger !== null;
  } finally {
    await close();
  }
}

/** The rows of the replaced audit that come after those that are restored; null where they do not, or cannot be read. */
async function youngerRows(file: string, restored: AuditReader): Promise<AuditRow[] | null> {
  if (!existsSync(file)) return null;
  try {
    const source = new DatabaseSync(file, { readOnly: true, timeout: WAIT_MS });
    const db = new Kysely<Tables>({ dialect: new NodeSqliteDialect(source, new Mutex()) });
    try {
      return await rowsBehind(createAuditRepository(db), restored);
    } finally {
      await db.destroy();
      if (source.isOpen) source.close();
    }
  } catch {
    return null;
  }
}

async function rowsBehind(replaced: AuditReader, restored: AuditReader): Promise<AuditRow[] | null> {
  const [last, end] = await Promise.all([restored.last(), replaced.last()]);
  if (end !== undefined && (last?.seq ?? 0) >= end.seq) {
    return (await restored.find(end.seq))?.hash === end.hash ? [] : null;
  }
  if (last !== undefined && (await replaced.find(last.seq))?.hash !== last.hash) return null;
  const rows: AuditRow[] = [];
  for (let page = await replaced.page(last?.seq ?? 0, PAGE_ROWS); page.length > 0; ) {
    rows.push(...page);
    page = await replaced.page(page.at(-1)?.seq ?? 0, PAGE_ROWS);
  }
  // What was purged since is missing.
  return rows.length > 0 && rows[0]?.seq !== (last?.seq ?? 0) + 1 ? null : rows;
}

/** The restored database in the place of the one in the folder; gives where that is now. */
function replaceDatabase(dir: string, restored: string, now: number): string | null {
  const file = join(dir, DATABASE_NAME);
  using(restored, (db) => db.exec(FOLD_IN), { readOnly: false });
  if (!existsSync(file)) {
    renameSync(restored, file);
    sync(dir);
    return null;
  }
  const replaced = join(dir, `glir-replaced-${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}.db`);
  try {
    using(file, (db) => db.exec(FOLD_IN), { readOnly: false });
  } catch {
    // It is damaged: what lies beside it goes with it.
  }
  // SQLite would take what lies beside the old one for a part of the new one.
  for (const end of COMPANIONS) if (existsSync(file + end)) renameSync(file + end, replaced + end);
  linkSync(file, replaced);
  renameSync(restored, file);
  sync(dir);
  return replaced;
}

function using<Result>(file: string, work: (db: DatabaseSync) => Result, { readOnly = true } = {}): Result {
  const db = new DatabaseSync(file, { readOnly, timeout: WAIT_MS });
  try {
    return work(db);
  } finally {
    db.close();
  }
}

/** What was written to a file, or into a folder, is on the disk. */
function sync(path: string): void {
  const handle = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function unusable(message: string, cause?: unknown): StoreError {
  return new StoreError('unusable', message, { cause });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
