import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, practice, ROSSI, refusalOf } from './setup.ts';

const nobody = () => false;

describe('a compose link', () => {
  it('opens the room it was made for, once', () => {
    const { rooms } = practice();
    const { room, ticket } = rooms.draft(ROSSI);
    expect(rooms.redeem(ticket, nobody).room).toBe(room);
    expect(refusalOf(() => rooms.redeem(ticket, nobody))).toBe('used-ticket');
  });

  it('says that the composer is open already, to whoever clicks it again meanwhile', () => {
    const { rooms } = practice();
    const { room, ticket } = rooms.draft(ROSSI);
    rooms.redeem(ticket, nobody);
    expect(refusalOf(() => rooms.redeem(ticket, (roomId) => roomId === room.id))).toBe('composer-present');
  });

  it('is good for ten minutes, to the millisecond', () => {
    const { rooms, clock } = practice();
    const { ticket: early, ticketUntil } = rooms.draft(ROSSI);
    expect(ticketUntil).toBe(clock.now() + 10 * MINUTE);
    clock.advance(10 * MINUTE - 1);
    expect(refusalOf(() => rooms.redeem(early, nobody))).toBe('not refused');

    const { ticket: late } = rooms.draft(ROSSI);
    clock.advance(10 * MINUTE);
    expect(refusalOf(() => rooms.redeem(late, nobody))).toBe('expired-ticket');
  });

  it('is called expired for ten minutes more, and unknown after that', () => {
    const { rooms, clock } = practice();
    const { ticket } = rooms.draft(ROSSI);
    clock.advance(20 * MINUTE - 1);
    expect(refusalOf(() => rooms.redeem(ticket, nobody))).toBe('expired-ticket');
    clock.advance(1);
    expect(refusalOf(() => rooms.redeem(ticket, nobody))).toBe('unknown-ticket');
  });

  it.each(['', 'A'.repeat(43), 'nonsense', '\u0000'])('is refused when it was never given out (%j)', (ticket) => {
    const { rooms } = practice();
    rooms.draft(ROSSI);
    expect(refusalOf(() => rooms.redeem(ticket, nobody))).toBe('unknown-ticket');
  });

  it('does not open a room that the doctor revoked before clicking it', () => {
    const { rooms } = practice();
    const { room, ticket } = rooms.draft(ROSSI);
    rooms.end(room.id, 'revoked');
    expect(refusalOf(() => rooms.redeem(ticket, nobody))).toBe('ended-room');
  });

  it('is another one each time, and so is the room', () => {
    const { rooms } = practice();
    const drafts = Array.from({ length: 50 }, () => rooms.draft(ROSSI));
    expect(new Set(drafts.map(({ ticket }) => ticket)).size).toBe(50);
    expect(new Set(drafts.map(({ room }) => room.id)).size).toBe(50);
    for (const { room, ticket } of drafts) {
      expect(room.id).toMatch(/^[A-Za-z0-9_-]{22}$/);
      expect(ticket).toMatch(/^[A-Za-z0-9_-]{43}$/);
    }
  });

  it('ends its draft as expired when nobody clicks it', () => {
    const { rooms, clock, told, timers } = practice();
    const { room } = rooms.draft(ROSSI);
    clock.advance(10 * MINUTE);
    expect(told()).toEqual(['drafted', 'ended expired']);
    expect(rooms.find(room.id)).toBeUndefined();
    clock.advance(10 * MINUTE);
    expect(timers()).toBe(0);
  });

  it('once clicked, leaves the doctor as long to write as a note may live', () => {
    const { rooms, clock, composed } = practice();
    const { roomId } = composed();
    clock.advance(24 * HOUR - 1);
    expect(rooms.find(roomId)?.state).toBe('draft');
    clock.advance(1);
    expect(rooms.find(roomId)).toBeUndefined();
    expect(rooms.tombstone(roomId)?.reason).toBe('expired');
  });
});
