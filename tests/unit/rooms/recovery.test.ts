import { describe, expect, it } from 'vitest';
import { END_REASONS } from '../../../src/protocol/constants.ts';
import { roomTag } from '../../../src/rooms/room.ts';
import { HOUR, JOIN_HASH, MINUTE, moreTime, POLICY, pass, practice, ROSSI, refusalOf, settled } from './setup.ts';

const SECOND = 1_000;

describe('after a restart of the server, a note', () => {
  it('that was open comes back under the same link, as it was', async () => {
    const before = await practice();
    const { room, ticket } = await before.rooms.draft(
      ROSSI,
      {},
      { expiryMaxSeconds: 7_200, maxReaders: 2 },
      '06 555 0100',
    );
    await before.rooms.redeem(ticket, () => false);
    const policy = { ...POLICY, admission: 'pin', maxReaders: 2 } as const;
    const { room: was, ownerToken } = await before.rooms.open(room.id, JOIN_HASH, policy);
    await pass(before.clock, 5 * MINUTE);
    const after = await before.restarted();
    expect(after.rooms.find(room.id)).toBeUndefined();
    const back = (await after.rooms.resume(ownerToken)).room;
    expect(back).toEqual({ ...was, state: 'interrupted' });
    expect(after.rooms.leftMs(back)).toBe(25 * MINUTE);
    after.rooms.composerBack(room.id);
    expect(after.rooms.find(room.id)?.state).toBe('open');
    expect(after.emitted()).toEqual(['recovered', 'resumed']);
    expect(after.rooms.of(ROSSI)).toEqual([{ ...back, state: 'open' }]);
  });

  it('that was being written comes back and can be shared', async () => {
    const before = await practice();
    const { roomId, ownerToken } = await before.composed();
    const { rooms, clock } = await before.restarted();
    expect((await rooms.resume(ownerToken)).room).toMatchObject({ state: 'draft', openedAt: null });
    rooms.composerBack(roomId);
    await rooms.open(roomId, JOIN_HASH, POLICY);
    expect(rooms.find(roomId)).toMatchObject({ state: 'open', openedAt: clock.now() });
  });

  it('comes back after each of several restarts, with the token it was given last', async () => {
    let server = await practice();
    let { roomId, ownerToken } = await server.open();
    for (const left of [29, 28, 27]) {
      await pass(server.clock, MINUTE);
      server = await server.restarted();
      ownerToken = (await server.rooms.resume(ownerToken)).ownerToken;
      server.rooms.composerBack(roomId);
      expect(server.rooms.leftMs({ id: roomId })).toBe(left * MINUTE);
    }
  });

  it.each(END_REASONS)('that had ended (%s) does not come back, and says how it ended', async (reason) => {
    const before = await practice();
    const { roomId, ownerToken } = await before.open();
    await before.rooms.end(roomId, reason);
    const first = await before.restarted();
    expect(await refusalOf(() => first.rooms.resume(ownerToken))).toBe('ended-room');
    const second = await first.restarted();
    expect(await refusalOf(() => second.rooms.resume(ownerToken))).toBe('ended-room');
    expect(await second.rooms.findTombstone(roomId)).toMatchObject({ reason, joinHash: JOIN_HASH });
    expect(second.emitted()).toEqual([]);
  });

  it('that nobody brings back within its lease and its grace is lost for good', async () => {
    const before = await practice();
    const { roomId, ownerToken } = await before.open();
    const draft = await before.composed();
    const { rooms, clock, absentEnds } = await before.restarted();
    await pass(clock, 15 * MINUTE);
    expect(await rooms.findTombstone(roomId)).toBeUndefined();
    await pass(clock, MINUTE);
    expect(await rooms.findTombstone(roomId)).toMatchObject({ reason: 'lost', joinHash: JOIN_HASH });
    for (const token of [ownerToken, draft.ownerToken]) {
      expect(await refusalOf(() => rooms.resume(token))).toBe('ended-room');
    }
    expect(absentEnds.map(({ reason }) => reason)).toEqual(['lost', 'lost']);
  });

  it('that came back stays when the time of the others is over', async () => {
    const before = await practice();
    const { roomId, ownerToken } = await before.open();
    const { rooms, clock } = await before.restarted();
    await rooms.resume(ownerToken);
    rooms.composerBack(roomId);
    await pass(clock, 29 * MINUTE);
    expect(rooms.find(roomId)?.state).toBe('open');
  });

  it('whose composer came back and could not be seated is lost after its grace', async () => {
    const before = await practice();
    const { ownerToken } = await before.open();
    const { rooms, clock, emitted } = await before.restarted();
    await rooms.resume(ownerToken);
    await pass(clock, 15 * MINUTE - 1);
    expect(emitted()).toEqual(['recovered']);
    await pass(clock, 1);
    expect(emitted()).toEqual(['recovered', 'ended lost']);
  });

  it('whose time was up meanwhile has expired', async () => {
    const before = await practice();
    const [brought, left] = [await before.open({ expirySeconds: 60 }), await before.open({ expirySeconds: 60 })];
    await pass(before.clock, 59 * SECOND);
    const { rooms, clock, emitted, absentEnds } = await before.restarted();
    await pass(clock, SECOND);
    expect(await refusalOf(() => rooms.resume(brought.ownerToken))).toBe('ended-room');
    await settled();
    expect(emitted()).toEqual(['recovered', 'ended expired']);
    const expiredAt = clock.now();
    await pass(clock, 3 * MINUTE);
    expect(await rooms.findTombstone(left.roomId)).toMatchObject({ reason: 'expired', endedAt: expiredAt });
    expect(absentEnds).toMatchObject([{ tag: roomTag(left.roomId), reason: 'expired', endedAt: expiredAt }]);
  });

  it('is waited for when its link is followed, and no other is', async () => {
    const before = await practice();
    const { roomId, ownerToken } = await before.open();
    const over = await before.open();
    const draft = await before.composed();
    await before.rooms.end(over.roomId, 'revoked');
    const { rooms, clock } = await before.restarted();
    expect(await rooms.recoverableJoinHash(roomId)).toBe(JOIN_HASH);
    for (const other of [over.roomId, draft.roomId, 'A'.repeat(22)]) {
      expect(await rooms.recoverableJoinHash(other)).toBeNull();
    }
    await rooms.resume(ownerToken);
    expect(await rooms.recoverableJoinHash(roomId)).toBeNull();
    await pass(clock, 30 * SECOND);
    expect(await rooms.recoverableJoinHash(roomId)).toBeNull();
  });

  it('has no more time or readers than the administrator allows by then', async () => {
    const before = await practice();
    const { roomId, ownerToken } = await before.open({ expirySeconds: 7_200 });
    await pass(before.clock, 10 * MINUTE);
    const { rooms } = await before.restarted({ expiryMaxSeconds: 3_600 });
    await rooms.resume(ownerToken);
    expect(rooms.leftMs({ id: roomId })).toBe(50 * MINUTE);
    await moreTime(rooms, roomId, 60);
    expect(rooms.leftMs({ id: roomId })).toBe(50 * MINUTE);
  });
});

