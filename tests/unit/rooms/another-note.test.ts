import { describe, expect, it } from 'vitest';
import { END_REASONS } from '../../../src/protocol/constants.ts';
import { HOUR, JOIN_HASH, MINUTE, POLICY, type Practice, pass, practice, ROSSI, refusalOf } from './setup.ts';

const may = (rooms: Practice['rooms'], token: string) => refusalOf(() => rooms.claimsForAnother(token));

describe('whoever owns a note may begin another one', () => {
  it('while it is open, and says what it was allowed', async () => {
    const { rooms, open } = await practice();
    const { roomId, ownerToken } = await open({ admission: 'pin' });
    expect(await rooms.claimsForAnother(ownerToken)).toMatchObject({
      roomId,
      doctor: ROSSI,
      policy: { admission: 'pin' },
    });
  });

  it.each(END_REASONS)('after it has ended as "%s", unless somebody wanted that end', async (reason) => {
    const { rooms, open } = await practice();
    const { roomId, ownerToken } = await open();
    const ending = rooms.end(roomId, reason);
    const isWanted = reason === 'revoked' || reason === 'stopped';
    expect(await may(rooms, ownerToken)).toBe(isWanted ? 'ended-room' : 'not refused');
    await ending;
    expect(await may(rooms, ownerToken)).toBe(isWanted ? 'ended-room' : 'not refused');
  });

  it('for as long as the note could have lived at most, and no longer', async () => {
    const { rooms, open, clock } = await practice({ expiryMaxSeconds: 3_600 });
    const { ownerToken } = await open({ expirySeconds: 600 });
    await pass(clock, HOUR - 1);
    expect(await may(rooms, ownerToken)).toBe('not refused');
    await pass(clock, 1);
    expect(await may(rooms, ownerToken)).toBe('ended-room');
  });

  it('at any node, and after a restart', async () => {
    const own = await practice();
    const { ownerToken } = await own.open();
    expect(await may((await own.sibling()).rooms, ownerToken)).toBe('not refused');
    expect(await may((await own.restarted()).rooms, ownerToken)).toBe('not refused');
  });

  it.each([
    ['all of the doctor’s notes are revoked', (rooms: Practice['rooms']) => rooms.endAllOfDoctor(ROSSI, 'revoked')],
    ['the workspace removes GLIR', (rooms: Practice['rooms']) => rooms.endTenant(ROSSI, 'stopped')],
  ])('but not of a note that was over before %s; later ones are not meant', async (_what, revoke) => {
    const own = await practice();
    const over = await own.open({ expirySeconds: 60 });
    const live = await own.open();
    await pass(own.clock, 2 * MINUTE);
    expect(await may(own.rooms, over.ownerToken)).toBe('not refused');
    const other = await own.sibling();
    await revoke(other.rooms);
    for (const { rooms } of [own, other]) {
      expect(await may(rooms, over.ownerToken)).toBe('ended-room');
      expect(await may(rooms, live.ownerToken)).toBe('ended-room');
    }
    await pass(own.clock, 1);
    const later = await own.open();
    expect(await may(own.rooms, later.ownerToken)).toBe('not refused');
    await own.housekeeping();
    expect(await may(own.rooms, over.ownerToken)).toBe('ended-room');
  });

  it('of no doctor but the revoked one', async () => {
    const { rooms, open } = await practice();
    const { ownerToken } = await open();
    await rooms.endAllOfDoctor({ ...ROSSI, user: 'U2' }, 'revoked');
    await rooms.endTenant({ ...ROSSI, tenant: 'T2' }, 'stopped');
    expect(await may(rooms, ownerToken)).toBe('not refused');
  });

  it('not with a token that is none, nor while nothing can be kept', async () => {
    const { rooms, open, disk } = await practice();
    const { roomId, ownerToken } = await open();
    expect(await may(rooms, `${ownerToken}x`)).toBe('wrong-owner');
    disk.broken = true;
    await rooms.end(roomId, 'revoked');
    expect(['unavailable', 'ended-room']).toContain(await may(rooms, ownerToken));
  });
});

describe('“Share” said again', () => {
  it('makes the choice stricter in each point, moves the end closer, and is told', async () => {
    const { rooms, open, emitted, clock } = await practice();
    const { roomId } = await open({ admission: 'link', expirySeconds: 1_800, maxReaders: 3 });
    const stricter = { ...POLICY, admission: 'ask', expirySeconds: 600, maxReaders: 1, showName: false } as const;
    const until = clock.now() + 10 * MINUTE;
    for (let time = 0; time < 2; time++) {
      expect((await rooms.open(roomId, JOIN_HASH, stricter)).room).toMatchObject({
        policy: stricter,
        expiresAt: until,
      });
    }
    expect(emitted()).toEqual(['drafted', 'opened', 'restricted']);
  });

  it('makes nothing wider, and is refused under another link', async () => {
    const { rooms, open, emitted } = await practice();
    const { roomId } = await open({ admission: 'pin', expirySeconds: 600, maxReaders: 1, showName: false });
    const wider = { admission: 'link', expirySeconds: 3_600, maxReaders: 9, showName: true } as const;
    const held = { admission: 'pin', expirySeconds: 600, maxReaders: 1, showName: false };
    expect((await rooms.open(roomId, JOIN_HASH, wider)).room.policy).toEqual(held);
    expect(await refusalOf(() => rooms.open(roomId, 'x'.repeat(43), wider))).toBe('not-allowed');
    expect(emitted()).toEqual(['drafted', 'opened']);
  });
});
