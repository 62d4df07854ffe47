import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, pass, practice, ROSSI, refusalOf } from './setup.ts';

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
