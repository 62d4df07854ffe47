import { beforeEach, describe, expect, it } from 'vitest';
import { hashOfRoom, roomTag } from '../../../src/rooms/room.ts';
import type { Moment, RoomRecord, RoomRepository, StoredTicket } from '../../../src/rooms/room-repository.ts';
import type { Database } from '../../../src/store/database/migrations.ts';
import { migrate } from '../../../src/store/database/migrations.ts';
import { createRoomRepository, type StoredRooms } from '../../../src/store/room-repository.ts';
import { disk, pass, practice } from '../rooms/setup.ts';
import { storesOn, TEST_DATABASES } from './databases.ts';
import { DAY, dataKey, ROSSI, WEBER } from './setup.ts';

const ROOM = 'R'.repeat(22);
const OTHER = 'O'.repeat(22);
const HASH = 'h'.repeat(43);
const NOW = 1_000_000;
const SECOND = 1_000;
const GRACE = 120 * SECOND;

const draft: RoomRecord = {
  roomId: ROOM,
  doctor: ROSSI,
  joinHash: null,
  phone: '06 555 0100',
  createdAt: NOW,
  openedAt: null,
  expiresAt: NOW + DAY,
  graceMs: GRACE,
  readBy: 0,
};
const shared: RoomRecord = { ...draft, joinHash: HASH, openedAt: NOW };
/** Where the system does not tell one start of the machine from another. */
const at = (time: number): Moment => ({ time, boot: null });
/** On a machine that was started when its clock said 0. */
const on = (boot: string, ms: number, time = ms): Moment => ({ time, boot: { boot, ms } });
const tombstone = (keepUntil: number, roomId = ROOM) =>
  ({ roomId, joinHash: HASH, phone: null, reason: 'revoked', endedAt: 1_000, keepUntil }) as const;
const wanted = (keepUntil: number, roomId = ROOM) => ({ tombstone: tombstone(keepUntil, roomId), wanted: true });
const fenced = (keepUntil: number, roomId = ROOM) => ({
  tombstone: { ...tombstone(keepUntil, roomId), reason: 'lost' as const },
  wanted: false,
});
const ticketOf = ({ roomId }: RoomRecord): StoredTicket => ({
  hash: Buffer.from(hashOfRoom(`ticket of ${roomId}`), 'base64url'),
  box: Buffer.from(`box of ${roomId.length}`),
  until: NOW + 600 * SECOND,
});
const page = (name: string): Uint8Array => Buffer.from(hashOfRoom(name), 'base64url');

/** Begins a draft and shares it. */
async function share(rooms: RoomRepository, record: RoomRecord = shared): Promise<void> {
  await rooms.add({ ...record, joinHash: null, openedAt: null }, ticketOf(record));
  expect(await rooms.save(record, 1)).toBe(true);
}

