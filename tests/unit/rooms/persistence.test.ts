import { describe, expect, it } from 'vitest';
import { roomTag } from '../../../src/rooms/room.ts';
import {
  JOIN_HASH,
  MINUTE,
  moreTime,
  POLICY,
  type Practice,
  pass,
  practice,
  ROSSI,
  refusalOf,
  settled,
} from './setup.ts';

type Rooms = Practice['rooms'];

const SECOND = 1_000;
const ROSSI_ID = { platform: ROSSI.platform, tenant: ROSSI.tenant, user: ROSSI.user };

describe('while nothing can be written', () => {
  it('a note that ends is over at once, for everybody', async () => {
    const { rooms, open, disk, emitted } = await practice();
    const [one, other] = [await open(), await open()];
    disk.broken = true;
    for (const { roomId, ownerToken } of [one, other]) {
      await rooms.end(roomId, 'revoked');
      expect(await rooms.findTombstone(roomId)).toMatchObject({ reason: 'revoked', joinHash: JOIN_HASH });
      expect(await refusalOf(() => rooms.resume(ownerToken))).toBe('ended-room');
    }
    expect(emitted().slice(-2)).toEqual(['ended revoked', 'ended revoked']);
  });

  it('no note is begun, shared or given more time; those that are open go on', async () => {
    const { rooms, open, composed, disk } = await practice();
    const [draft, shared] = [await composed(), await open()];
    disk.broken = true;
    expect(await refusalOf(() => rooms.draft(ROSSI))).toBe('unavailable');
    expect(await refusalOf(() => rooms.open(draft.roomId, JOIN_HASH, POLICY))).toBe('unavailable');
    expect(await refusalOf(() => moreTime(rooms, shared.roomId, 60))).toBe('unavailable');
    expect(rooms.find(draft.roomId)?.state).toBe('draft');
    expect(rooms.find(shared.roomId)?.state).toBe('open');
  });

  it('nobody is told that a note is unknown which may be over', async () => {
    const { rooms, disk } = await practice();
    disk.broken = true;
    expect(await refusalOf(() => rooms.getLive('A'.repeat(22)))).toBe('unavailable');
  });

  it('it is tried again by itself, and everything goes on as before', async () => {
    const { rooms, persistence, open, disk, clock } = await practice();
    const { roomId } = await open();
    disk.broken = true;
    await rooms.end(roomId, 'revoked');
    expect(persistence.available).toBe(false);
    await pass(clock, 5 * SECOND);
    expect(await refusalOf(() => rooms.draft(ROSSI))).toBe('unavailable');
    disk.broken = false;
    await pass(clock, SECOND);
    expect(persistence.available).toBe(true);
    expect(await refusalOf(() => rooms.draft(ROSSI))).toBe('not refused');
    expect((await disk.repository().findTombstone(roomId))?.reason).toBe('revoked');
  });

  it('is noticed within ten seconds, also where nothing happens', async () => {
    const { persistence, disk, clock } = await practice();
    disk.broken = true;
    await pass(clock, 10 * SECOND);
    expect(persistence.available).toBe(false);
  });
});

