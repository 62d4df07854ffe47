import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createOwnerTokens } from '../../../src/rooms/owner-tokens.ts';
import { Registry } from '../../../src/rooms/room-persistence.ts';
import { RoomService } from '../../../src/rooms/room-service.ts';
import { createTickets } from '../../../src/rooms/tickets.ts';
import { DAY, disk, HOUR, JOIN_HASH, MINUTE, POLICY, practice, ROSSI, refusalOf } from './setup.ts';

describe('the expiry', () => {
  it.each([
    ['one minute', 60],
    ['the default of half an hour', 1_800],
    ['24 hours', 86_400],
  ])('ends a room after %s, to the millisecond', (_name, expirySeconds) => {
    const { rooms, open, clock, told } = practice();
    const { roomId } = open({ expirySeconds });
    expect(rooms.find(roomId)?.expiresAt).toBe(clock.now() + expirySeconds * 1000);
    clock.advance(expirySeconds * 1000 - 1);
    expect(rooms.find(roomId)?.state).toBe('open');
    clock.advance(1);
    expect(told()).toEqual(['drafted', 'opened', 'ended expired']);
    expect(rooms.tombstone(roomId)?.endedAt).toBe(clock.now());
  });

  it('counts from "Share", not from the command', () => {
    const { rooms, composed, clock } = practice();
    const { roomId } = composed();
    clock.advance(5 * HOUR);
    rooms.open(roomId, JOIN_HASH, { ...POLICY, expirySeconds: 60 });
    clock.advance(59_999);
    expect(rooms.find(roomId)?.state).toBe('open');
    clock.advance(1);
    expect(rooms.find(roomId)).toBeUndefined();
  });

  it("is lowered to the administrator's longest, at the command and at Share", () => {
    const { rooms, clock } = practice({ expiryMaxSeconds: 600 });
    const { room, ticket } = rooms.draft(ROSSI, { expirySeconds: 3_600 });
    expect(room.policy.expirySeconds).toBe(600);
    rooms.redeem(ticket, () => false);
    rooms.open(room.id, JOIN_HASH, { ...POLICY, expirySeconds: 86_400 });
    expect(room.policy.expirySeconds).toBe(600);
    expect(room.expiresAt).toBe(clock.now() + 600_000);
  });

  it('holds when nobody ran the timer: asking for the room ends it, once', () => {
    // A machine that slept: time has passed, but no timer fired.
    let now = 1_700_000_000_000;
    const clock = { now: () => now, uptime: () => now, after: () => ({ cancel: () => undefined }) };
    const kept = disk();
    const log = pino({ level: 'silent' });
    const registry = new Registry({ durable: kept.registry(), voucher: kept.voucher, clock, log });
    registry.open();
    const rooms = new RoomService({
      clock,
      registry,
      tickets: createTickets(clock),
      ownerTokens: createOwnerTokens(new Uint8Array(32)),
      defaults: { policy: POLICY, expiryMaxSeconds: 86_400 },
      fault: (error) => {
        throw error;
      },
    });
    const ended: string[] = [];
    rooms.onEvent((event) => event.kind === 'ended' && ended.push(event.tombstone.reason));
    const { room, ticket } = rooms.draft(ROSSI);
    rooms.redeem(ticket, () => false);
    rooms.open(room.id, JOIN_HASH, POLICY);
    now += 30 * MINUTE;
    expect(rooms.find(room.id)).toBeUndefined();
    expect(refusalOf(() => rooms.live(room.id))).toBe('ended-room');
    expect(refusalOf(() => rooms.resumed(room.id))).toBe('ended-room');
    expect(rooms.of(ROSSI)).toEqual([]);
    rooms.composerLost(room.id);
    expect(ended).toEqual(['expired']);
  });
});

describe('a tombstone', () => {
  it('outlives the expiry that the room would have had by a day', () => {
    const { rooms, open, clock, housekeeping } = practice();
    const { roomId } = open({ expirySeconds: 86_400 });
    const expiresAt = clock.now() + DAY;
    rooms.end(roomId, 'revoked');
    expect(rooms.tombstone(roomId)?.keepUntil).toBe(expiresAt + DAY);
    clock.advance(2 * DAY - 1);
    housekeeping();
    expect(rooms.tombstone(roomId)?.reason).toBe('revoked');
    clock.advance(1);
    housekeeping();
    expect(rooms.tombstone(roomId)).toBeUndefined();
  });

  it('lets nothing bring the room back: not the ticket, not Share, not the owner token', () => {
    const { rooms, open, told, events, clock } = practice();
    const { roomId, ownerToken, ticket } = open();
    rooms.end(roomId, 'revoked');
    events.length = 0;
    const tries = () => {
      expect(refusalOf(() => rooms.redeem(ticket, () => false))).toMatch(/^(used|unknown)-ticket$/);
      expect(refusalOf(() => rooms.open(roomId, JOIN_HASH, POLICY))).toBe('ended-room');
      const claims = rooms.claimsOf(ownerToken);
      expect(claims.roomId).toBe(roomId);
      expect(refusalOf(() => rooms.resumed(claims.roomId))).toBe('ended-room');
      expect(refusalOf(() => rooms.live(claims.roomId))).toBe('ended-room');
      rooms.composerLost(roomId);
      rooms.setReading(roomId, 3);
    };
    tries();
    clock.advance(31 * MINUTE);
    tries();
    expect(told()).toEqual([]);
    expect(rooms.find(roomId)).toBeUndefined();
  });

  it('knows no join key when the doctor never shared the room', () => {
    const { rooms, composed } = practice();
    const { roomId } = composed();
    rooms.end(roomId, 'left');
    expect(rooms.tombstone(roomId)).toMatchObject({ reason: 'left', joinHash: null });
  });
});

describe('what a room leaves running', () => {
  it('is nothing, however it ends', () => {
    const { rooms, open, composed, clock, timers } = practice();
    rooms.end(open().roomId, 'revoked');
    rooms.composerLost(open().roomId);
    rooms.composerLost(composed().roomId);
    open({ expirySeconds: 60 });
    rooms.draft(ROSSI);
    clock.advance(20 * MINUTE);
    expect(rooms.of(ROSSI)).toEqual([]);
    expect(timers()).toBe(0);
  });

  it('is what its state needs: one expiry, one grace, and its ticket for twenty minutes', () => {
    const { rooms, open, timers } = practice();
    const { roomId } = open();
    expect(timers()).toBe(2);
    rooms.composerLost(roomId);
    expect(timers()).toBe(3);
    rooms.resumed(roomId);
    expect(timers()).toBe(2);
    rooms.end(roomId, 'revoked');
    expect(timers()).toBe(1);
  });
});
