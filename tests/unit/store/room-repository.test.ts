import { beforeEach, describe, expect, it } from 'vitest';
import type { Moment } from '../../../src/rooms/room-repository.ts';
import type { Database } from '../../../src/store/database/migrations.ts';
import { migrate } from '../../../src/store/database/migrations.ts';
import { createRoomRepository, type StoredRooms } from '../../../src/store/room-repository.ts';
import { pass } from '../rooms/setup.ts';
import { storesOn, TEST_DATABASES } from './databases.ts';
import { DAY, dataKey } from './setup.ts';

const ROOM = 'R'.repeat(22);
const OTHER = 'O'.repeat(22);
const HASH = 'h'.repeat(43);
const NOW = 1_000_000;
const SECOND = 1_000;

const shared = { roomId: ROOM, joinHash: HASH, phone: '06 555 0100', openedAt: NOW, expiresAt: NOW + DAY };
/** Where the system does not tell one start of the machine from another. */
const at = (time: number): Moment => ({ time, boot: null });
/** On a machine that was started when its clock said 0. */
const on = (boot: string, ms: number, time = ms): Moment => ({ time, boot: { boot, ms } });
const tombstone = (keepUntil: number, roomId = ROOM) =>
  ({ roomId, joinHash: HASH, phone: null, reason: 'revoked', endedAt: 1_000, keepUntil }) as const;

describe.each(TEST_DATABASES)('rooms in $name', ({ open, traits }) => {
  let db: Database;
  let rooms: StoredRooms;
  /** As a server that starts at this time finds it. */
  const startedAt = (time: number): StoredRooms => createRoomRepository(db, at(time));

  beforeEach(async () => {
    db = await open();
    await migrate(db, traits);
    rooms = startedAt(NOW);
  });

  it('keep the first end of a room: a later one does not change how it ended', async () => {
    await rooms.saveTombstones([tombstone(DAY)]);
    await rooms.saveTombstones([{ ...tombstone(2 * DAY), reason: 'lost' }]);
    expect(await rooms.findTombstone(ROOM)).toEqual(tombstone(DAY));
    expect(await rooms.findTombstone(OTHER)).toBeUndefined();
  });

  it('may come back in the next run alone, while the lease holds, and once', async () => {
    expect(await rooms.saveShared(shared)).toBe(true);
    await rooms.renewLease(at(NOW + 30 * SECOND));
    expect(await rooms.findRecoverable(ROOM)).toBeUndefined();
    const next = startedAt(NOW + 30 * SECOND);
    expect(await next.findRecoverable(ROOM)).toEqual(shared);
    expect(await next.saveShared(shared)).toBe(true);
    expect(await next.findRecoverable(ROOM)).toBeUndefined();
    expect(await next.endUnrecovered(NOW + 60 * SECOND, 'all')).toBe(0);
  });

  it.each([
    ['when the lease was over at the start', 30 * SECOND + 1],
    ['when the lease is of a time to come', -30 * SECOND - 1],
  ])('do not come back %s', async (_why, later) => {
    await rooms.saveShared(shared);
    await rooms.renewLease(at(NOW + 30 * SECOND));
    const next = startedAt(NOW + later);
    expect(await next.findRecoverable(ROOM)).toBeUndefined();
    expect(await next.heldLease(rooms.run)).toBe(false);
    expect(await next.endUnrecovered(NOW + later, 'lapsed')).toBe(1);
    expect(await next.findTombstone(ROOM)).toMatchObject({ reason: 'lost', joinHash: HASH, phone: '06 555 0100' });
  });

  it.each([
    ['on the same machine, however its clock was set', on('a', 30, -9_999_999), true],
    ['not on the same machine when it is later, however its clock was set', on('a', 31, 0), false],
    ['after a start of the machine, as its clock says', on('b', 0, 30), true],
    ['not after a start of the machine when its clock says that it is later', on('b', 0, 31), false],
    ['not after a start of the machine whose clock was set back', on('b', 0, -60_000), false],
    ['where nobody can tell, as the clock says', { time: 30, boot: null }, true],
  ])('come back %s', async (_when, start, isHeld) => {
    const before = createRoomRepository(db, on('a', 0));
    await before.saveShared(shared);
    await before.renewLease(on('a', 30));
    const next = createRoomRepository(db, start);
    expect(await next.heldLease(before.run)).toBe(isHeld);
    expect((await next.findRecoverable(ROOM)) !== undefined).toBe(isHeld);
  });

  it('do not come back from a run that never had a lease', async () => {
    await rooms.saveShared(shared);
    const next = startedAt(NOW);
    expect(await next.findRecoverable(ROOM)).toBeUndefined();
    expect(await next.heldLease(rooms.run)).toBe(false);
  });

  it('of which nobody came for are over: lost, or expired', async () => {
    await rooms.saveShared(shared);
    await rooms.saveShared({ ...shared, roomId: OTHER, expiresAt: NOW + SECOND });
    await rooms.renewLease(at(NOW + 30 * SECOND));
    const next = startedAt(NOW);
    expect(await next.endUnrecovered(NOW, 'lapsed')).toBe(0);
    const end = NOW + 2 * SECOND;
    expect(await next.endUnrecovered(end, 'all')).toBe(2);
    expect(await next.findTombstone(ROOM)).toMatchObject({ reason: 'lost', endedAt: end, keepUntil: NOW + 2 * DAY });
    expect(await next.findTombstone(OTHER)).toMatchObject({ reason: 'expired', endedAt: NOW + SECOND });
    expect(await next.heldLease(rooms.run)).toBe(false);
  });

  it('are not shared any more once there is a tombstone, whichever was written first', async () => {
    await rooms.saveShared(shared);
    await rooms.saveTombstones([tombstone(DAY)]);
    expect(await rooms.saveShared(shared)).toBe(false);
    await rooms.renewLease(at(NOW + 30 * SECOND));
    expect(await startedAt(NOW).findRecoverable(ROOM)).toBeUndefined();
    expect(await startedAt(NOW).endUnrecovered(NOW, 'all')).toBe(0);
  });

  it('keep fractions of milliseconds out of the database', async () => {
    await rooms.saveShared({ ...shared, openedAt: NOW + 0.4, expiresAt: NOW + 0.9 });
    await rooms.renewLease(at(NOW + 0.5));
    expect(await startedAt(NOW).findRecoverable(ROOM)).toMatchObject({ openedAt: NOW, expiresAt: NOW });
  });
});