describe('a server that died', () => {
  it('has its notes back until 15 s after it last renewed its lease, which it does every ten, and their grace', async () => {
    const before = await practice();
    const { roomId, ownerToken } = await before.open();
    const draft = await before.composed();
    for (let seconds = 0; seconds < 120; seconds += 10) await pass(before.clock, 10 * SECOND);
    await pass(before.clock, 9 * SECOND);
    const { rooms } = await before.crashed({ awayMs: 15 * MINUTE + 6 * SECOND });
    expect((await rooms.resume(ownerToken)).room.id).toBe(roomId);
    expect((await rooms.resume(draft.ownerToken)).room.id).toBe(draft.roomId);
  });

  it('judges for two minutes by the moment of its start, however late it was then', async () => {
    const before = await practice();
    const [one, other] = [await before.open({ expirySeconds: 7_200 }), await before.open({ expirySeconds: 7_200 })];
    const { rooms, clock } = await before.crashed({ awayMs: 15 * MINUTE + 15 * SECOND });
    for (let minute = 0; minute < 2; minute++) await pass(clock, MINUTE - 1);
    expect(await refusalOf(() => rooms.resume(one.ownerToken))).toBe('not refused');
    await pass(clock, 2);
    expect(await refusalOf(() => rooms.resume(other.ownerToken))).toMatch(/^(unknown|ended)-room$/);
    await pass(clock, MINUTE);
    expect((await rooms.findTombstone(other.roomId))?.reason).toBe('lost');
    expect(rooms.find(one.roomId)).toBeDefined();
  });

  it.each([
    ['nobody has read the note', 0, 15 * MINUTE],
    ['somebody has read it', 1, 2 * MINUTE],
  ])('and was away for longer has lost its notes, and says so to whoever comes: %s', async (_what, readBy, graceMs) => {
    const before = await practice();
    const { roomId, ownerToken } = await before.open();
    before.rooms.setReaders(roomId, { waiting: [], readBy });
    await settled();
    const { rooms, absentEnds } = await before.crashed({ awayMs: graceMs + 15 * SECOND + 1 });
    expect(absentEnds).toMatchObject([{ doctor: ROSSI_ID, tag: roomTag(roomId), reason: 'lost', readBy }]);
    expect(await refusalOf(() => rooms.resume(ownerToken))).toBe('ended-room');
    expect(await rooms.findTombstone(roomId)).toMatchObject({ reason: 'lost', joinHash: JOIN_HASH });
  });

  it('has lost its drafts as well by then, opened or not', async () => {
    const before = await practice();
    const draft = await before.composed();
    const { room, ticket } = await before.rooms.draft(ROSSI);
    const { rooms, absentEnds } = await before.crashed({ awayMs: 15 * MINUTE + 15 * SECOND + 1 });
    expect(absentEnds.map(({ tag, openedAt }) => [tag, openedAt]).sort()).toEqual(
      [
        [roomTag(draft.roomId), null],
        [roomTag(room.id), null],
      ].sort(),
    );
    expect(await refusalOf(() => rooms.resume(draft.ownerToken))).toBe('ended-room');
    expect(await refusalOf(() => rooms.redeem(ticket, () => false))).toBe('expired-ticket');
  });

  it('twice in a row has its notes back still, as soon as their composers come', async () => {
    const before = await practice();
    const { roomId, ownerToken } = await before.open();
    const between = await before.crashed({ awayMs: 5 * SECOND });
    await pass(between.clock, 5 * SECOND);
    const { rooms } = await between.crashed({ awayMs: 5 * SECOND });
    expect((await rooms.resume(ownerToken)).room.id).toBe(roomId);
  });

  it('gives the whole lease from a stop in good order on', async () => {
    const before = await practice();
    const { ownerToken } = await before.open();
    await pass(before.clock, 9 * SECOND);
    const { rooms } = await before.restarted({ awayMs: 15 * MINUTE + 15 * SECOND });
    expect(await refusalOf(() => rooms.resume(ownerToken))).toBe('not refused');
  });
});

describe('a note that ended while nothing could be written', () => {
  it('does not come back once the lease is over, when the server dies before it could write that down', async () => {
    const before = await practice();
    const { roomId, ownerToken } = await before.open();
    before.disk.broken = true;
    await before.rooms.end(roomId, 'revoked');
    for (let minutes = 0; minutes < 16; minutes++) await pass(before.clock, MINUTE);
    before.disk.broken = false;
    const { rooms } = await before.crashed();
    expect(await refusalOf(() => rooms.resume(ownerToken))).toBe('ended-room');
  });

  it('lets the other notes come back again as soon as it is written down', async () => {
    const before = await practice();
    const [over, other] = [await before.open(), await before.open()];
    before.disk.broken = true;
    await before.rooms.end(over.roomId, 'revoked');
    await pass(before.clock, MINUTE);
    before.disk.broken = false;
    await pass(before.clock, SECOND);
    const { rooms } = await before.crashed({ awayMs: 15 * MINUTE });
    expect((await rooms.resume(other.ownerToken)).room.id).toBe(other.roomId);
    expect(await refusalOf(() => rooms.resume(over.ownerToken))).toBe('ended-room');
  });
});

describe('a server that starts on a disk that it cannot write', () => {
  it('begins nothing and lets nothing come back until it can', async () => {
    const before = await practice();
    const { ownerToken } = await before.open();
    before.disk.broken = true;
    const { rooms, clock, disk } = await before.crashed();
    expect(await refusalOf(() => rooms.resume(ownerToken))).toBe('unavailable');
    expect(await refusalOf(() => rooms.draft(ROSSI))).toBe('unavailable');
    disk.broken = false;
    await pass(clock, SECOND);
    expect(await refusalOf(() => rooms.resume(ownerToken))).toBe('not refused');
  });

  it('gives up what did not come back in time within a minute', async () => {
    const before = await practice();
    const { roomId, ownerToken } = await before.open();
    before.disk.broken = true;
    const { rooms, clock, disk } = await before.crashed();
    await pass(clock, 16 * MINUTE);
    expect(await refusalOf(() => rooms.resume(ownerToken))).toBe('unavailable');
    disk.broken = false;
    await pass(clock, SECOND);
    await pass(clock, MINUTE);
    expect((await rooms.findTombstone(roomId))?.reason).toBe('lost');
  });
});

