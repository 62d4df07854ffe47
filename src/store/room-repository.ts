import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { END_REASONS, LIMITS } from '../protocol/constants.ts';
import type { Tombstone } from '../rooms/room.ts';
import type { Moment, RoomRepository, SharedRoom } from '../rooms/room-repository.ts';
import { inBatches } from './database/database.ts';
import type { Database, Tables } from './database/migrations.ts';
import { inTurn, turnsOfAllRooms, turnsOfRooms } from './database/turns.ts';
import { parseStored } from './errors.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/**
 * Leases are written for less. Where only the clock can tell, one that reaches further into the future was written before
 * the clock was set back, and counts as over.
 */
const LEASE_MAX_MS = 2 * LIMITS.graceSeconds * 1000;

const tombstoneSchema = z
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

const sharedSchema = z
  .object({ join_hash: z.string(), phone: z.string().nullable(), opened_at: z.int(), expires_at: z.int() })
  .transform((row) => ({
    joinHash: row.join_hash,
    phone: row.phone,
    openedAt: row.opened_at,
    expiresAt: row.expires_at,
  }));

/** `RoomRepository` in the database, with what the housekeeping needs. */
export interface StoredRooms extends RoomRepository {
  /** Deletes tombstones whose time is over. */
  purge(now: number): Promise<void>;
}

/**
 * Keeps rooms by the hash of their ids, so that whoever reads the database has no path of a note link.
 *
 * @param startedAt when this run began: whose lease held then may come back
 */
export function createRoomRepository(db: Database, startedAt: Moment): StoredRooms {
  const run = randomUUID();

  function heldRuns(database: Database) {
    return database
      .selectFrom('server_runs')
      .select('run')
      .where('run', '<>', run)
      .where(({ and, eb, or }) => {
        const { time, boot } = startedAt;
        const byClock = and([
          eb('lease_until', '>=', whole(time)),
          eb('lease_until', '<=', whole(time + LEASE_MAX_MS)),
        ]);
        if (boot === null) return byClock;
        const sameBoot = and([eb('boot', '=', boot.boot), eb('boot_until', '>=', whole(boot.ms))]);
        return or([sameBoot, and([byClock, or([eb('boot', 'is', null), eb('boot', '<>', boot.boot)])])]);
      });
  }

  return {
    run,
    saveShared({ roomId, joinHash, phone, openedAt, expiresAt }) {
      const room = hashOf(roomId);
      const row = {
        run,
        join_hash: joinHash,
        phone,
        opened_at: whole(openedAt),
        expires_at: whole(expiresAt),
      };
      // In turn, so that a tombstone that is written at the same time is never overlooked.
      return inTurn(db, turnsOfRooms([room]), async (transaction) => {
        const ended = await transaction
          .selectFrom('tombstones')
          .select('room')
          .where('room', '=', room)
          .executeTakeFirst();
        if (ended !== undefined) return false;
        await transaction
          .insertInto('shared_rooms')
          .values({ room, ...row })
          .onConflict((conflict) => conflict.column('room').doUpdateSet(row))
          .execute();
        return true;
      });
    },
    async findRecoverable(roomId): Promise<SharedRoom | undefined> {
      const row = await db
        .selectFrom('shared_rooms')
        .select(['join_hash', 'phone', 'opened_at', 'expires_at'])
        .where('room', '=', hashOf(roomId))
        .where('run', 'in', heldRuns(db))
        .executeTakeFirst();
      return row === undefined ? undefined : { roomId, ...parseStored(sharedSchema, row, 'A shared room') };
    },
    saveTombstones(tombstones) {
      const rows = tombstones.map(({ roomId, joinHash, phone, reason, endedAt, keepUntil }) => ({
        room: hashOf(roomId),
        join_hash: joinHash,
        phone,
        reason,
        ended_at: whole(endedAt),
        keep_until: whole(keepUntil),
      }));
      return inTurn(db, turnsOfRooms(rows.map(({ room }) => room)), (transaction) => bury(transaction, rows));
    },
    async findTombstone(roomId): Promise<Tombstone | undefined> {
      const row = await db
        .selectFrom('tombstones')
        .select(['join_hash', 'phone', 'reason', 'ended_at', 'keep_until'])
        .where('room', '=', hashOf(roomId))
        .executeTakeFirst();
      return row === undefined ? undefined : { roomId, ...parseStored(tombstoneSchema, row, 'A tombstone') };
    },
    endUnrecovered: (now, which) =>
      inTurn(db, turnsOfAllRooms(), async (transaction) => {
        const rooms = transaction
          .selectFrom('shared_rooms')
          .select(['room', 'join_hash', 'phone', 'expires_at'])
          .where('run', '<>', run);
        const over = which === 'all' ? rooms : rooms.where('run', 'not in', heldRuns(transaction));
        const rows = await over.execute();
        const tombstones = rows.map(({ expires_at: expiresAt, ...row }) => ({
          ...row,
          reason: expiresAt <= now ? 'expired' : 'lost',
          ended_at: whole(Math.min(expiresAt, now)),
          keep_until: whole(Math.max(expiresAt, now) + DAY_MS),
        }));
        await bury(transaction, tombstones);
        if (which === 'all') await transaction.deleteFrom('server_runs').where('run', '<>', run).execute();
        return rows.length;
      }),
    async renewLease({ time, boot }) {
      const lease = {
        lease_until: whole(time),
        boot: boot?.boot ?? null,
        boot_until: boot === null ? null : whole(boot.ms),
      };
      await db
        .insertInto('server_runs')
        .values({ run, ...lease })
        .onConflict((conflict) => conflict.column('run').doUpdateSet(lease))
        .execute();
    },
    async heldLease(other) {
      return (await heldRuns(db).where('run', '=', other).executeTakeFirst()) !== undefined;
    },
    async purge(now) {
      await db.deleteFrom('tombstones').where('keep_until', '<=', whole(now)).execute();
    },
  };
}

/** Keeps tombstones, unless the room has one, and shares the rooms no longer. */
async function bury(transaction: Database, tombstones: readonly Tables['tombstones'][]): Promise<void> {
  for (const batch of inBatches(transaction, tombstones)) {
    await transaction
      .insertInto('tombstones')
      .values(batch)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const rooms = batch.map(({ room }) => room);
    await transaction.deleteFrom('shared_rooms').where('room', 'in', rooms).execute();
  }
}

/** Whole milliseconds; a clock may tell fractions. */
function whole(ms: number): number {
  return Math.floor(ms);
}

function hashOf(roomId: string): Uint8Array {
  return createHash('sha256').update(roomId).digest();
}