describe.each(TEST_DATABASES)('rooms in $name', ({ open, traits }) => {
  let db: Database;
  let rooms: StoredRooms;
  /** Another run. */
  let next: StoredRooms;

  beforeEach(async () => {
    db = await open();
    await migrate(db, traits);
    rooms = createRoomRepository(db);
    next = createRoomRepository(db);
  });

  it('keep the first end of a room, and say so to whoever comes with another one', async () => {
    expect(await rooms.saveTombstones([wanted(DAY)])).toEqual(new Map());
    const later = [{ tombstone: { ...tombstone(2 * DAY), reason: 'locked' as const }, wanted: true }, wanted(7, OTHER)];
    expect(await rooms.saveTombstones(later)).toEqual(new Map([[ROOM, tombstone(DAY)]]));
    expect(await rooms.findTombstone(ROOM)).toEqual(tombstone(DAY));
    expect(await rooms.findTombstone(OTHER)).toEqual(tombstone(7, OTHER));
    // Its writer did not hear that it was kept.
    expect(await rooms.saveTombstones([wanted(DAY)])).toEqual(new Map());
  });

  it('may be claimed by another run while the lease of their host and their grace are not over', async () => {
    await share(rooms);
    await rooms.renewLease(at(NOW + 15 * SECOND));
    const end = NOW + 15 * SECOND + GRACE;
    expect(await next.findClaimable(ROOM, at(end))).toEqual(shared);
    expect(await next.findClaimable(ROOM, at(end + 1))).toBeUndefined();
    expect(await next.claim(ROOM, at(end + 1), end + 1)).toBe('unknown');
    expect(await next.claim(ROOM, at(end), end)).toEqual({ record: shared, epoch: 2 });
    expect(await rooms.claim(OTHER, at(end), end)).toBe('unknown');
  });

  it('are written by their host alone, in its epoch', async () => {
    await share(rooms);
    await rooms.renewLease(at(NOW));
    await next.renewLease(at(NOW));
    const changed = { ...shared, expiresAt: NOW + 1, readBy: 3, graceMs: 1 };
    expect(await rooms.save(changed, 2)).toBe(false);
    expect(await next.save(changed, 1)).toBe(false);
    await next.claim(ROOM, at(NOW), NOW);
    expect(await rooms.save(changed, 1)).toBe(false);
    expect(await rooms.save(changed, 2)).toBe(false);
    expect(await rooms.findClaimable(ROOM, at(NOW))).toEqual(shared);
    expect(await next.save(changed, 2)).toBe(true);
    expect(await next.findClaimable(ROOM, at(NOW))).toEqual(changed);
    expect(await rooms.hosted()).toEqual(new Map());
    expect(await next.hosted()).toEqual(new Map([[hashOfRoom(ROOM), { epoch: 2, revoked: null }]]));
  });

  it('are claimed by one run after the other when both want them, with an epoch for each', async () => {
    await share(rooms);
    await rooms.renewLease(at(NOW));
    await next.renewLease(at(NOW));
    const claimed = await Promise.all([rooms, next, rooms, next].map((run) => run.claim(ROOM, at(NOW), NOW)));
    expect(claimed.map((one) => (typeof one === 'object' && 'epoch' in one ? one.epoch : one)).toSorted()).toEqual([
      2, 3, 4, 5,
    ]);
    const [here, there] = [await rooms.hosted(), await next.hosted()];
    expect([...here.values(), ...there.values()]).toEqual([{ epoch: 5, revoked: null }]);
  });

  it('are their own run’s also when its lease is over', async () => {
    await share(rooms);
    expect(await rooms.claim(ROOM, at(NOW + DAY), NOW + DAY)).toEqual({ record: shared, epoch: 2 });
  });

  it.each([
    ['on the same machine, however its clock was set', on('a', 30 + GRACE, -9_999_999), true],
    ['not on the same machine when it is later, however its clock was set', on('a', 31 + GRACE, 0), false],
    ['after a start of the machine, as its clock says', on('b', 0, 30 + GRACE), true],
    ['not after a start of the machine when its clock says that it is later', on('b', 0, 31 + GRACE), false],
    ['not after a start of the machine whose clock was set back', on('b', 0, -4 * GRACE), false],
    ['where nobody can tell, as the clock says', { time: 30 + GRACE, boot: null }, true],
    ['not where nobody can tell and the clock was set back', { time: -4 * GRACE, boot: null }, false],
  ])('come back %s', async (_when, start, isHeld) => {
    await share(rooms);
    await rooms.renewLease(on('a', 30));
    expect((await next.findClaimable(ROOM, start)) !== undefined).toBe(isHeld);
    const claimed = await next.claim(ROOM, start, start.time);
    expect(claimed).toEqual(isHeld ? { record: shared, epoch: 2 } : 'unknown');
  });

  it('do not come back from a run that never had a lease', async () => {
    await share(rooms);
    expect(await next.findClaimable(ROOM, at(NOW))).toBeUndefined();
    expect(await next.claim(ROOM, at(NOW), NOW)).toBe('unknown');
    expect(await next.runsWithAbandoned(at(NOW))).toEqual([rooms.run]);
  });

  it('that nobody brought back are ended: lost, or expired, drafts too', async () => {
    await share(rooms);
    await share(rooms, { ...shared, roomId: OTHER, expiresAt: NOW + 1, readBy: 2 });
    const third = { ...draft, roomId: 'D'.repeat(22), doctor: WEBER };
    await rooms.add(third, ticketOf(third));
    await rooms.renewLease(at(NOW));
    const over = NOW + GRACE + 1;
    expect(await next.runsWithAbandoned(at(NOW + 60 * SECOND))).toEqual([]);
    expect(await rooms.runsWithAbandoned(at(over))).toEqual([]);
    expect(await next.runsWithAbandoned(at(over))).toEqual([rooms.run]);
    expect(await next.endAbandoned(['another run'], at(over), over)).toEqual([]);
    const ends = await next.endAbandoned([rooms.run], at(over), over);
    const told = { createdAt: NOW, endedAt: over, reason: 'lost', readBy: 0 };
    expect(ends.toSorted((a, b) => (a.tag < b.tag ? -1 : 1))).toEqual([
      { ...told, roomHash: hashOfRoom(third.roomId), tag: roomTag(third.roomId), doctor: WEBER, openedAt: null },
      {
        ...told,
        roomHash: hashOfRoom(OTHER),
        tag: roomTag(OTHER),
        doctor: ROSSI,
        openedAt: NOW,
        reason: 'expired',
        endedAt: NOW + 1,
        readBy: 2,
      },
      { ...told, roomHash: hashOfRoom(ROOM), tag: roomTag(ROOM), doctor: ROSSI, openedAt: NOW },
    ]);
    const kept = { joinHash: HASH, phone: '06 555 0100' };
    expect(await next.findTombstone(ROOM)).toMatchObject({ ...kept, reason: 'lost', keepUntil: NOW + 2 * DAY });
    expect(await next.findTombstone(OTHER)).toMatchObject({ ...kept, reason: 'expired', endedAt: NOW + 1 });
    expect(await next.endAbandoned([rooms.run], at(over), over)).toEqual([]);
    expect(await next.claim(ROOM, at(NOW), NOW)).toBe('ended');
  });

  it('that are overdue by more than a minute have no host, whatever its lease says', async () => {
    await share(rooms, { ...shared, expiresAt: NOW });
    await rooms.renewLease(at(NOW + 61 * SECOND));
    expect(await next.runsWithAbandoned(at(NOW + 60 * SECOND))).toEqual([]);
    expect(await next.runsWithAbandoned(at(NOW + 60 * SECOND + 1))).toEqual([rooms.run]);
  });

  it('are not saved any more once there is a tombstone', async () => {
    await share(rooms);
    await rooms.renewLease(at(NOW));
    await rooms.saveTombstones([fenced(DAY)]);
    expect(await rooms.save(shared, 1)).toBe(false);
    expect(await rooms.claim(ROOM, at(NOW), NOW)).toBe('ended');
    expect(await next.findClaimable(ROOM, at(NOW))).toBeUndefined();
    expect(await next.endAbsent(ROOM, 'revoked', NOW)).toBeUndefined();
  });

  it('keep no tombstone of a former host, except where the doctor wanted the end', async () => {
    await share(rooms);
    await share(rooms, { ...shared, roomId: OTHER });
    await rooms.renewLease(at(NOW));
    for (const roomId of [ROOM, OTHER]) await next.claim(roomId, at(NOW), NOW);
    const own = 'x'.repeat(22);
    await share(rooms, { ...shared, roomId: own });
    expect(await rooms.saveTombstones([fenced(DAY), wanted(DAY, OTHER), fenced(DAY, own)])).toEqual(
      new Map([[ROOM, 'moved']]),
    );
    expect(await next.findTombstone(ROOM)).toBeUndefined();
    expect((await next.findTombstone(OTHER))?.reason).toBe('revoked');
    expect((await next.findTombstone(own))?.reason).toBe('lost');
    expect([...(await next.hosted()).keys()]).toEqual([hashOfRoom(ROOM)]);
  });

  it('are ended for another run, once, and not for one’s own', async () => {
    await share(rooms, { ...shared, readBy: 1 });
    expect(await rooms.endAbsent(ROOM, 'revoked', NOW + 5)).toBeUndefined();
    expect(await next.endAbsent(ROOM, 'revoked', NOW + 5)).toEqual({
      roomHash: hashOfRoom(ROOM),
      tag: roomTag(ROOM),
      doctor: ROSSI,
      createdAt: NOW,
      openedAt: NOW,
      readBy: 1,
      reason: 'revoked',
      endedAt: NOW + 5,
    });
    expect(await next.endAbsent(ROOM, 'revoked', NOW + 6)).toBeUndefined();
    expect(await rooms.saveTombstones([fenced(DAY)])).toMatchObject(new Map([[ROOM, { reason: 'revoked' }]]));
  });

  describe('of a doctor who revoked all', () => {
    const revocation = {
      platform: ROSSI.platform,
      tenant: ROSSI.tenant,
      user: ROSSI.user,
      reason: 'revoked',
    } as const;

    it('are refused to whoever claims them, which ends them', async () => {
      await share(rooms);
      await share(rooms, { ...shared, roomId: OTHER, doctor: WEBER });
      await rooms.renewLease(at(NOW));
      await next.revoke(revocation, null, NOW);
      expect(await next.findClaimable(ROOM, at(NOW))).toBeUndefined();
      expect(await next.claim(ROOM, at(NOW), NOW + 5)).toMatchObject({ reason: 'revoked', endedAt: NOW + 5 });
      expect(await next.claim(ROOM, at(NOW), NOW + 5)).toBe('ended');
      expect(await next.claim(OTHER, at(NOW), NOW + 5)).toMatchObject({ epoch: 2 });
    });

    it('are ended where their run is gone, those of all doctors when the tenant is', async () => {
      await share(rooms);
      await share(rooms, { ...shared, roomId: OTHER, doctor: WEBER });
      const elsewhere = { ...shared, roomId: 'x'.repeat(22), doctor: { ...ROSSI, tenant: 'T-ELSEWHERE' } };
      await share(rooms, elsewhere);
      expect(await next.runsWithRoomsOf(revocation)).toEqual([]);
      await next.revoke(revocation, null, NOW);
      expect(await rooms.runsWithRoomsOf(revocation)).toEqual([]);
      expect(await next.runsWithRoomsOf(revocation)).toEqual([rooms.run]);
      expect(await next.runsWithRoomsOf({ ...revocation, platform: 'teams' })).toEqual([]);
      expect(await next.endRevoked([rooms.run], revocation, NOW + 5)).toMatchObject([
        { tag: roomTag(ROOM), reason: 'revoked', endedAt: NOW + 5 },
      ]);
      const all = { ...revocation, user: null, reason: 'stopped' } as const;
      await next.revoke(all, null, NOW);
      expect(await next.endRevoked([rooms.run], all, NOW)).toMatchObject([{ tag: roomTag(OTHER), reason: 'stopped' }]);
      expect((await rooms.hosted()).size).toBe(1);
    });

    it('stay revoked when their host saves them before it has heard', async () => {
      await share(rooms);
      await rooms.renewLease(at(NOW));
      await next.revoke(revocation, null, NOW);
      expect(await rooms.save({ ...shared, readBy: 1 }, 1)).toBe(true);
      expect([...(await rooms.hosted()).values()]).toEqual([{ epoch: 1, revoked: 'revoked' }]);
      expect(await next.claim(ROOM, at(NOW), NOW)).toMatchObject({ reason: 'revoked', readBy: 1 });
    });

    it('are those alone that were begun before, when it is kept late', async () => {
      await share(rooms, { ...shared, createdAt: NOW + 1 });
      await rooms.renewLease(at(NOW));
      await next.revoke({ ...revocation, user: WEBER.user }, null, NOW);
      await next.revoke({ ...revocation, tenant: 'T-ELSEWHERE' }, null, NOW);
      await next.revoke({ ...revocation, user: null }, NOW, NOW);
      expect(await next.findClaimable(ROOM, at(NOW))).toBeDefined();
      await next.revoke({ ...revocation, user: null }, NOW + 1, NOW);
      expect(await next.findClaimable(ROOM, at(NOW))).toBeUndefined();
    });

    it('are all that there are, for the first reason, and their host is told; later ones are others', async () => {
      await share(rooms, { ...shared, createdAt: NOW + 50 });
      await rooms.renewLease(at(NOW));
      await next.revoke(revocation, null, NOW);
      await rooms.revoke({ ...revocation, user: null, reason: 'stopped' }, null, NOW);
      expect([...(await rooms.hosted()).values()]).toEqual([{ epoch: 1, revoked: 'revoked' }]);
      await share(rooms, { ...shared, roomId: OTHER });
      expect(await next.claim(ROOM, at(NOW), NOW)).toMatchObject({ reason: 'revoked' });
      expect(await next.claim(OTHER, at(NOW), NOW)).toMatchObject({ epoch: 2 });
    });

    it('are not found by anybody afterwards: nothing of the doctor stays', async () => {
      await share(rooms);
      await next.revoke(revocation, null, NOW);
      await next.endRevoked([rooms.run], revocation, NOW);
      expect(await db.selectFrom('rooms').selectAll().execute()).toEqual([]);
    });
  });

  describe('have tickets that', () => {
    const { hash, box, until } = ticketOf(draft);
    const plain = (ticket: { box: Uint8Array } | undefined) => ticket && { ...ticket, box: Buffer.from(ticket.box) };

    it('are good for one page at all runs, which may show them again', async () => {
      await rooms.add(draft, ticketOf(draft));
      const said = { box: Buffer.from(box), until };
      expect(plain(await next.redeemTicket(hash, page('one')))).toEqual({ ...said, usedBefore: 'by nobody' });
      expect(plain(await rooms.redeemTicket(hash, page('one')))).toEqual({ ...said, usedBefore: 'by this page' });
      expect(plain(await rooms.redeemTicket(hash, page('other')))).toEqual({ ...said, usedBefore: 'by another' });
      expect(plain(await rooms.redeemTicket(hash, null))).toEqual({ ...said, usedBefore: 'by another' });
      await rooms.releaseTicket(hash);
      expect((await next.redeemTicket(hash, null))?.usedBefore).toBe('by nobody');
      for (const again of [null, page('one')]) {
        expect((await next.redeemTicket(hash, again))?.usedBefore).toBe('by another');
      }
      expect(await next.redeemTicket(page('never'), null)).toBeUndefined();
    });

    it('are as good as before when somebody only looked at them', async () => {
      await rooms.add(draft, ticketOf(draft));
      const said = { box: Buffer.from(box), until };
      for (const run of [rooms, next, rooms])
        expect(plain(await run.findTicket(hash))).toEqual({ ...said, isUsed: false });
      expect((await next.redeemTicket(hash, page('one')))?.usedBefore).toBe('by nobody');
      expect(plain(await rooms.findTicket(hash))).toEqual({ ...said, isUsed: true });
      expect(await rooms.findTicket(page('never'))).toBeUndefined();
    });

    it('do not begin another note beside one that is live and was read', async () => {
      await rooms.add(draft, ticketOf(draft));
      const may = (unread: boolean) => next.mayBeginAnother(draft, { forbidden: new Set(['stopped']), unread });
      expect([await may(true), await may(false)]).toEqual([true, true]);
      await rooms.save({ ...draft, readBy: 1 }, 1);
      expect([await may(true), await may(false)]).toEqual([false, true]);
    });

    it('are used up once, however many show them in one moment', async () => {
      await rooms.add(draft, ticketOf(draft));
      const pages = [null, null, ...['a', 'b', 'c', 'd'].map(page)];
      const all = await Promise.all(
        pages.map((who, index) => (index % 2 === 0 ? rooms : next).redeemTicket(hash, who)),
      );
      expect(all.filter((one) => one?.usedBefore === 'by nobody')).toHaveLength(1);
      expect(all.filter((one) => one?.usedBefore === 'by another')).toHaveLength(5);
    });

    it('are there together with their rooms, or neither is', async () => {
      await rooms.add(draft, ticketOf(draft));
      const other = { ...draft, roomId: OTHER };
      await expect(rooms.add(other, ticketOf(draft))).rejects.toThrow();
      expect([...(await rooms.hosted()).keys()]).toEqual([hashOfRoom(ROOM)]);
    });
  });

  it('keep fractions of milliseconds out of the database', async () => {
    const odd = { createdAt: NOW + 0.1, openedAt: NOW + 0.4, expiresAt: NOW + 0.9, graceMs: GRACE + 0.5 };
    await share(rooms, { ...shared, ...odd });
    await rooms.renewLease(at(NOW + 0.5));
    expect(await next.findClaimable(ROOM, at(NOW + 0.3))).toEqual({ ...shared, expiresAt: NOW });
    await next.revoke({ ...ROSSI, platform: 'slack', reason: 'revoked' }, NOW + 0.5, NOW);
    expect(await next.claim(ROOM, at(NOW + 0.7), NOW + 2.5)).toMatchObject({ endedAt: NOW + 2 });
  });

  it('are purged of what is over: tombstones, tickets and leases of runs without rooms', async () => {
    await share(rooms);
    await rooms.renewLease(at(NOW));
    await next.renewLease(at(NOW));
    await next.saveTombstones([wanted(NOW + DAY, OTHER)]);
    const counts = async () => {
      const tables = ['rooms', 'tickets', 'tombstones', 'server_runs'] as const;
      const all = await Promise.all(tables.map((table) => db.selectFrom(table).selectAll().execute()));
      return Object.fromEntries(tables.map((table, index) => [table, all[index]?.length]));
    };
    const before = { rooms: 1, tickets: 1, tombstones: 1, server_runs: 2 };
    await rooms.purge(NOW + DAY - 1);
    expect(await counts()).toEqual(before);
    await rooms.purge(NOW + DAY + 600 * SECOND);
    expect(await counts()).toEqual({ ...before, tombstones: 0, tickets: 0 });
    await rooms.purge(NOW + 2 * DAY);
    expect(await counts()).toEqual({ rooms: 1, tickets: 0, tombstones: 0, server_runs: 1 });
  });
});

