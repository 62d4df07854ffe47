import { createHash, randomUUID } from 'node:crypto';
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import { z } from 'zod';
import { END_REASONS, type EndReason } from '../protocol/constants.ts';
import { hashOfRoom, roomTag, type Tombstone } from '../rooms/room.ts';
import type {
  AbsentEnd,
  FoundTicket,
  Moment,
  NotKept,
  RedeemedTicket,
  Revocation,
  RoomRecord,
  RoomRepository,
} from '../rooms/room-repository.ts';
import { inBatches } from './database/database.ts';
import { incarnationOf } from './database/incarnation.ts';
import type { Database, Tables } from './database/migrations.ts';
import { inTurn, turnsOfAllRooms, turnsOfRooms } from './database/turns.ts';
import { parseStored } from './errors.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/**
 * Leases are written for less, also when a run judges by the moment of its start. Where only the clock can tell, one that
 * reaches further into the future was written before the clock was set back, and counts as over.
 */
const LEASE_MAX_MS = 3 * 60_000;
/** A room's host ends it when its time is up; whoever finds it this much later finds no host. */
const OVERDUE_MS = 60_000;
/** Leases of runs without rooms are of use to nobody. */
const OLD_LEASE_MS = 2 * DAY_MS;

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

const roomSchema = z
  .object({
    platform: z.enum(['slack', 'teams', 'local']),
    tenant: z.string(),
    user: z.string(),
    join_hash: z.string().nullable(),
    phone: z.string().nullable(),
    created_at: z.int(),
    opened_at: z.int().nullable(),
    expires_at: z.int(),
    grace_ms: z.int(),
    read_by: z.int(),
  })
  .transform((row) => ({
    doctor: { platform: row.platform, tenant: row.tenant, user: row.user },
    joinHash: row.join_hash,
    phone: row.phone,
    createdAt: row.created_at,
    openedAt: row.opened_at,
    expiresAt: row.expires_at,
    graceMs: row.grace_ms,
    readBy: row.read_by,
  }));

const ticketSchema = z.object({ box: z.instanceof(Uint8Array), until: z.int() });

type Row = Tables['rooms'];
type RoomsBuilder = ExpressionBuilder<Tables, 'rooms'>;

/** `RoomRepository` in the database, with what the housekeeping needs. */
export interface StoredRooms extends RoomRepository {
  /** Deletes tombstones, tickets and leases whose time is over. */
  purge(now: number): Promise<void>;
}

