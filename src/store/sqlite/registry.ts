import { createHash, randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { END_REASONS } from '../../protocol/constants.ts';
import type { Tombstone } from '../../rooms/room.ts';
import type { RoomRepository } from '../../rooms/room-persistence.ts';
import { asStoreError, fitting } from './rows.ts';
import { transaction } from './transaction.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

const tombstoneRow = z
  .object({
    join_hash: z.string().nullable(),
    phone: z.string().nullable(),
    reason: z.enum(END_REASONS),
    ended_at: z.int(),
    keep_until: z.int(),
  })
  .transform((row) => ({
    joinHash: row.join_hash,
    phone: row.phone,
    reason: row.reason,
    endedAt: row.ended_at,
    keepUntil: row.keep_until,
  }));

const sharedRow = z
  .object({ join_hash: z.string(), phone: z.string().nullable(), opened_at: z.int(), expires_at: z.int() })
  .transform((row) => ({
    joinHash: row.join_hash,
    phone: row.phone,
    openedAt: row.opened_at,
    expiresAt: row.expires_at,
  }));

/** The registry of rooms in SQLite, with what the housekeeping needs. */
export interface SqliteRegistry extends RoomRepository {
  /** Deletes tombstones whose time is over. */
  purge(now: number): void;
}

/** Keeps rooms by the hash of their ids, so that whoever reads the file has no path of a note link. */
export function sqliteRegistry(db: DatabaseSync): SqliteRegistry {
  /** Tells this run's shared rooms from those of earlier ones. */
  const run = randomUUID();
  const share = db.prepare(
    `INSERT OR REPLACE INTO shared_rooms (room, run, join_hash, phone, opened_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const awaited = db.prepare(
    'SELECT join_hash, phone, opened_at, expires_at FROM shared_rooms WHERE room = ? AND run <> ?',
  );
  const unshare = db.prepare('DELETE FROM shared_rooms WHERE room = ?');
  const bury = db.prepare(
    `INSERT INTO tombstones (room, join_hash, phone, reason, ended_at, keep_until) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  );
  const find = db.prepare('SELECT join_hash, phone, reason, ended_at, keep_until FROM tombstones WHERE room = ?');
  const buryAwaited = db.prepare(
    `INSERT INTO tombstones (room, join_hash, phone, reason, ended_at, keep_until)
     SELECT room, join_hash, phone, iif(expires_at <= :now, 'expired', 'lost'), min(expires_at, :now),
       max(expires_at, :now) + ${DAY_MS} FROM shared_rooms WHERE run <> :run
     ON CONFLICT DO NOTHING`,
  );
  const unshareAwaited = db.prepare('DELETE FROM shared_rooms WHERE run <> ?');
  const purge = db.prepare('DELETE FROM tombstones WHERE keep_until <= ?');
  const touch = db.prepare(
    'INSERT OR REPLACE INTO checks (id, at) VALUES (1, coalesce((SELECT at FROM checks), 0) + 1)',
  );

  return {
    share: ({ roomId, joinHash, phone, openedAt, expiresAt }) =>
      translated(() => {
        share.run(hashOf(roomId), run, joinHash, phone, whole(openedAt), whole(expiresAt));
      }),
    awaited: (roomId) =>
      translated(() => {
        const row = awaited.get(hashOf(roomId), run);
        return row === undefined ? undefined : fitting(sharedRow, row, 'A shared room');
      }),
    bury: (tombstones) =>
      translated(() =>
        transaction(db, () => {
          for (const { roomId, joinHash, phone, reason, endedAt, keepUntil } of tombstones) {
            bury.run(hashOf(roomId), joinHash, phone, reason, whole(endedAt), whole(keepUntil));
            unshare.run(hashOf(roomId));
          }
        }),
      ),
    tombstone: (roomId) =>
      translated((): Tombstone | undefined => {
        const row = find.get(hashOf(roomId));
        return row === undefined ? undefined : { roomId, ...fitting(tombstoneRow, row, 'A tombstone') };
      }),
    buryAwaited: (now) =>
      translated(() =>
        transaction(db, () => {
          buryAwaited.run({ now: whole(now), run });
          return Number(unshareAwaited.run(run).changes);
        }),
      ),
    check: () => translated(() => void touch.run()),
    purge: (now) => void purge.run(whole(now)),
  };
}

/** Milliseconds as SQLite's integers; a clock may tell fractions. */
function whole(ms: number): number {
  return Math.floor(ms);
}

function hashOf(roomId: string): Uint8Array {
  return createHash('sha256').update(roomId).digest();
}

function translated<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw asStoreError(error);
  }
}
