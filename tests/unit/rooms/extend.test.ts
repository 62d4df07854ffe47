import { describe, expect, it } from 'vitest';
import { DAY, HOUR, JOIN_HASH, MINUTE, moreTime, POLICY, pass, practice, ROSSI, refusalOf } from './setup.ts';

describe('more time for an open room', () => {
  it('moves its end: it lives past the old one, and ends at the new one to the millisecond', async () => {
    const { rooms, open, clock, emitted } = await practice();
    const { roomId } = await open({ expirySeconds: 600 });
    await pass(clock, 9 * MINUTE);
    const { room } = await moreTime(rooms, roomId, 300);
    expect(room.expiresAt).toBe(clock.now() + 6 * MINUTE);
    expect(room.policy.expirySeconds).toBe(900);
    await pass(clock, MINUTE);
    expect(rooms.find(roomId)?.state).toBe('open');
    await pass(clock, 5 * MINUTE - 1);
    expect(rooms.find(roomId)?.state).toBe('open');
    await pass(clock, 1);
    expect(emitted()).toEqual(['drafted', 'opened', 'extended', 'ended expired']);
    expect((await rooms.findTombstone(roomId))?.endedAt).toBe(clock.now());
  });

  it('adds up when it is asked for again, and is told each time', async () => {
    const { rooms, open, clock, events } = await practice();
    const { roomId } = await open({ expirySeconds: 60 });
    const until = clock.now() + MINUTE;
    for (let time = 1; time <= 3; time++) await moreTime(rooms, roomId, 60);
    expect(rooms.find(roomId)).toMatchObject({ expiresAt: until + 3 * MINUTE, policy: { expirySeconds: 240 } });
    expect(events.filter(({ kind }) => kind === 'extended')).toHaveLength(3);
    expect(events.at(-1)?.room.id).toBe(roomId);
  });

  it('goes as far as the room’s limits, and changes nothing there', async () => {
    const { rooms, open, clock } = await practice({ expiryMaxSeconds: 1_000 });
    const { roomId } = await open({ expirySeconds: 600 });
    const opened = clock.now();
    await pass(clock, MINUTE);
    expect((await moreTime(rooms, roomId, 86_400)).room.expiresAt).toBe(opened + 1_000_000);
    expect(rooms.find(roomId)?.policy.expirySeconds).toBe(1_000);
    await moreTime(rooms, roomId, 60);
    expect(rooms.find(roomId)?.expiresAt).toBe(opened + 1_000_000);
  });

  it('goes as far as the workspace’s own limits, which may be stricter', async () => {
    const { rooms, clock } = await practice();
    const { room, ticket } = await rooms.draft(ROSSI, {}, { expiryMaxSeconds: 300 });
    await rooms.redeem(ticket, () => false);
    await rooms.open(room.id, JOIN_HASH, { ...POLICY, expirySeconds: 240 });
    expect((await moreTime(rooms, room.id, 3_600)).room.expiresAt).toBe(clock.now() + 5 * MINUTE);
    expect((await moreTime(rooms, room.id, 60)).room.expiresAt).toBe(clock.now() + 5 * MINUTE);
  });

  it('is nothing when all of a day was given at "Share"', async () => {
    const { rooms, open, emitted } = await practice();
    const { roomId } = await open({ expirySeconds: 86_400 });
    expect((await moreTime(rooms, roomId, 60)).room.policy.expirySeconds).toBe(86_400);
    expect(emitted()).not.toContain('extended');
  });

  it('may be asked for again, when the answer was lost, and takes nothing away that was given since', async () => {
    const { rooms, open, clock, emitted } = await practice();
    const { roomId } = await open({ expirySeconds: 600 });
    const until = clock.now() + 20 * MINUTE;
    for (let time = 0; time < 3; time++) expect((await rooms.extend(roomId, 1_200)).room.expiresAt).toBe(until);
    expect((await rooms.extend(roomId, 700)).room).toMatchObject({
      expiresAt: until,
      policy: { expirySeconds: 1_200 },
    });
    expect(emitted()).toEqual(['drafted', 'opened', 'extended']);
  });

  it('is refused for a draft, for a room that is over and for one that never was', async () => {
    const { rooms, composed, open, clock, emitted } = await practice();
    const { roomId: draft } = await composed();
    expect(await refusalOf(() => moreTime(rooms, draft, 60))).toBe('not-allowed');
    const { roomId: revoked } = await open();
    await rooms.end(revoked, 'revoked');
    expect(await refusalOf(() => moreTime(rooms, revoked, 60))).toBe('ended-room');
    const { roomId: expired } = await open({ expirySeconds: 60 });
    await pass(clock, MINUTE);
    expect(await refusalOf(() => moreTime(rooms, expired, 60))).toBe('ended-room');
    expect(await refusalOf(() => moreTime(rooms, 'nowhere', 60))).toBe('unknown-room');
    expect(emitted()).not.toContain('extended');
  });

  it('gives an owner token that says the new end, and the one before still says whose room it is', async () => {
    const { rooms, open, clock } = await practice();
    const { roomId, ownerToken } = await open({ expirySeconds: 600 });
    const extended = await moreTime(rooms, roomId, 600);
    expect(rooms.claimsOf(extended.ownerToken)).toMatchObject({
      roomId,
      expiresAt: clock.now() + 20 * MINUTE,
      policy: { expirySeconds: 1_200 },
    });
    expect(rooms.claimsOf(ownerToken).roomId).toBe(roomId);
  });

  it('does not outlast a composer that was lost', async () => {
    const { rooms, open, clock, emitted } = await practice();
    const { roomId } = await open({ expirySeconds: 60 });
    await moreTime(rooms, roomId, 3_600);
    rooms.composerLost(roomId);
    await pass(clock, 15 * MINUTE);
    expect(emitted().at(-1)).toBe('ended lost');
  });

  it('keeps the tombstone a day longer than the new end', async () => {
    const { rooms, open, clock } = await practice();
    const { roomId } = await open({ expirySeconds: 60 });
    await moreTime(rooms, roomId, 3_600);
    const until = clock.now() + MINUTE + HOUR;
    await rooms.end(roomId, 'locked');
    expect((await rooms.findTombstone(roomId))?.keepUntil).toBe(until + DAY);
  });

  it('leaves one timer behind, and none after the end', async () => {
    const { rooms, open, timers, clock } = await practice();
    const { roomId } = await open({ expirySeconds: 60 });
    const before = timers();
    for (let time = 0; time < 5; time++) await moreTime(rooms, roomId, 60);
    expect(timers()).toBe(before);
    await rooms.end(roomId, 'revoked');
    await pass(clock, 20 * MINUTE);
    expect(timers()).toBe(0);
  });
});