describe.each(TEST_DATABASES)('what the store keeps of a room in $name', (database) => {
  const storeIn = storesOn(database);

  it('is not its id, so that nobody who reads the file has the path of a link', async () => {
    const { store, place } = await storeIn();
    await store.rooms.saveShared(shared);
    expect(await place.bytes()).toContain(HASH);
    expect(await place.bytes()).not.toContain(ROOM);
    await store.rooms.saveTombstones([tombstone(DAY)]);
    expect(await store.rooms.findTombstone(ROOM)).toEqual(tombstone(DAY));
    expect(await place.bytes()).not.toContain(ROOM);
  });

  it('is all of the tombstones or none', async () => {
    const { store, place } = await storeIn();
    await place.meddle(database.refusing('INSERT', 'tombstones', 'new.keep_until = 7'));
    await expect(store.rooms.saveTombstones([tombstone(DAY), tombstone(7, OTHER)])).rejects.toThrow();
    expect(await store.rooms.findTombstone(ROOM)).toBeUndefined();
  });

  it('goes with the housekeeping, when its time is over', async () => {
    const { store, clock } = await storeIn();
    await store.rooms.saveTombstones([tombstone(clock.now() + DAY)]);
    await pass(clock, DAY - 1);
    expect(await store.rooms.findTombstone(ROOM)).toBeDefined();
    await pass(clock, DAY);
    await expect.poll(() => store.rooms.findTombstone(ROOM), { timeout: 10_000 }).toBeUndefined();
  });

  it('in a file that was put back from a backup brings nothing back', async () => {
    const { store, again, clock } = await storeIn();
    await store.rooms.saveShared({ ...shared, openedAt: clock.now(), expiresAt: clock.now() + DAY });
    await store.rooms.renewLease(at(clock.now() + 30 * SECOND));
    clock.advance(31 * SECOND);
    const restored = await again();
    expect(await restored.rooms.findRecoverable(ROOM)).toBeUndefined();
    expect(await restored.rooms.heldLease(store.rooms.run)).toBe(false);
  });
});

describe.each(TEST_DATABASES)("the owner tokens' key in $name", (database) => {
  const storeIn = storesOn(database);

  it('is the same after a start, and is nowhere in the folder in the clear where there are data keys', async () => {
    const { store, place, again } = await storeIn();
    const key = await store.serverKey('owner');
    expect(key).toHaveLength(32);
    expect(Buffer.from(await (await again()).serverKey('owner'))).toEqual(Buffer.from(key));
    for (const form of ['latin1', 'base64', 'hex'] as const) {
      expect(await place.bytes()).not.toContain(Buffer.from(key).toString(form));
    }
  });

  it('is another one when the database is gone', async () => {
    const { store, place } = await storeIn();
    const key = await store.serverKey('owner');
    await store.close();
    await place.wipe();
    const { store: fresh } = await storeIn({ place });
    expect(Buffer.from(await fresh.serverKey('owner'))).not.toEqual(Buffer.from(key));
  });

  it('stays when data keys are set for the first time, and when they are changed', async () => {
    const { store, place } = await storeIn({ keys: [] });
    const key = Buffer.from(await store.serverKey('owner'));
    const [old, fresh] = [dataKey('old'), dataKey('new')];
    for (const keys of [[old], [fresh, old], [fresh]]) {
      const { store: next } = await storeIn({ place, keys });
      expect(Buffer.from(await next.serverKey('owner'))).toEqual(key);
    }
  });

  it.each([
    ['its data key is gone', [dataKey('other')]],
    ['there are no data keys any more', []],
  ])('is a new one when %s, and the log says so', async (_why, keys) => {
    const { store, place } = await storeIn({ keys: [dataKey('k1')] });
    const key = await store.serverKey('owner');
    const next = await storeIn({ place, keys });
    expect(Buffer.from(await next.store.serverKey('owner'))).not.toEqual(Buffer.from(key));
    expect(next.log.join('')).toContain('server-key-replaced');
  });
});
