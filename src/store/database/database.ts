import { type Kysely, PostgresAdapter } from 'kysely';
import type { Database } from './migrations.ts';

/** How long a call waits for others, who hold the database or take all of its connections. */
export const WAIT_MS = 2_000;
/** A room that ends is over for everybody within a second, also while somebody else keeps the database to himself. */
export const ROOMS_WAIT_MS = 250;

/** An open database. */
export interface OpenDatabase {
  readonly db: Database;
  /** The same database for what rooms need, which waits for others 250 ms at most. */
  readonly roomsDb: Database;
  /** Lets go of the database; may be called twice. */
  close(): Promise<void>;
}

/** Rows that PostgreSQL gets in one statement. */
const BATCH_ROWS = 100;

/** Whether it is PostgreSQL; otherwise it is SQLite. */
export function isPostgres<Tables>(db: Kysely<Tables>): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}

/**
 * The rows in as many pieces as there are statements to be: each one is a journey to PostgreSQL and back, whereas SQLite is
 * fastest with one row at a time and a statement that it knows.
 */
export function inBatches<Row>(db: Database, rows: readonly Row[]): Row[][] {
  const size = isPostgres(db) ? BATCH_ROWS : 1;
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, index) =>
    rows.slice(index * size, (index + 1) * size),
  );
}
