import { describe, expect, it } from 'vitest';
import { END_REASONS } from '../../../src/protocol/constants.ts';
import { HOUR, JOIN_HASH, MINUTE, POLICY, practice, ROSSI, refusalOf } from './setup.ts';

const SECOND = 1_000;

describe('after a restart of the server, a note', () => {
  it('that was open comes back under the same link, as it was', () => {
    const before = practice();
    const { room, ticket } = before.rooms.draft(ROSSI, {}, { expiryMaxSeconds: 7_200, maxReaders: 2 }, '06 555 0100');
    before.rooms.redeem(ticket, () => false);
    const { ownerToken } = before.rooms.open(room.id, JOIN_HASH, { ...POLICY, admission: 'pin', maxReaders: 2 });
    const was = { ...room };
    before.clock.advance(5 * MINUTE);
    const after = before.restarted();
    expect(after.rooms.find(room.id)).toBeUndefined();
    const back = after.rooms.resume(ownerToken).room;
    expect(back).toEqual({ ...was, state: 'interrupted' });
    expect(after.rooms.leftMs(back)).toBe(25 * MINUTE);
    after.rooms.resumed(room.id);
    expect(back.state).toBe('open');
    expect(after.told()).toEqual(['recovered', 'resumed']);
    expect(after.rooms.of(ROSSI)).toEqual([back]);
  });

  it('that was being written comes back and can be shared', () => {
    const before = practice();
    const { roomId, ownerToken } = before.composed();
    const { rooms, clock } = before.restarted();
    expect(rooms.resume(ownerToken).room).toMatchObject({ state: 'draft', openedAt: null });
    rooms.resumed(roomId);
    rooms.open(roomId, JOIN_HASH, POLICY);
    expect(rooms.find(roomId)).toMatchObject({ state: 'open', openedAt: clock.now() });
  });

  it('comes back after each of several restarts, with the token it was given last', () => {
    let server = practice();
    let { roomId, ownerToken } = server.open();
    for (const left of [29, 28, 27]) {
      server.clock.advance(MINUTE);
      server = server.restarted();
      ownerToken = server.rooms.resume(ownerToken).ownerToken;
      server.rooms.resumed(roomId);
      expect(server.rooms.leftMs({ id: roomId })).toBe(left * MINUTE);
    }
  });

  it.each(END_REASONS)('that had ended (%s) does not come back, and says how it ended', (reason) => {
    const before = practice();
    const { roomId, ownerToken } = before.open();
    before.rooms.end(roomId, reason);
    const first = before.restarted();
    expect(refusalOf(() => first.rooms.resume(ownerToken))).toBe('ended-room');
    const second = first.restarted();
    expect(refusalOf(() => second.rooms.resume(ownerToken))).toBe('ended-room');
    expect(second.rooms.tombstone(roomId)).toMatchObject({ reason, joinHash: JOIN_HASH });
    expect(second.told()).toEqual([]);
  });

  it('that nobody brings back in 30 s is lost for good', () => {
    const before = practice();
    const { roomId, ownerToken } = before.open();
    const draft = before.composed();
    const { rooms, clock } = before.restarted();
    clock.advance(30 * SECOND);
    expect(rooms.tombstone(roomId)).toMatchObject({ reason: 'lost', joinHash: JOIN_HASH });
    expect(refusalOf(() => rooms.resume(ownerToken))).toBe('ended-room');
    expect(refusalOf(() => rooms.resume(draft.ownerToken))).toBe('unknown-room');
  });

  it('that came back stays when the 30 s for the others are over', () => {
    const before = practice();
    const { roomId, ownerToken } = before.open();
    const { rooms, clock } = before.restarted();
    rooms.resume(ownerToken);
    rooms.resumed(roomId);
    clock.advance(29 * MINUTE);
    expect(rooms.find(roomId)?.state).toBe('open');
  });

  it('whose composer came back and could not be seated is lost after 30 s', () => {
    const before = practice();
    const { ownerToken } = before.open();
    const { rooms, clock, told } = before.restarted();
    rooms.resume(ownerToken);
    clock.advance(30 * SECOND);
    expect(told()).toEqual(['recovered', 'ended lost']);
  });

  it('whose time was up meanwhile has expired', () => {
    const before = practice();
    const [brought, left] = [before.open({ expirySeconds: 60 }), before.open({ expirySeconds: 60 })];
    before.clock.advance(59 * SECOND);
    const { rooms, clock, told } = before.restarted();
    clock.advance(SECOND);
    expect(refusalOf(() => rooms.resume(brought.ownerToken))).toBe('ended-room');
    expect(told()).toEqual(['recovered', 'ended expired']);
    clock.advance(30 * SECOND);
    expect(rooms.tombstone(left.roomId)?.reason).toBe('expired');
  });

  it('is waited for when its link is followed, and no other is', () => {
    const before = practice();
    const { roomId, ownerToken } = before.open();
    const over = before.open();
    before.rooms.end(over.roomId, 'revoked');
    const { rooms, clock } = before.restarted();
    expect(rooms.awaitedJoinHash(roomId)).toBe(JOIN_HASH);
    for (const other of [over.roomId, before.composed().roomId, 'A'.repeat(22)]) {
      expect(rooms.awaitedJoinHash(other)).toBeNull();
    }
    rooms.resume(ownerToken);
    expect(rooms.awaitedJoinHash(roomId)).toBeNull();
    clock.advance(30 * SECOND);
    expect(rooms.awaitedJoinHash(roomId)).toBeNull();
  });

  it('has no more time or readers than the administrator allows by then', () => {
    const before = practice();
    const { roomId, ownerToken } = before.open({ expirySeconds: 7_200 });
    before.clock.advance(10 * MINUTE);
    const { rooms } = before.restarted({ expiryMaxSeconds: 3_600 });
    rooms.resume(ownerToken);
    expect(rooms.leftMs({ id: roomId })).toBe(50 * MINUTE);
    expect(refusalOf(() => rooms.extend(roomId, 60))).toBe('not-allowed');
  });
});