describe('the end of a note', () => {
  it('is written down before anybody is told', async () => {
    const { rooms, open, disk } = await practice();
    const { roomId } = await open();
    const { promise, resolve } = Promise.withResolvers<unknown>();
    // Begun at the moment of the event, before anything else can be written.
    rooms.onEvent(({ kind }) => kind === 'ended' && resolve(disk.repository().findTombstone(roomId)));
    const ending = rooms.end(roomId, 'revoked');
    disk.broken = true;
    disk.broken = false;
    await ending;
    expect(await promise).toMatchObject({ reason: 'revoked' });
  });

  it('leaves nothing live from the call on, before it is written down', async () => {
    const { rooms, open, emitted } = await practice();
    const { roomId, ownerToken } = await open();
    const ending = rooms.end(roomId, 'revoked');
    expect(emitted().at(-1)).toBe('opened');
    expect(rooms.find(roomId)).toBeUndefined();
    expect(rooms.of(ROSSI)).toEqual([]);
    const late = [rooms.resume(ownerToken), moreTime(rooms, roomId, 60), rooms.open(roomId, JOIN_HASH, POLICY)];
    for (const each of late) expect(await refusalOf(() => each)).toBe('ended-room');
    expect(await ending).toBe(true);
    expect(emitted().at(-1)).toBe('ended revoked');
  });

  it.each([
    ['Share', 'composed', (rooms: Rooms, roomId: string) => rooms.open(roomId, JOIN_HASH, POLICY)],
    ['more time', 'open', (rooms: Rooms, roomId: string) => moreTime(rooms, roomId, 60)],
  ] as const)('wins over %s that is being written down', async (_what, begin, act) => {
    const own = await practice();
    const { rooms, disk, emitted, restarted } = own;
    const { roomId, ownerToken } = await own[begin]();
    const before = emitted();
    const acting = refusalOf(() => act(rooms, roomId));
    const ending = rooms.end(roomId, 'revoked');
    expect(await acting).toBe('ended-room');
    await ending;
    expect(emitted().slice(before.length)).toEqual(['ended revoked']);
    const next = await restarted();
    expect(await refusalOf(() => next.rooms.resume(ownerToken))).toBe('ended-room');
    expect(await disk.repository().findClaimable(roomId, { time: own.clock.now(), boot: null })).toBeUndefined();
  });

  it('is told to the pages first, and to everybody even when somebody fails', async () => {
    const { rooms, open, listenerErrors } = await practice();
    const [one, other] = [await open(), await open()];
    const heard: string[] = [];
    rooms.onEvent(() => {
      heard.push('audit');
      throw new Error('of its own');
    });
    rooms.onEvent(() => heard.push('chat'));
    rooms.onEvent(() => heard.push('pages'), { first: true });
    await rooms.endAll('stopped');
    expect(heard).toEqual(['pages', 'audit', 'chat', 'pages', 'audit', 'chat']);
    expect(listenerErrors).toEqual([new Error('of its own'), new Error('of its own')]);
    for (const { roomId } of [one, other]) expect((await rooms.findTombstone(roomId))?.reason).toBe('stopped');
  });
});

describe('notes that end in one moment', () => {
  it('are all written down', async () => {
    const { rooms, open, disk } = await practice();
    const all = [await open(), await open(), await open()];
    await rooms.endAll('stopped');
    const repository = disk.repository();
    for (const { roomId } of all) expect((await repository.findTombstone(roomId))?.reason).toBe('stopped');
  });

  it('each by itself, cost one try while nothing can be written', async () => {
    const { rooms, open, disk } = await practice();
    const all = [await open(), await open(), await open(), await open()];
    let tries = 0;
    Object.defineProperty(disk, 'broken', {
      get: () => {
        tries += 1;
        return true;
      },
    });
    await Promise.all(all.map(({ roomId }) => rooms.end(roomId, 'revoked')));
    await settled();
    expect(tries).toBe(1);
  });
});

describe('what is asked of one note at once', () => {
  it('is done one after the other: the longest life counts', async () => {
    const { rooms, open } = await practice();
    const { roomId } = await open({ expirySeconds: 60 });
    await Promise.all([240, 120, 180].map((seconds) => rooms.extend(roomId, seconds)));
    expect(rooms.find(roomId)?.policy.expirySeconds).toBe(240);
    expect(rooms.leftMs({ id: roomId })).toBe(4 * MINUTE);
  });

  it('makes one room of a token that comes twice after a restart', async () => {
    const before = await practice();
    const { ownerToken } = await before.open();
    const { rooms, emitted } = await before.restarted();
    await Promise.all([rooms.resume(ownerToken), rooms.resume(ownerToken)]);
    expect(emitted()).toEqual(['recovered']);
  });
});
