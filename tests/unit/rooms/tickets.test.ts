import { describe, expect, it } from 'vitest';
import { HOUR, JOIN_HASH, MINUTE, POLICY, pass, practice, ROSSI, refusalOf } from './setup.ts';

const nobody = () => false;

describe('a compose link', () => {
  it('opens the room it was made for, once', async () => {
    const { rooms } = await practice();
    const { room, ticket } = await rooms.draft(ROSSI);
    expect((await rooms.redeem(ticket, nobody)).room).toMatchObject({ id: room.id, state: 'draft' });
    expect(await refusalOf(() => rooms.redeem(ticket, nobody))).toBe('used-ticket');
  });

  it('says that the composer is open already, to whoever clicks it again meanwhile', async () => {
    const { rooms } = await practice();
    const { room, ticket } = await rooms.draft(ROSSI);
    await rooms.redeem(ticket, nobody);
    expect(await refusalOf(() => rooms.redeem(ticket, (roomId) => roomId === room.id))).toBe('composer-present');
  });

  it('is good for ten minutes, to the millisecond', async () => {
    const { rooms, clock } = await practice();
    const { ticket: early, ticketUntil } = await rooms.draft(ROSSI);
    expect(ticketUntil).toBe(clock.now() + 10 * MINUTE);
    await pass(clock, 10 * MINUTE - 1);
    expect(await refusalOf(() => rooms.redeem(early, nobody))).toBe('not refused');

    const { ticket: late } = await rooms.draft(ROSSI);
    await pass(clock, 10 * MINUTE);
    expect(await refusalOf(() => rooms.redeem(late, nobody))).toBe('expired-ticket');
  });

  it('is called expired for ten minutes more, and unknown after that', async () => {
    const { rooms, clock } = await practice();
    const { ticket } = await rooms.draft(ROSSI);
    await pass(clock, 20 * MINUTE - 1);
    expect(await refusalOf(() => rooms.redeem(ticket, nobody))).toBe('expired-ticket');
    await pass(clock, 1);
    expect(await refusalOf(() => rooms.redeem(ticket, nobody))).toBe('unknown-ticket');
  });

  it.each(['', 'A'.repeat(43), 'nonsense', '\u0000'])('is refused when it was never given out (%j)', async (ticket) => {
    const { rooms } = await practice();
    await rooms.draft(ROSSI);
    expect(await refusalOf(() => rooms.redeem(ticket, nobody))).toBe('unknown-ticket');
  });

  it('does not open a room that the doctor revoked before clicking it', async () => {
    const { rooms } = await practice();
    const { room, ticket } = await rooms.draft(ROSSI);
    await rooms.end(room.id, 'revoked');
    expect(await refusalOf(() => rooms.redeem(ticket, nobody))).toBe('ended-room');
  });

  it('is another one each time, and so is the room', async () => {
    const { rooms } = await practice();
    const drafts = await Promise.all(Array.from({ length: 50 }, () => rooms.draft(ROSSI)));
    expect(new Set(drafts.map(({ ticket }) => ticket)).size).toBe(50);
    expect(new Set(drafts.map(({ room }) => room.id)).size).toBe(50);
    for (const { room, ticket } of drafts) {
      expect(room.id).toMatch(/^[A-Za-z0-9_-]{22}$/);
      expect(ticket).toMatch(/^[A-Za-z0-9_-]{43}$/);
    }
  });

  it('ends its draft as expired when nobody clicks it', async () => {
    const { rooms, clock, emitted, timers } = await practice();
    const { room } = await rooms.draft(ROSSI);
    await pass(clock, 10 * MINUTE);
    expect(emitted()).toEqual(['drafted', 'ended expired']);
    expect(rooms.find(room.id)).toBeUndefined();
    await pass(clock, 10 * MINUTE);
    expect(timers()).toBe(0);
  });

  it('once clicked, leaves the doctor as long to write as a note may live', async () => {
    const { rooms, clock, composed } = await practice();
    const { roomId } = await composed();
    await pass(clock, 24 * HOUR - 1);
    expect(rooms.find(roomId)?.state).toBe('draft');
    await pass(clock, 1);
    expect(rooms.find(roomId)).toBeUndefined();
    expect((await rooms.findTombstone(roomId))?.reason).toBe('expired');
  });
});

