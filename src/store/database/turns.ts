import { sql } from 'kysely';
import { isPostgres } from './database.ts';
import type { Database } from './migrations.ts';

/** Sets our advisory locks apart from those of others in the same database: "glir" in ASCII. */
const LOCKS = 0x676c_6972;
/** Rooms share so many locks: few enough for PostgreSQL's table of locks when a server ends thousands of rooms at once. */
const ROOM_LOCKS = 64;

/** The lock that a server has on its database for as long as it runs: in a place that no turn has. */
export const SERVER_LOCK = [LOCKS, 2] as const;

/** What only one transaction at a time may do. */
export const TURNS = { audit: 0, serverKeys: 1, rooms: 16 } as const;

/** The turns of rooms, by the hashes of their ids. */
export function turnsOfRooms(hashes: readonly Uint8Array[]): number[] {
  return hashes.map((hash) => TURNS.rooms + ((hash[0] ?? 0) % ROOM_LOCKS));
}

/** The turns of every room. */
export function turnsOfAllRooms(): number[] {
  return Array.from({ length: ROOM_LOCKS }, (_, index) => TURNS.rooms + index);
}

/**
 * Runs `work` in a transaction that waits until no other one has any of these turns, and sees everything that those wrote.
 * In SQLite that holds for all transactions that write. In PostgreSQL two of them at once would each miss what the other is
 * about to write.
 */
export function inTurn<Result>(
  db: Database,
  turns: readonly number[],
  work: (transaction: Database) => Promise<Result>,
): Promise<Result> {
  return db.transaction().execute(async (transaction) => {
    if (isPostgres(transaction) && turns.length > 0) {
      // In one order, so that no two transactions wait for each other.
      const sorted = [...new Set(turns)].sort((one, other) => one - other);
      await sql`SELECT pg_advisory_xact_lock(${LOCKS}, turn) FROM unnest(${sorted}::int[]) AS turn`.execute(
        transaction,
      );
    }
    return work(transaction);
  });
}
