import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createOwnerTokens } from '../../../src/rooms/owner-tokens.ts';
import { RoomPersistence } from '../../../src/rooms/room-persistence.ts';
import { RoomService } from '../../../src/rooms/room-service.ts';
import { DAY, disk, HOUR, JOIN_HASH, MINUTE, POLICY, pass, practice, ROSSI, refusalOf, settled } from './setup.ts';

describe('the expiry', () => {
  it.each([
    ['one minute', 60],
    ['the default of half an hour', 1_800],
    ['24 hours', 86_400],
  ])('ends a room after %s, to the millisecond', async (_name, expirySeconds) => {
    const { rooms, open, clock, emitted } = await practice();
    const { roomId } = await open({ expirySeconds });
    expect(rooms.find(roomId)?.expiresAt).toBe(clock.now() + expirySeconds * 1000);
    await pass(clock, expirySeconds * 1000 - 1);
    expect(rooms.find(roomId)?.state).toBe('open');
    await pass(clock, 1);
    expect(emitted()).toEqual(['drafted', 'opened', 'ended expired']);
    expect((await rooms.findTombstone(roomId))?.endedAt).toBe(clock.now());
  });

  it('counts from "Share", not from the command', async () => {
    const { rooms, composed, clock } = await practice();
    const { roomId } = await composed();
    await pass(clock, 5 * HOUR);
    await rooms.open(roomId, JOIN_HASH, { ...POLICY, expirySeconds: 60 });
    await pass(clock, 59_999);
    expect(rooms.find(roomId)?.state).toBe('open');
    await pass(clock, 1);
    expect(rooms.find(roomId)).toBeUndefined();
  });

  it("is lowered to the administrator's longest, at the command and at Share", async () => {
    const { rooms, clock } = await practice({ expiryMaxSeconds: 600 });
    const { room, ticket } = await rooms.draft(ROSSI, { expirySeconds: 3_600 });
    expect(room.policy.expirySeconds).toBe(600);
    await rooms.redeem(ticket, () => false);
    const { room: opened } = await rooms.open(room.id, JOIN_HASH, { ...POLICY, expirySeconds: 86_400 });
    expect(opened.policy.expirySeconds).toBe(600);
    expect(opened.expiresAt).toBe(clock.now() + 600_000);
  });

  it('holds when nobody ran the timer: asking for the room ends it, once', async () => {
    // A machine that slept: time has passed, but no timer fired.
    let now = 1_700_000_000_000;
    const clock = { now: () => now, uptime: () => now, after: () => ({ cancel: () => undefined }) };
    const kept = await disk();
    const log = pino({ level: 'silent' });
    const persistence = new RoomPersistence({
      repository: kept.repository(),
      clock,
      bootTime: () => null,
      log,
      isGone: () => Promise.resolve(true),
      settleMs: 0,
    });
    await persistence.open();
    const rooms = new RoomService({
      clock,
      persistence,
      ownerTokens: createOwnerTokens(new Uint8Array(32)),
      defaults: { policy: POLICY, expiryMaxSeconds: 86_400 },
      onListenerError: (error) => {
        throw error;
      },
    });
    const ended: string[] = [];
    rooms.onEvent((event) => event.kind === 'ended' && ended.push(event.tombstone.reason));
    const { room, ticket } = await rooms.draft(ROSSI);
    await rooms.redeem(ticket, () => false);
    await rooms.open(room.id, JOIN_HASH, POLICY);
    now += 30 * MINUTE;
    expect(rooms.find(room.id)).toBeUndefined();
    expect(await refusalOf(() => rooms.getLive(room.id))).toBe('ended-room');
    rooms.composerBack(room.id);
    expect(rooms.of(ROSSI)).toEqual([]);
    rooms.composerLost(room.id);
    await settled();
    expect(ended).toEqual(['expired']);
  });
});

describe('a tombstone', () => {
  it('outlives the expiry that the room would have had by a day', async () => {
    const { rooms, open, clock, housekeeping } = await practice();
    const { roomId } = await open({ expirySeconds: 86_400 });
    const expiresAt = clock.now() + DAY;
    await rooms.end(roomId, 'revoked');
    expect((await rooms.findTombstone(roomId))?.keepUntil).toBe(expiresAt + DAY);
    await pass(clock, 2 * DAY - 1);
    await housekeeping();
    expect((await rooms.findTombstone(roomId))?.reason).toBe('revoked');
    await pass(clock, 1);
    await housekeeping();
    expect(await rooms.findTombstone(roomId)).toBeUndefined();
  });

  it('lets nothing bring the room back: not the ticket, not Share, not the owner token', async () => {
    const { rooms, open, emitted, events, clock } = await practice();
    const { roomId, ownerToken, ticket } = await open();
    await rooms.end(roomId, 'revoked');
    events.length = 0;
    const tries = async () => {
      expect(await refusalOf(() => rooms.redeem(ticket, () => false))).toMatch(/^(used|unknown)-ticket$/);
      expect(await refusalOf(() => rooms.open(roomId, JOIN_HASH, POLICY))).toBe('ended-room');
      const claims = rooms.claimsOf(ownerToken);
      expect(claims.roomId).toBe(roomId);
      rooms.composerBack(claims.roomId);
      expect(await refusalOf(() => rooms.getLive(claims.roomId))).toBe('ended-room');
      rooms.composerLost(roomId);
      rooms.setReading(roomId, 3);
    };
    await tries();
    await pass(clock, 31 * MINUTE);
    await tries();
    expect(emitted()).toEqual([]);
    expect(rooms.find(roomId)).toBeUndefined();
  });

  it('knows no join key when the doctor never shared the room', async () => {
    const { rooms, composed } = await practice();
    const { roomId } = await composed();
    await rooms.end(roomId, 'left');
    expect(await rooms.findTombstone(roomId)).toMatchObject({ reason: 'left', joinHash: null });
  });
});

describe('what a room leaves running', () => {
  it('is nothing, however it ends', async () => {
    const { rooms, open, composed, clock, timers } = await practice();
    await rooms.end((await open()).roomId, 'revoked');
    rooms.composerLost((await open()).roomId);
    rooms.composerLost((await composed()).roomId);
    await open({ expirySeconds: 60 });
    await rooms.draft(ROSSI);
    await pass(clock, 20 * MINUTE);
    expect(rooms.of(ROSSI)).toEqual([]);
    expect(timers()).toBe(0);
  });

  it('is what its state needs: one expiry, and one grace', async () => {
    const { rooms, open, timers } = await practice();
    const { roomId } = await open();
    expect(timers()).toBe(1);
    rooms.composerLost(roomId);
    expect(timers()).toBe(2);
    rooms.composerBack(roomId);
    expect(timers()).toBe(1);
    await rooms.end(roomId, 'revoked');
    expect(timers()).toBe(0);
  });

  it('is nothing either when it goes to another node', async () => {
    const here = await practice();
    const { roomId, ownerToken } = await here.open();
    here.rooms.composerLost(roomId);
    await (await here.sibling()).rooms.resume(ownerToken);
    await here.rooms.verify();
    expect(here.timers()).toBe(0);
  });
});
