import { sql } from 'kysely';
import { isPostgres } from './database.ts';
import type { Database } from './migrations.ts';
import { postgresTraits } from './sql-traits.ts';

/**
 * Tells a database from the same one put back from a backup: what was written in another incarnation may be of a time that is
 * over. In PostgreSQL it changes when a dump is read back (tables are made anew) and when a base backup is recovered (a new
 * timeline). Null in SQLite, whose backups are files.
 */
export async function incarnationOf(db: Database): Promise<string | null> {
  if (!isPostgres(db)) return null;
  const expression = sql.raw(postgresTraits.incarnation);
  const { rows } = await sql<{ incarnation: string }>`SELECT ${expression} AS incarnation`.execute(db);
  return rows[0]?.incarnation ?? null;
}