describe('a compose link that somebody only looks at', () => {
  it('is as good as before, however often; its page hears what it may do, and for how long', async () => {
    const { rooms, clock } = await practice();
    const { room, ticket } = await rooms.draft(ROSSI);
    await pass(clock, 4 * MINUTE);
    for (let time = 0; time < 3; time++) {
      const { claims, leftMs } = await rooms.look(ticket, nobody);
      expect(claims).toMatchObject({ roomId: room.id, policy: room.policy, limits: room.limits });
      expect(claims.doctor.displayName).toBe(ROSSI.displayName);
      expect(leftMs).toBe(6 * MINUTE);
    }
    expect((await rooms.redeem(ticket, nobody)).room.id).toBe(room.id);
  });

  it('is called what it is: unknown, used, too old, over', async () => {
    const { rooms, clock } = await practice();
    const look = (ticket: string, present = false) => refusalOf(() => rooms.look(ticket, () => present));
    expect(await look('A'.repeat(43))).toBe('unknown-ticket');
    const [used, ended, old] = [await rooms.draft(ROSSI), await rooms.draft(ROSSI), await rooms.draft(ROSSI)];
    await rooms.redeem(used.ticket, nobody);
    expect([await look(used.ticket), await look(used.ticket, true)]).toEqual(['used-ticket', 'composer-present']);
    await rooms.end(ended.room.id, 'revoked');
    expect(await look(ended.ticket)).toBe('ended-room');
    await pass(clock, 10 * MINUTE);
    expect(await look(old.ticket)).toBe('expired-ticket');
    await pass(clock, 10 * MINUTE);
    expect(await look(old.ticket)).toBe('unknown-ticket');
  });
});

describe('a compose link that another browser used', () => {
  /** A ticket whose note some other browser has begun, and perhaps shared. */
  async function used(share = true) {
    const own = await practice();
    const { room, ticket } = await own.rooms.draft(ROSSI);
    await own.rooms.redeem(ticket, nobody);
    if (share) await own.rooms.open(room.id, JOIN_HASH, POLICY);
    return { ...own, roomId: room.id, ticket, may: () => refusalOf(() => own.rooms.claimsForAnotherBrowser(ticket)) };
  }

  it.each(['left', 'lost', 'expired', 'locked'] as const)(
    'begins another note when that one is "%s"',
    async (reason) => {
      const { rooms, roomId, may } = await used();
      expect(await may()).toBe('not refused');
      await rooms.end(roomId, reason);
      expect(await may()).toBe('not refused');
    },
  );

  it('does so also when that browser destroyed its note, which nobody had read', async () => {
    const { rooms, roomId, may } = await used();
    await rooms.endByComposer(roomId, 'revoked');
    expect(await may()).toBe('not refused');
  });

  it('does not after somebody has read, after the doctor revoked it in the chat, nor after its ten minutes', async () => {
    const read = await used();
    read.rooms.setReaders(read.roomId, { waiting: [], readBy: 1 });
    expect(await read.may()).toBe('used-ticket');
    await read.rooms.endByComposer(read.roomId, 'revoked');
    expect(await read.may()).toBe('ended-room');
    const revoked = await used();
    await revoked.rooms.end(revoked.roomId, 'revoked');
    expect(await revoked.may()).toBe('ended-room');
    const all = await used(false);
    await all.rooms.endAllOfDoctor(ROSSI, 'revoked');
    expect(await all.may()).toBe('ended-room');
    const old = await used(false);
    await pass(old.clock, 10 * MINUTE);
    expect(await old.may()).toBe('used-ticket');
  });
});