/** Keeps rooms by the hash of their ids, so that whoever reads the database has no path of a note link. */
export function createRoomRepository(db: Database): StoredRooms {
  const run = randomUUID();

  const isOthers = (eb: RoomsBuilder) => eb('rooms.run', '<>', run);

  /** Whether the room's host has a lease which, with the room's grace, is not over. A run that has none is no host. */
  function isHeld(eb: RoomsBuilder, { time, boot }: Moment, incarnation: string | null): Expression<SqlBool> {
    const sameDatabase =
      incarnation === null
        ? sql<boolean>`server_runs.incarnation IS NULL`
        : sql<boolean>`server_runs.incarnation = ${incarnation}`;
    const byClock = sql<boolean>`server_runs.lease_until + rooms.grace_ms >= ${whole(time)}
      AND server_runs.lease_until <= ${whole(time + LEASE_MAX_MS)}`;
    const held =
      boot === null
        ? byClock
        : sql<boolean>`CASE WHEN server_runs.boot = ${boot.boot}
            THEN server_runs.boot_until + rooms.grace_ms >= ${whole(boot.ms)} ELSE ${byClock} END`;
    return eb.exists(
      eb
        .selectFrom('server_runs')
        .select('server_runs.run')
        .whereRef('server_runs.run', '=', 'rooms.run')
        .where(sameDatabase)
        .where(held),
    );
  }

  function isAbandoned(eb: RoomsBuilder, asOf: Moment, incarnation: string | null): Expression<SqlBool> {
    const overdue = eb('rooms.expires_at', '<', whole(asOf.time - OVERDUE_MS));
    return eb.and([isOthers(eb), eb.or([overdue, eb.not(isHeld(eb, asOf, incarnation))])]);
  }

  function isOf(eb: RoomsBuilder, { platform, tenant, user }: Revocation): Expression<SqlBool> {
    const theirs = eb.and([eb('rooms.platform', '=', platform), eb('rooms.tenant', '=', tenant)]);
    return user === null ? theirs : eb.and([theirs, eb('rooms.user', '=', user)]);
  }

  function isRevoked(eb: RoomsBuilder, revocation: Revocation): Expression<SqlBool> {
    return eb.and([isOf(eb, revocation), eb('rooms.revoked', 'is not', null)]);
  }

  /** Ends rooms that nobody hosts, each for its own reason. */
  async function endRows(
    transaction: Database,
    rows: readonly Row[],
    now: number,
    reasonOf: (row: Row) => EndReason,
  ): Promise<AbsentEnd[]> {
    const ends: AbsentEnd[] = [];
    const tombstones: Tables['tombstones'][] = [];
    for (const row of rows) {
      const reason = reasonOf(row);
      const endedAt = reason === 'expired' ? Math.min(row.expires_at, now) : now;
      ends.push(absentEnd(row, reason, endedAt));
      tombstones.push(tombstoneOfRow(row, reason, endedAt, now));
    }
    await bury(transaction, tombstones);
    return ends;
  }

  async function saveRow(record: RoomRecord, epoch: number): Promise<boolean> {
    // Whether it was revoked is written by whoever revokes, never by its host.
    const { run: _run, room, revoked: _revoked, ...changes } = rowOf(record, run, epoch);
    const saved = await db
      .updateTable('rooms')
      .set(changes)
      .where('room', '=', room)
      .where('run', '=', run)
      .where('epoch', '=', epoch)
      .returning('epoch')
      .executeTakeFirst();
    return saved !== undefined;
  }

  return {
    run,
    add: (record, ticket) =>
      db.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('rooms')
          .values(rowOf(record, run, 1))
          .execute();
        await transaction
          .insertInto('tickets')
          .values({
            hash: ticket.hash,
            room: hashOf(record.roomId),
            box: ticket.box,
            until: whole(ticket.until),
            used_by: null,
          })
          .execute();
      }),
    save: saveRow,
    claim: (roomId, asOf, now) => {
      const room = hashOf(roomId);
      return inTurn(db, turnsOfRooms([room]), async (transaction): ReturnType<RoomRepository['claim']> => {
        if (await hasTombstone(transaction, room)) return 'ended';
        const incarnation = await incarnationOf(transaction);
        // In one statement: the host may save the room at the same time, and what it saved last is what is claimed.
        const row = await transaction
          .updateTable('rooms')
          .set((eb) => ({ run, epoch: eb('epoch', '+', 1) }))
          .where('room', '=', room)
          .where((eb) => eb.or([eb('run', '=', run), isHeld(eb, asOf, incarnation)]))
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) return 'unknown';
        const revoked = revocationOf(row);
        if (revoked !== null) {
          const [end] = await endRows(transaction, [row], now, () => revoked);
          return end ?? 'ended';
        }
        return { record: { roomId, ...parseStored(roomSchema, row, 'A room') }, epoch: row.epoch };
      });
    },
    async findClaimable(roomId, asOf) {
      const incarnation = await incarnationOf(db);
      const row = await db
        .selectFrom('rooms')
        .selectAll()
        .where('room', '=', hashOf(roomId))
        .where('revoked', 'is', null)
        .where((eb) => isHeld(eb, asOf, incarnation))
        .executeTakeFirst();
      if (row === undefined) return undefined;
      return { roomId, ...parseStored(roomSchema, row, 'A room') };
    },
    async hasRoomsElsewhere(now) {
      const room = await db
        .selectFrom('rooms')
        .select('room')
        .where(isOthers)
        .where('expires_at', '>', whole(now))
        .limit(1)
        .executeTakeFirst();
      return room !== undefined;
    },
    async countElsewhere({ platform, tenant, user }, now) {
      const counts = await db
        .selectFrom('rooms')
        .select((eb) => eb.fn.countAll<number>().as('tenant'))
        .select((eb) => eb.fn.countAll<number>().filterWhere('user', '=', user).as('user'))
        .where(isOthers)
        .where('platform', '=', platform)
        .where('tenant', '=', tenant)
        .where('expires_at', '>', whole(now))
        .executeTakeFirstOrThrow();
      return { user: counts.user, tenant: counts.tenant };
    },
    async hosted() {
      const rows = await db.selectFrom('rooms').select(['room', 'epoch', 'revoked']).where('run', '=', run).execute();
      return new Map(rows.map((row) => [text(row.room), { epoch: row.epoch, revoked: revocationOf(row) }]));
    },
    saveTombstones(tombstones) {
      const all = tombstones.map(({ tombstone, wanted }) => ({
        roomId: tombstone.roomId,
        wanted,
        row: rowOfTombstone(tombstone),
      }));
      return inTurn(db, turnsOfRooms(all.map(({ row }) => row.room)), async (transaction) => {
        const notKept = new Map<string, NotKept>();
        const ended = await endsOf(
          transaction,
          all.map(({ row }) => row),
        );
        for (const { roomId, row } of all) {
          const before = ended.get(text(row.room));
          // The same one is there when its writer did not hear that it was kept.
          if (before !== undefined && !isSameEnd(before, row)) notKept.set(roomId, parsedTombstone(roomId, before));
        }
        const fenced = all.filter(({ roomId, wanted }) => !(wanted || notKept.has(roomId)));
        const elsewhere = await hostedElsewhere(
          transaction,
          fenced.map(({ row }) => row),
        );
        for (const { roomId, row } of fenced) if (elsewhere.has(text(row.room))) notKept.set(roomId, 'moved');
        await bury(
          transaction,
          all.filter(({ roomId }) => !notKept.has(roomId)).map(({ row }) => row),
        );
        return notKept;
      });
    },
    endAbsent(roomId, reason, now) {
      const room = hashOf(roomId);
      return inTurn(db, turnsOfRooms([room]), async (transaction) => {
        const row = await transaction
          .selectFrom('rooms')
          .selectAll()
          .where('room', '=', room)
          .where(isOthers)
          .executeTakeFirst();
        if (row === undefined) return undefined;
        const [end] = await endRows(transaction, [row], now, () => reason);
        return end;
      });
    },
    endOrphans(roomHashes, now) {
      const hashes = roomHashes.map((hash) => Buffer.from(hash, 'base64url'));
      return inTurn(db, turnsOfRooms(hashes), async (transaction) => {
        const rows = await transaction
          .selectFrom('rooms')
          .selectAll()
          .where('room', 'in', hashes)
          .where('run', '=', run)
          .execute();
        return endRows(transaction, rows, now, (row) => revocationOf(row) ?? 'lost');
      });
    },
    async findTombstone(roomId): Promise<Tombstone | undefined> {
      const row = await db.selectFrom('tombstones').selectAll().where('room', '=', hashOf(roomId)).executeTakeFirst();
      return row === undefined ? undefined : parsedTombstone(roomId, row);
    },
    async revoke(revocation, begunBefore, now) {
      const { platform, tenant, user, reason } = revocation;
      const at = whole(begunBefore ?? now);
      await db
        .insertInto('revocations')
        .values({ owner: hashOfOwner(platform, tenant, user), at })
        .onConflict((conflict) => conflict.column('owner').doUpdateSet({ at }).where('revocations.at', '<', at))
        .execute();
      await db
        .updateTable('rooms')
        .set({ revoked: reason })
        .where('revoked', 'is', null)
        .where((eb) => isOf(eb, revocation))
        .where((eb) => (begunBefore === null ? eb.lit(true) : eb('created_at', '<=', whole(begunBefore))))
        .execute();
    },
    async mayBeginAnother({ roomId, doctor: { platform, tenant, user }, createdAt }, { forbidden, unread }) {
      const room = hashOf(roomId);
      const owners = [hashOfOwner(platform, tenant, user), hashOfOwner(platform, tenant, null)];
      const revoked = await db
        .selectFrom('revocations')
        .select('at')
        .where('owner', 'in', owners)
        .where('at', '>=', whole(createdAt))
        .executeTakeFirst();
      if (revoked !== undefined) return false;
      const end = await db.selectFrom('tombstones').select('reason').where('room', '=', room).executeTakeFirst();
      if (end !== undefined) return !forbidden.has(parseStored(z.enum(END_REASONS), end.reason, 'A tombstone'));
      const live = await db
        .selectFrom('rooms')
        .select('read_by')
        .where('room', '=', room)
        .where('revoked', 'is', null)
        .executeTakeFirst();
      return live !== undefined && !(unread && live.read_by > 0);
    },
    async runsWithAbandoned(asOf) {
      const incarnation = await incarnationOf(db);
      const rows = await db
        .selectFrom('rooms')
        .select('run')
        .distinct()
        .where((eb) => isAbandoned(eb, asOf, incarnation))
        .execute();
      return rows.map((row) => row.run);
    },
    endAbandoned(runs, asOf, now) {
      return inTurn(db, turnsOfAllRooms(), async (transaction) => {
        const incarnation = await incarnationOf(transaction);
        const rows = await transaction
          .selectFrom('rooms')
          .selectAll()
          .where('run', 'in', runs)
          .where((eb) => isAbandoned(eb, asOf, incarnation))
          .execute();
        return endRows(
          transaction,
          rows,
          now,
          (row) => revocationOf(row) ?? (row.expires_at <= now ? 'expired' : 'lost'),
        );
      });
    },
    async runsWithRoomsOf(revocation) {
      const rows = await db
        .selectFrom('rooms')
        .select('run')
        .distinct()
        .where(isOthers)
        .where((eb) => isRevoked(eb, revocation))
        .execute();
      return rows.map((row) => row.run);
    },
    endRevoked(runs, revocation, now) {
      return inTurn(db, turnsOfAllRooms(), async (transaction) => {
        const rows = await transaction
          .selectFrom('rooms')
          .selectAll()
          .where('run', 'in', runs)
          .where(isOthers)
          .where((eb) => isRevoked(eb, revocation))
          .execute();
        return endRows(transaction, rows, now, () => revocation.reason);
      });
    },
    async renewLease({ time, boot }) {
      const lease = {
        lease_until: whole(time),
        boot: boot?.boot ?? null,
        boot_until: boot === null ? null : whole(boot.ms),
        incarnation: await incarnationOf(db),
      };
      await db
        .insertInto('server_runs')
        .values({ run, ...lease })
        .onConflict((conflict) => conflict.column('run').doUpdateSet(lease))
        .execute();
    },
    async findTicket(hash): Promise<FoundTicket | undefined> {
      const row = await db.selectFrom('tickets').selectAll().where('hash', '=', hash).executeTakeFirst();
      if (row === undefined) return undefined;
      return { ...parseStored(ticketSchema, row, 'A ticket'), isUsed: row.used_by !== null };
    },
    async redeemTicket(hash, page): Promise<RedeemedTicket | undefined> {
      const unused = await db
        .updateTable('tickets')
        .set({ used_by: page ?? NOBODY })
        .where('hash', '=', hash)
        .where('used_by', 'is', null)
        .returning(['box', 'until'])
        .executeTakeFirst();
      if (unused !== undefined) return { ...parseStored(ticketSchema, unused, 'A ticket'), usedBefore: 'by nobody' };
      const used = await db.selectFrom('tickets').selectAll().where('hash', '=', hash).executeTakeFirst();
      if (used === undefined) return undefined;
      const isSame = page !== null && used.used_by !== null && text(used.used_by) === text(page);
      const { box, until } = parseStored(ticketSchema, used, 'A ticket');
      return { box, until, usedBefore: isSame ? 'by this page' : 'by another' };
    },
    async releaseTicket(hash) {
      await db.updateTable('tickets').set({ used_by: null }).where('hash', '=', hash).execute();
    },
    async purge(now) {
      await db.deleteFrom('tombstones').where('keep_until', '<=', whole(now)).execute();
      await db
        .deleteFrom('revocations')
        .where('at', '<=', whole(now - OLD_REVOCATION_MS))
        .execute();
      await db
        .deleteFrom('tickets')
        .where('until', '<=', whole(now - DAY_MS))
        .execute();
      await db
        .deleteFrom('server_runs')
        .where('lease_until', '<=', whole(now - OLD_LEASE_MS))
        .where('run', 'not in', (eb) => eb.selectFrom('rooms').select('rooms.run'))
        .execute();
    },
  };

  /** How those of these rooms ended that are over, by the hashes of their ids. */
  async function endsOf(
    transaction: Database,
    tombstones: readonly Tables['tombstones'][],
  ): Promise<ReadonlyMap<string, Tables['tombstones']>> {
    const ends = new Map<string, Tables['tombstones']>();
    for (const batch of inBatches(transaction, tombstones)) {
      const rooms = batch.map(({ room }) => room);
      const rows = await transaction.selectFrom('tombstones').selectAll().where('room', 'in', rooms).execute();
      for (const row of rows) ends.set(text(row.room), row);
    }
    return ends;
  }

  /** Which of these rooms another run hosts. */
  async function hostedElsewhere(
    transaction: Database,
    tombstones: readonly Tables['tombstones'][],
  ): Promise<ReadonlySet<string>> {
    const elsewhere = new Set<string>();
    for (const batch of inBatches(transaction, tombstones)) {
      const rows = await transaction
        .selectFrom('rooms')
        .select('room')
        .where(
          'room',
          'in',
          batch.map(({ room }) => room),
        )
        .where(isOthers)
        .execute();
      for (const { room } of rows) elsewhere.add(text(room));
    }
    return elsewhere;
  }
}