describe('a note that is not back yet after a restart', () => {
  it.each([
    ['its doctor revokes all notes', 'revoked'],
    ['its workspace removes GLIR', 'stopped'],
  ] as const)('ends when it comes back after %s', async (_what, reason) => {
    const before = await practice();
    const { roomId, ownerToken } = await before.open();
    const { rooms, absentEnds } = await before.restarted();
    const ending = reason === 'revoked' ? rooms.endAllOfDoctor(ROSSI, reason) : rooms.endTenant(ROSSI, reason);
    expect(await ending).toBe(1);
    expect(absentEnds).toMatchObject([{ tag: roomTag(roomId), reason }]);
    expect(await refusalOf(() => rooms.resume(ownerToken))).toBe('ended-room');
    expect((await rooms.findTombstone(roomId))?.reason).toBe(reason);
  });

  it("stays another doctor's", async () => {
    const before = await practice();
    const { ownerToken } = await before.open();
    const { rooms } = await before.restarted();
    await rooms.endAllOfDoctor({ ...ROSSI, user: 'U2' }, 'revoked');
    expect(await refusalOf(() => rooms.resume(ownerToken))).toBe('not refused');
  });
});

describe('an old owner token', () => {
  it('from before more time was given gives no more than it had', async () => {
    const before = await practice();
    const { roomId, ownerToken } = await before.open();
    await moreTime(before.rooms, roomId, 1_800);
    const { rooms } = await before.restarted();
    const back = await rooms.resume(ownerToken);
    expect(rooms.leftMs(back.room)).toBe(30 * MINUTE);
  });

  it('from before Share starts no new time: it runs from the first Share', async () => {
    const before = await practice();
    const { room, ticket } = await before.rooms.draft(ROSSI, {}, { expiryMaxSeconds: 3_600 });
    const { ownerToken: draft } = await before.rooms.redeem(ticket, () => false);
    await before.rooms.open(room.id, JOIN_HASH, { ...POLICY, expirySeconds: 3_600 });
    await pass(before.clock, 40 * MINUTE);
    const after = await before.restarted();
    await after.rooms.resume(draft);
    after.rooms.composerBack(room.id);
    await after.rooms.open(room.id, 'i'.repeat(43), { ...POLICY, expirySeconds: 3_600 });
    expect(after.rooms.leftMs(room)).toBe(20 * MINUTE);
    const again = await after.restarted();
    await again.rooms.resume(draft);
    expect(again.rooms.leftMs(room)).toBe(20 * MINUTE);
  });

  it('is worth nothing where the store does not know that the note was shared', async () => {
    const { ownerToken } = await (await practice()).open();
    const other = await practice();
    await other.rooms.start();
    expect(await refusalOf(() => other.rooms.resume(ownerToken))).toBe('unknown-room');
  });

  it('is worth nothing under another key', async () => {
    const before = await practice();
    const { ownerToken } = await before.open();
    const { rooms } = await practice({ key: new Uint8Array(32).fill(8), kept: before.disk });
    await rooms.start();
    expect(await refusalOf(() => rooms.resume(ownerToken))).toBe('wrong-owner');
  });

  it('is exchanged for the newest one while the room is there', async () => {
    const { rooms, composed } = await practice();
    const { roomId, ownerToken: draft } = await composed();
    await rooms.open(roomId, JOIN_HASH, POLICY);
    expect(rooms.claimsOf((await rooms.resume(draft)).ownerToken)).toMatchObject({ joinHash: JOIN_HASH });
  });
});