describe('a note that is not back yet after a restart', () => {
  it.each([
    ['its doctor revokes all notes', 'revoked'],
    ['its workspace removes GLIR', 'stopped'],
  ] as const)('ends when it comes back after %s', (_what, reason) => {
    const before = practice();
    const { roomId, ownerToken } = before.open();
    const { rooms } = before.restarted();
    if (reason === 'revoked') rooms.endAllOfDoctor(ROSSI, reason);
    else rooms.endTenant(ROSSI, reason);
    expect(refusalOf(() => rooms.resume(ownerToken))).toBe('ended-room');
    expect(rooms.tombstone(roomId)?.reason).toBe(reason);
  });

  it("stays another doctor's", () => {
    const before = practice();
    const { ownerToken } = before.open();
    const { rooms } = before.restarted();
    rooms.endAllOfDoctor({ ...ROSSI, user: 'U2' }, 'revoked');
    expect(refusalOf(() => rooms.resume(ownerToken))).toBe('not refused');
  });
});

describe('an old owner token', () => {
  it('from before more time was given gives no more than it had', () => {
    const before = practice();
    const { roomId, ownerToken } = before.open();
    before.rooms.extend(roomId, 1_800);
    const { rooms } = before.restarted();
    const back = rooms.resume(ownerToken);
    expect(rooms.leftMs(back.room)).toBe(30 * MINUTE);
  });

  it('from before Share starts no new time: it runs from the first Share', () => {
    const before = practice();
    const { room, ticket } = before.rooms.draft(ROSSI, {}, { expiryMaxSeconds: 3_600 });
    const { ownerToken: draft } = before.rooms.redeem(ticket, () => false);
    before.rooms.open(room.id, JOIN_HASH, { ...POLICY, expirySeconds: 3_600 });
    before.clock.advance(40 * MINUTE);
    const after = before.restarted();
    after.rooms.resume(draft);
    after.rooms.resumed(room.id);
    after.rooms.open(room.id, 'i'.repeat(43), { ...POLICY, expirySeconds: 3_600 });
    expect(after.rooms.leftMs(room)).toBe(20 * MINUTE);
    const again = after.restarted();
    again.rooms.resume(draft);
    expect(again.rooms.leftMs(room)).toBe(20 * MINUTE);
  });

  it('is worth nothing where the store does not know that the note was shared', () => {
    const { ownerToken } = practice().open();
    const other = practice();
    other.rooms.start();
    expect(refusalOf(() => other.rooms.resume(ownerToken))).toBe('unknown-room');
  });

  it('is worth nothing under another key', () => {
    const before = practice();
    const { ownerToken } = before.open();
    const { rooms } = practice({ key: new Uint8Array(32).fill(8), kept: before.disk });
    rooms.start();
    expect(refusalOf(() => rooms.resume(ownerToken))).toBe('wrong-owner');
  });

  it('is exchanged for the newest one while the room is there', () => {
    const { rooms, composed } = practice();
    const { roomId, ownerToken: draft } = composed();
    rooms.open(roomId, JOIN_HASH, POLICY);
    expect(rooms.claimsOf(rooms.resume(draft).ownerToken)).toMatchObject({ joinHash: JOIN_HASH });
  });
});

