import { type Kysely, sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { hashOfRoom } from '../../../src/rooms/room.ts';
import type { Database } from '../../../src/store/database/migrations.ts';
import { migrate, migrationsFor } from '../../../src/store/database/migrations.ts';
import { createRoomRepository } from '../../../src/store/room-repository.ts';
import { TEST_DATABASES } from './databases.ts';
import { storeErrorOf } from './setup.ts';

describe.each(TEST_DATABASES)('migrations in $name', ({ open, traits }) => {
  const step = (statement: string) => ({
    up: (db: Kysely<never>) =>
      sql
        .raw(statement)
        .execute(db)
        .then(() => undefined),
  });
  const steps = {
    '0001': step('CREATE TABLE a (x TEXT)'),
    '0002': step("INSERT INTO a VALUES ('kept')"),
    '0003': step('ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 7'),
  };
  const { '0001': first, '0002': second } = steps;
  const rowsIn = async (db: Database) => (await sql`SELECT * FROM a`.execute(db)).rows;

  it('run once each, from the version that is there', async () => {
    const db = await open();
    await migrate(db, traits, { '0001': first, '0002': second });
    expect(await rowsIn(db)).toEqual([{ x: 'kept' }]);
    await migrate(db, traits, steps);
    await migrate(db, traits, steps);
    expect(await rowsIn(db)).toEqual([{ x: 'kept', y: 7 }]);
  });

  it('that fail leave the version before, so that the next start tries again', async () => {
    const db = await open();
    await migrate(db, traits, { '0001': first });
    await expect(migrate(db, traits, { '0001': first, '0002': second, '0003': step('nonsense') })).rejects.toThrow();
    expect(await rowsIn(db)).toEqual([]);
    await migrate(db, traits, steps);
    expect(await rowsIn(db)).toEqual([{ x: 'kept', y: 7 }]);
  });

  it('keep the rooms that are open when rooms get rows of their own, for as long as their lease goes on', async () => {
    const db = await open();
    const { '0001': before } = migrationsFor(traits);
    if (before === undefined) throw new Error('there is no first migration');
    await migrate(db, traits, { '0001': before });
    const [brought, left] = ['B'.repeat(22), 'L'.repeat(22)];
    for (const roomId of [brought, left]) {
      const room = Buffer.from(hashOfRoom(roomId), 'base64url');
      await sql`INSERT INTO shared_rooms (room, run, join_hash, phone, opened_at, expires_at)
        VALUES (${room}, 'earlier', 'h', '112', 5, 9000000)`.execute(db);
    }
    await sql`INSERT INTO server_runs (run, lease_until) VALUES ('earlier', 40000)`.execute(db);
    await migrate(db, traits);
    const rooms = createRoomRepository(db);
    const now = { time: 40_000, boot: null };
    const claimed = await rooms.claim(brought, now, now.time);
    const record = { roomId: brought, joinHash: 'h', phone: '112', openedAt: 5, expiresAt: 9_000_000, readBy: 0 };
    expect(claimed).toMatchObject({ record, epoch: 2 });
    const later = { time: 100_000, boot: null };
    const ends = await rooms.endAbandoned(['earlier'], later, later.time);
    expect(ends).toMatchObject([{ roomHash: hashOfRoom(left), reason: 'lost' }]);
    // The audit takes it.
    const { tag } = ends[0] ?? { tag: '' };
    expect(tag).toMatch(/^[A-Za-z0-9_-]{1,8}$/);
  });

  it('of a newer GLIR are refused, and leave the database as it is', async () => {
    const db = await open();
    await migrate(db, traits, steps);
    const error = await storeErrorOf(() => migrate(db, traits, { '0001': first }));
    expect(error.code).toBe('newer-schema');
    expect(error.message).toContain('"0002"');
    expect(await rowsIn(db)).toEqual([{ x: 'kept', y: 7 }]);
  });
});