describe("the machine's clock", () => {
  it.each([
    ['forward', 2 * HOUR],
    ['back', -2 * HOUR],
  ])('set %s by two hours ends nothing sooner or later', async (_way, ms) => {
    const { rooms, open, clock, emitted } = await practice();
    const { roomId } = await open();
    const { ticket } = await rooms.draft(ROSSI);
    clock.set(ms);
    expect(rooms.leftMs({ id: roomId })).toBe(30 * MINUTE);
    expect(await refusalOf(() => rooms.redeem(ticket, () => false))).toBe('not refused');
    await moreTime(rooms, roomId, 60);
    await pass(clock, 31 * MINUTE - 1);
    expect(rooms.find(roomId)?.state).toBe('open');
    await pass(clock, 1);
    expect(rooms.find(roomId)).toBeUndefined();
    expect(emitted().at(-1)).toBe('ended expired');
  });

  it('set back while the server is away gives a note no more time than it had when its token was signed', async () => {
    const before = await practice();
    const { roomId, ownerToken } = await before.open();
    await pass(before.clock, 20 * MINUTE);
    const { rooms } = await before.restarted({ clockSetBy: -2 * HOUR });
    await rooms.resume(ownerToken);
    expect(rooms.leftMs({ id: roomId })).toBe(30 * MINUTE);
  });

  it.each(['open', 'composed'] as const)(
    'set back before a token is signed gives no more time to what is %s',
    async (begin) => {
      const before = await practice();
      const { roomId, ownerToken } = await before[begin]();
      const leftMs = before.rooms.leftMs({ id: roomId });
      before.clock.set(-2 * HOUR);
      const { ownerToken: newest } = await before.rooms.resume(ownerToken);
      const { rooms } = await before.restarted();
      await rooms.resume(newest);
      expect(rooms.leftMs({ id: roomId })).toBe(leftMs);
    },
  );

  it('set forward while the server is away ends the notes whose time would be up', async () => {
    const before = await practice();
    const { roomId, ownerToken } = await before.open();
    const { rooms } = await before.restarted({ clockSetBy: 2 * HOUR });
    expect(await refusalOf(() => rooms.resume(ownerToken))).toBe('ended-room');
    expect((await rooms.findTombstone(roomId))?.reason).toBe('expired');
  });

  it.each([-2 * HOUR, 20 * MINUTE])(
    'set by %d ms while the whole machine is started anew loses the notes',
    async (ms) => {
      const before = await practice();
      const { roomId, ownerToken } = await before.open();
      const draft = await before.composed();
      const { rooms, absentEnds } = await before.restarted({ clockSetBy: ms, rebooted: true });
      expect(absentEnds.map(({ reason: why }) => why)).toEqual(['lost', 'lost']);
      expect(await refusalOf(() => rooms.resume(ownerToken))).toBe('ended-room');
      expect((await rooms.findTombstone(roomId))?.reason).toBe('lost');
      expect(await refusalOf(() => rooms.resume(draft.ownerToken))).toBe('ended-room');
    },
  );

  it.each([-2 * HOUR, 2 * HOUR])('set by %d ms while the server runs keeps no note from coming back', async (ms) => {
    const before = await practice();
    const { roomId, ownerToken } = await before.open({ expirySeconds: 86_400 });
    before.clock.set(ms);
    await pass(before.clock, 10 * SECOND);
    const { rooms } = await before.crashed();
    expect((await rooms.resume(ownerToken)).room.id).toBe(roomId);
  });

  it.each([-2 * HOUR, 2 * HOUR])('set by %d ms while the server is away revives nothing that ended', async (ms) => {
    const before = await practice();
    const { roomId, ownerToken } = await before.open();
    await before.rooms.end(roomId, 'revoked');
    before.clock.set(ms);
    const { rooms, housekeeping } = await before.restarted();
    await housekeeping();
    expect(await refusalOf(() => rooms.resume(ownerToken))).toBe('ended-room');
  });
});