describe("the machine's clock", () => {
  it.each([
    ['forward', 2 * HOUR],
    ['back', -2 * HOUR],
  ])('set %s by two hours ends nothing sooner or later', (_way, ms) => {
    const { rooms, open, clock, told } = practice();
    const { roomId } = open();
    const { ticket } = rooms.draft(ROSSI);
    clock.set(ms);
    expect(rooms.leftMs({ id: roomId })).toBe(30 * MINUTE);
    expect(refusalOf(() => rooms.redeem(ticket, () => false))).toBe('not refused');
    rooms.extend(roomId, 60);
    clock.advance(31 * MINUTE - 1);
    expect(rooms.find(roomId)?.state).toBe('open');
    clock.advance(1);
    expect(rooms.find(roomId)).toBeUndefined();
    expect(told().at(-1)).toBe('ended expired');
  });

  it('set back while the server is away gives a note no more time than it had when its token was signed', () => {
    const before = practice();
    const { roomId, ownerToken } = before.open();
    before.clock.advance(20 * MINUTE);
    before.clock.set(-2 * HOUR);
    const { rooms } = before.restarted();
    rooms.resume(ownerToken);
    expect(rooms.leftMs({ id: roomId })).toBe(30 * MINUTE);
  });

  it('set forward while the server is away ends the notes whose time would be up', () => {
    const before = practice();
    const { roomId, ownerToken } = before.open();
    before.clock.set(2 * HOUR);
    const { rooms } = before.restarted();
    expect(refusalOf(() => rooms.resume(ownerToken))).toBe('ended-room');
    expect(rooms.tombstone(roomId)?.reason).toBe('expired');
  });

  it.each([-2 * HOUR, 2 * HOUR])('set by %d ms while the server is away revives nothing that ended', (ms) => {
    const before = practice();
    const { roomId, ownerToken } = before.open();
    before.rooms.end(roomId, 'revoked');
    before.clock.set(ms);
    const { rooms, housekeeping } = before.restarted();
    housekeeping();
    expect(refusalOf(() => rooms.resume(ownerToken))).toBe('ended-room');
  });
});

describe('a server that is asked to stop', () => {
  it('ends the drafts whose link nobody opened, and nothing else', () => {
    const { rooms, open, composed, told, events } = practice();
    const { room: unopened } = rooms.draft(ROSSI);
    const [shared, draft] = [open(), composed()];
    events.length = 0;
    rooms.suspend();
    expect(told()).toEqual(['ended stopped', 'suspended', 'suspended']);
    expect(rooms.tombstone(unopened.id)?.reason).toBe('stopped');
    for (const { roomId } of [shared, draft]) expect(rooms.find(roomId)?.state).not.toBe('ended');
  });

  it('counts no composer as lost that it sends away, and leaves nothing running', () => {
    const { rooms, open, clock, told, timers } = practice();
    const { roomId } = open();
    rooms.suspend();
    rooms.composerLost(roomId);
    rooms.close();
    clock.advance(2 * HOUR);
    expect(told().filter((kind) => kind.startsWith('ended'))).toEqual([]);
    expect(timers()).toBe(0);
  });

  it('still ends a note whose doctor closes the page at that moment', () => {
    const { rooms, open, told } = practice();
    const { roomId } = open();
    rooms.suspend();
    rooms.end(roomId, 'left');
    expect(told().at(-1)).toBe('ended left');
  });
});
