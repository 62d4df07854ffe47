import { describe, expect, it } from 'vitest';
import { DAY, HOUR, JOIN_HASH, MINUTE, POLICY, practice, ROSSI, refusalOf } from './setup.ts';

describe('more time for an open room', () => {
  it('moves its end: it lives past the old one, and ends at the new one to the millisecond', () => {
    const { rooms, open, clock, told } = practice();
    const { roomId } = open({ expirySeconds: 600 });
    clock.advance(9 * MINUTE);
    const { room } = rooms.extend(roomId, 300);
    expect(room.expiresAt).toBe(clock.now() + 6 * MINUTE);
    expect(room.policy.expirySeconds).toBe(900);
    clock.advance(MINUTE);
    expect(rooms.find(roomId)?.state).toBe('open');
    clock.advance(5 * MINUTE - 1);
    expect(rooms.find(roomId)?.state).toBe('open');
    clock.advance(1);
    expect(told()).toEqual(['drafted', 'opened', 'extended', 'ended expired']);
    expect(rooms.tombstone(roomId)?.endedAt).toBe(clock.now());
  });

  it('adds up when it is asked for again, and is told each time', () => {
    const { rooms, open, clock, events } = practice();
    const { roomId } = open({ expirySeconds: 60 });
    const until = clock.now() + MINUTE;
    for (let time = 1; time <= 3; time++) rooms.extend(roomId, 60);
    expect(rooms.find(roomId)).toMatchObject({ expiresAt: until + 3 * MINUTE, policy: { expirySeconds: 240 } });
    expect(events.filter(({ kind }) => kind === 'extended')).toHaveLength(3);
    expect(events.at(-1)?.room.id).toBe(roomId);
  });

  it('goes as far as the room’s limits, and is refused there', () => {
    const { rooms, open, clock } = practice({ expiryMaxSeconds: 1_000 });
    const { roomId } = open({ expirySeconds: 600 });
    const opened = clock.now();
    clock.advance(MINUTE);
    expect(rooms.extend(roomId, 86_400).room.expiresAt).toBe(opened + 1_000_000);
    expect(rooms.find(roomId)?.policy.expirySeconds).toBe(1_000);
    expect(refusalOf(() => rooms.extend(roomId, 60))).toBe('not-allowed');
    expect(rooms.find(roomId)?.expiresAt).toBe(opened + 1_000_000);
  });

  it('goes as far as the workspace’s own limits, which may be stricter', () => {
    const { rooms, clock } = practice();
    const { room, ticket } = rooms.draft(ROSSI, {}, { expiryMaxSeconds: 300 });
    rooms.redeem(ticket, () => false);
    rooms.open(room.id, JOIN_HASH, { ...POLICY, expirySeconds: 240 });
    rooms.extend(room.id, 3_600);
    expect(room.expiresAt).toBe(clock.now() + 5 * MINUTE);
    expect(refusalOf(() => rooms.extend(room.id, 60))).toBe('not-allowed');
  });

  it('is refused when all of a day was given at "Share"', () => {
    const { rooms, open } = practice();
    const { roomId } = open({ expirySeconds: 86_400 });
    expect(refusalOf(() => rooms.extend(roomId, 60))).toBe('not-allowed');
  });

  it('is refused for a draft, for a room that is over and for one that never was', () => {
    const { rooms, composed, open, clock, told } = practice();
    const { roomId: draft } = composed();
    expect(refusalOf(() => rooms.extend(draft, 60))).toBe('not-allowed');
    const { roomId: revoked } = open();
    rooms.end(revoked, 'revoked');
    expect(refusalOf(() => rooms.extend(revoked, 60))).toBe('ended-room');
    const { roomId: expired } = open({ expirySeconds: 60 });
    clock.advance(MINUTE);
    expect(refusalOf(() => rooms.extend(expired, 60))).toBe('ended-room');
    expect(refusalOf(() => rooms.extend('nowhere', 60))).toBe('unknown-room');
    expect(told()).not.toContain('extended');
  });

  it('gives an owner token that says the new end, and the one before still says whose room it is', () => {
    const { rooms, open, clock } = practice();
    const { roomId, ownerToken } = open({ expirySeconds: 600 });
    const extended = rooms.extend(roomId, 600);
    expect(rooms.claimsOf(extended.ownerToken)).toMatchObject({
      roomId,
      expiresAt: clock.now() + 20 * MINUTE,
      policy: { expirySeconds: 1_200 },
    });
    expect(rooms.claimsOf(ownerToken).roomId).toBe(roomId);
  });

  it('does not outlast a composer that was lost', () => {
    const { rooms, open, clock, told } = practice();
    const { roomId } = open({ expirySeconds: 60 });
    rooms.extend(roomId, 3_600);
    rooms.composerLost(roomId);
    clock.advance(30_000);
    expect(told().at(-1)).toBe('ended lost');
  });

  it('keeps the tombstone a day longer than the new end', () => {
    const { rooms, open, clock } = practice();
    const { roomId } = open({ expirySeconds: 60 });
    rooms.extend(roomId, 3_600);
    const until = clock.now() + MINUTE + HOUR;
    rooms.end(roomId, 'locked');
    expect(rooms.tombstone(roomId)?.keepUntil).toBe(until + DAY);
  });

  it('leaves one timer behind, and none after the end', () => {
    const { rooms, open, timers, clock } = practice();
    const { roomId } = open({ expirySeconds: 60 });
    const before = timers();
    for (let time = 0; time < 5; time++) rooms.extend(roomId, 60);
    expect(timers()).toBe(before);
    rooms.end(roomId, 'revoked');
    clock.advance(20 * MINUTE);
    expect(timers()).toBe(0);
  });
});

describe('the practice’s phone number', () => {
  it('goes with the room and with its tombstone', () => {
    const { rooms } = practice();
    const { room } = rooms.draft(ROSSI, {}, {}, '06 555 0100');
    expect(room.phone).toBe('06 555 0100');
    rooms.end(room.id, 'revoked');
    expect(rooms.tombstone(room.id)?.phone).toBe('06 555 0100');
  });

  it('is none when nobody gave one', () => {
    const { rooms } = practice();
    const { room } = rooms.draft(ROSSI);
    expect(room.phone).toBeNull();
    rooms.end(room.id, 'revoked');
    expect(rooms.tombstone(room.id)?.phone).toBeNull();
  });
});

describe('the strictest way to get in', () => {
  it.each([
    [['link', 'pin', 'ask'], 'ask'],
    [['link', 'pin'], 'pin'],
    [['link'], 'link'],
  ] as const)('of %j is "%s", where the doctor’s own choice is not allowed', (admissions, strictest) => {
    const { rooms } = practice();
    const other = (['ask', 'pin', 'link'] as const).find((one) => !admissions.some((each) => each === one)) ?? 'ask';
    const { room } = rooms.draft(ROSSI, { admission: other }, { admissions: [...admissions] });
    expect(room.policy.admission).toBe(strictest);
  });
});
