import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { type Database, migrate, type Tables } from '../../../src/store/database/migrations.ts';
import { sqliteTraits } from '../../../src/store/database/sql-traits.ts';
import { Mutex, NodeSqliteDialect } from '../../../src/store/database/sqlite-dialect.ts';

/** A SQLite database in memory with the newest schema. */
export async function memoryDatabase(): Promise<Database> {
  const db = emptyMemoryDatabase();
  await migrate(db, sqliteTraits);
  return db;
}

/** One in which nothing was migrated. */
export function emptyMemoryDatabase(): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new NodeSqliteDialect(new DatabaseSync(':memory:'), new Mutex()) });
}