describe('a server that is asked to stop', () => {
  it('ends nothing, and begins nothing any more', async () => {
    const { rooms, open, composed, emitted, events } = await practice();
    const { room: unopened, ticket } = await rooms.draft(ROSSI);
    const [shared, draft] = [await open(), await composed()];
    events.length = 0;
    rooms.suspend();
    expect(emitted()).toEqual(['suspended', 'suspended', 'suspended']);
    for (const roomId of [unopened.id, shared.roomId, draft.roomId]) expect(rooms.find(roomId)).toBeDefined();
    expect(await refusalOf(() => rooms.draft(ROSSI))).toBe('unavailable');
    expect(await refusalOf(() => rooms.redeem(ticket, () => false))).toBe('unavailable');
    expect(await refusalOf(() => rooms.resume(shared.ownerToken))).toBe('unavailable');
  });

  it('counts no composer as lost that it sends away, and leaves nothing running', async () => {
    const { rooms, open, clock, emitted, timers } = await practice();
    const { roomId } = await open();
    rooms.suspend();
    rooms.composerLost(roomId);
    await rooms.close();
    await pass(clock, 2 * HOUR);
    expect(emitted().filter((kind) => kind.startsWith('ended'))).toEqual([]);
    expect(timers()).toBe(0);
  });

  it('still ends a note whose doctor closes the page at that moment', async () => {
    const { rooms, open, emitted } = await practice();
    const { roomId } = await open();
    rooms.suspend();
    await rooms.end(roomId, 'left');
    expect(emitted().at(-1)).toBe('ended left');
  });
});