describe('the practice’s phone number', () => {
  it('goes with the room and with its tombstone', async () => {
    const { rooms } = await practice();
    const { room } = await rooms.draft(ROSSI, {}, {}, '06 555 0100');
    expect(room.phone).toBe('06 555 0100');
    await rooms.end(room.id, 'revoked');
    expect((await rooms.findTombstone(room.id))?.phone).toBe('06 555 0100');
  });

  it('is none when nobody gave one', async () => {
    const { rooms } = await practice();
    const { room } = await rooms.draft(ROSSI);
    expect(room.phone).toBeNull();
    await rooms.end(room.id, 'revoked');
    expect((await rooms.findTombstone(room.id))?.phone).toBeNull();
  });
});

describe('the strictest way to get in', () => {
  it.each([
    [['link', 'pin', 'ask'], 'ask'],
    [['link', 'pin'], 'pin'],
    [['link'], 'link'],
  ] as const)('of %j is "%s", where the doctor’s own choice is not allowed', async (admissions, strictest) => {
    const { rooms } = await practice();
    const other = (['ask', 'pin', 'link'] as const).find((one) => !admissions.some((each) => each === one)) ?? 'ask';
    const { room } = await rooms.draft(ROSSI, { admission: other }, { admissions: [...admissions] });
    expect(room.policy.admission).toBe(strictest);
  });
});