describe.each(TEST_DATABASES)('what the store keeps of a room in $name', (database) => {
  const storeIn = storesOn(database);

  it('is not its id, so that nobody who reads the file has the path of a link', async () => {
    const { store, place } = await storeIn();
    await share(store.rooms);
    expect(await place.bytes()).toContain(HASH);
    expect(await place.bytes()).not.toContain(ROOM);
    await store.rooms.saveTombstones([wanted(DAY)]);
    expect(await store.rooms.findTombstone(ROOM)).toEqual(tombstone(DAY));
    expect(await place.bytes()).not.toContain(ROOM);
  });

  it('is neither what opens its draft nor its doctor’s name', async () => {
    const { store, place, clock } = await storeIn();
    const { rooms } = await practice({
      kept: { ...(await disk()), repository: () => ({ ...store.rooms, purge: () => Promise.resolve() }) },
      time: clock,
    });
    const doctor = { ...ROSSI, displayName: 'Dr Anna Rossi' };
    const { room, ticket } = await rooms.draft(doctor, {}, {}, null);
    const { ownerToken } = await rooms.redeem(ticket, () => false, 'word-of-the-page');
    const kept = await place.bytes();
    expect(kept).toContain(roomTag(room.id));
    for (const secret of [room.id, ticket, ownerToken, 'Dr Anna Rossi', 'word-of-the-page']) {
      expect(kept).not.toContain(secret);
      expect(kept).not.toContain(Buffer.from(secret).toString('base64url'));
    }
  });

  it('is all of the tombstones or none', async () => {
    const { store, place } = await storeIn();
    await place.meddle(database.refusing('INSERT', 'tombstones', 'new.keep_until = 7'));
    await expect(store.rooms.saveTombstones([wanted(DAY), wanted(7, OTHER)])).rejects.toThrow();
    expect(await store.rooms.findTombstone(ROOM)).toBeUndefined();
  });

  it('goes with the housekeeping, when its time is over', async () => {
    const { store, clock } = await storeIn();
    await store.rooms.saveTombstones([wanted(clock.now() + DAY)]);
    await pass(clock, DAY - 1);
    expect(await store.rooms.findTombstone(ROOM)).toBeDefined();
    await pass(clock, DAY);
    await expect.poll(() => store.rooms.findTombstone(ROOM), { timeout: 10_000 }).toBeUndefined();
  });

  it('in a file that was put back from an older backup brings nothing back', async () => {
    const { store, again, clock } = await storeIn();
    const now = clock.now();
    await share(store.rooms, { ...shared, createdAt: now, openedAt: now, expiresAt: now + DAY });
    await store.rooms.renewLease(at(now + 15 * SECOND));
    clock.advance(15 * SECOND + GRACE + 1);
    const restored = await again();
    expect(await restored.rooms.findClaimable(ROOM, at(clock.now()))).toBeUndefined();
    expect(await restored.rooms.claim(ROOM, at(clock.now()), clock.now())).toBe('unknown');
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
  ])(
    'is a new one when %s, which the log says; in PostgreSQL others use it, and nothing begins',
    async (_why, keys) => {
      const { store, place } = await storeIn({ keys: [dataKey('k1')] });
      const key = await store.serverKey('owner');
      const next = await storeIn({ place, keys });
      if (database.name === 'PostgreSQL') {
        await expect(next.store.serverKey('owner')).rejects.toThrow(/cannot be read\. .* Set the same GLIR_DATA_KEYS/);
        return expect(Buffer.from(await store.serverKey('owner'))).toEqual(Buffer.from(key));
      }
      expect(Buffer.from(await next.store.serverKey('owner'))).not.toEqual(Buffer.from(key));
      expect(next.log.join('')).toContain('server-key-replaced');
    },
  );
});
