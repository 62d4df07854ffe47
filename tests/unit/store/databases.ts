import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import type { Database, Tables } from '../../../src/store/migrations.ts';
import { migrate } from '../../../src/store/migrations.ts';
import { Mutex, NodeSqliteDialect, type SqlTraits, sqliteTraits } from '../../../src/store/sqlite-dialect.ts';

/** A kind of database that the store runs on, for `describe.each`. */
export interface TestDatabase {
  readonly name: string;
  readonly traits: SqlTraits;
  /** An empty one, in which nothing was migrated. */
  open(): Kysely<Tables>;
}

export const TEST_DATABASES: readonly TestDatabase[] = [{ name: 'SQLite', traits: sqliteTraits, open: openSqlite }];

/** A database in memory with the newest schema. */
export async function memoryDatabase(): Promise<Database> {
  const db = openSqlite();
  await migrate(db, sqliteTraits);
  return db;
}

function openSqlite(): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new NodeSqliteDialect(new DatabaseSync(':memory:'), new Mutex()) });
}
