import { sql } from 'kysely';
import { isPostgres } from './database.ts';
import type { Database, Tables } from './migrations.ts';

/**
 * Takes what was deleted from these tables out of the database's files, as far as it can be: SQLite empties its write-ahead
 * log, in which deleted rows still stand, and waits for its turn if another process reads. PostgreSQL's VACUUM gives their
 * space free to be written over, and does not wait for a table that somebody else works on.
 */
export async function eraseDeleted(db: Database, tables: readonly (keyof Tables)[]): Promise<void> {
  if (!isPostgres(db)) {
    await sql`PRAGMA wal_checkpoint(TRUNCATE)`.execute(db);
    return;
  }
  await db.connection().execute(async (connection) => {
    await sql`SET statement_timeout = 0`.execute(connection);
    try {
      await sql`VACUUM (SKIP_LOCKED) ${sql.join(tables.map((table) => sql.table(table)))}`.execute(connection);
    } finally {
      await sql`RESET statement_timeout`.execute(connection);
    }
  });
}