/** A room that was begun before lives no longer: a day, and the time of its ticket. */
const OLD_REVOCATION_MS = 2 * DAY_MS;

/** Whoever reads the database knows of no doctor by it. */
function hashOfOwner(platform: string, tenant: string, user: string | null): Uint8Array {
  return createHash('sha256')
    .update(JSON.stringify([platform, tenant, user]))
    .digest();
}

/** In no page's hash. */
const NOBODY = new Uint8Array();

function rowOf(record: RoomRecord, run: string, epoch: number): Row {
  const { roomId, doctor, joinHash, phone, createdAt, openedAt, expiresAt, graceMs, readBy } = record;
  const { platform, tenant, user } = doctor;
  return {
    room: hashOf(roomId),
    tag: roomTag(roomId),
    run,
    epoch,
    grace_ms: whole(graceMs),
    platform,
    tenant,
    user,
    join_hash: joinHash,
    phone,
    created_at: whole(createdAt),
    opened_at: openedAt === null ? null : whole(openedAt),
    expires_at: whole(expiresAt),
    read_by: readBy,
    revoked: null,
  };
}

function rowOfTombstone({ roomId, joinHash, phone, reason, endedAt, keepUntil }: Tombstone): Tables['tombstones'] {
  return {
    room: hashOf(roomId),
    join_hash: joinHash,
    phone,
    reason,
    ended_at: whole(endedAt),
    keep_until: whole(keepUntil),
  };
}

function tombstoneOfRow(row: Row, reason: EndReason, endedAt: number, now: number): Tables['tombstones'] {
  const { room, join_hash, phone, expires_at } = row;
  const keepUntil = whole(Math.max(expires_at, now) + DAY_MS);
  return { room, join_hash, phone, reason, ended_at: whole(endedAt), keep_until: keepUntil };
}

function parsedTombstone(roomId: string, row: Tables['tombstones']): Tombstone {
  return { roomId, ...parseStored(tombstoneSchema, row, 'A tombstone') };
}

function isSameEnd(one: Tables['tombstones'], other: Tables['tombstones']): boolean {
  return one.reason === other.reason && one.ended_at === other.ended_at && one.keep_until === other.keep_until;
}

function absentEnd(row: Row, reason: EndReason, endedAt: number): AbsentEnd {
  const { doctor, createdAt, openedAt, readBy } = parseStored(roomSchema, row, 'A room');
  const roomHash = text(row.room);
  return { roomHash, tag: row.tag, doctor, createdAt, openedAt, readBy, reason, endedAt: whole(endedAt) };
}

async function hasTombstone(transaction: Database, room: Uint8Array): Promise<boolean> {
  const found = await transaction.selectFrom('tombstones').select('room').where('room', '=', room).executeTakeFirst();
  return found !== undefined;
}

/** Keeps tombstones, unless the room has one; the rooms go. Their tickets stay, to tell who shows one that the room is over. */
async function bury(transaction: Database, tombstones: readonly Tables['tombstones'][]): Promise<void> {
  for (const batch of inBatches(transaction, tombstones)) {
    await transaction
      .insertInto('tombstones')
      .values(batch)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const rooms = batch.map(({ room }) => room);
    await transaction.deleteFrom('rooms').where('room', 'in', rooms).execute();
  }
}

/** Whole milliseconds; a clock may tell fractions. */
function whole(ms: number): number {
  return Math.floor(ms);
}

function hashOf(roomId: string): Uint8Array {
  return Buffer.from(hashOfRoom(roomId), 'base64url');
}

function text(hash: Uint8Array): string {
  return Buffer.from(hash).toString('base64url');
}

/** Why a room has to end; null for one that may go on. */
function revocationOf({ revoked }: Pick<Row, 'revoked'>): EndReason | null {
  return parseStored(z.enum(END_REASONS).nullable(), revoked, 'A revocation');
}
