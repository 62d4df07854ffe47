import { describe, expect, it } from 'vitest';
import type { EndReason } from '../../../src/protocol/constants.ts';
import type { RoomService } from '../../../src/rooms/room-service.ts';
import { JOIN_HASH, MINUTE, POLICY, pass, practice, ROSSI, refusalOf, settled } from './setup.ts';

/** As long as nobody has read the note. */
const GRACE = 15 * MINUTE;
const GRACE_READ = 2 * MINUTE;

describe("a room's states", () => {
  it('go from draft over open and interrupted to ended, each told once', async () => {
    const { rooms, emitted, events, composed } = await practice();
    const { roomId } = await composed();
    const stateIs = () => rooms.find(roomId)?.state;
    expect(stateIs()).toBe('draft');
    await rooms.open(roomId, JOIN_HASH, POLICY);
    expect(stateIs()).toBe('open');
    rooms.composerLost(roomId);
    expect(stateIs()).toBe('interrupted');
    rooms.composerBack(roomId);
    expect(stateIs()).toBe('open');
    expect(await rooms.end(roomId, 'revoked')).toBe(true);
    expect(stateIs()).toBeUndefined();
    expect(events.at(-1)?.room.state).toBe('ended');
    expect(emitted()).toEqual(['drafted', 'opened', 'interrupted', 'resumed', 'ended revoked']);
  });

  it('begin with the defaults: 30 minutes, the doctor admits, three readers, the name shown', async () => {
    const { rooms, clock } = await practice();
    const { room } = await rooms.draft(ROSSI);
    expect(room).toMatchObject({ state: 'draft', joinHash: null, openedAt: null, reading: 0, createdAt: clock.now() });
    expect(room.policy).toEqual({ expirySeconds: 1_800, admission: 'ask', maxReaders: 3, showName: true });
  });

  it('cannot be opened twice', async () => {
    const { rooms, open, emitted } = await practice();
    const { roomId } = await open();
    expect(await refusalOf(() => rooms.open(roomId, 'x'.repeat(43), POLICY))).toBe('not-allowed');
    expect(rooms.find(roomId)?.joinHash).toBe(JOIN_HASH);
    expect(emitted().filter((kind) => kind === 'opened')).toHaveLength(1);
  });

  it('cannot be opened while interrupted', async () => {
    const { rooms, open } = await practice();
    const { roomId } = await open();
    rooms.composerLost(roomId);
    expect(await refusalOf(() => rooms.open(roomId, JOIN_HASH, POLICY))).toBe('not-allowed');
  });

  it('are unknown for a room that never was', async () => {
    const { rooms, events } = await practice();
    expect(await refusalOf(() => rooms.getLive('nowhere'))).toBe('unknown-room');
    expect(await refusalOf(() => rooms.open('nowhere', JOIN_HASH, POLICY))).toBe('unknown-room');
    expect(await rooms.end('nowhere', 'revoked')).toBe(false);
    rooms.composerLost('nowhere');
    rooms.composerBack('nowhere');
    rooms.setReading('nowhere', 2);
    expect(events).toEqual([]);
  });

  it.each(['revoked', 'expired', 'left', 'lost', 'locked', 'stopped'] satisfies EndReason[])(
    'end as "%s" once, whatever else asks for an end',
    async (reason) => {
      const { rooms, open, emitted, clock } = await practice();
      const { roomId } = await open();
      expect(await rooms.end(roomId, reason)).toBe(true);
      expect(await rooms.end(roomId, 'revoked')).toBe(false);
      await pass(clock, 60 * MINUTE);
      await rooms.endAll('stopped');
      expect(emitted().filter((kind) => kind.startsWith('ended'))).toEqual([`ended ${reason}`]);
      expect(await rooms.findTombstone(roomId)).toMatchObject({ roomId, reason, joinHash: JOIN_HASH });
    },
  );

  it('tell how many read, and only when that changes', async () => {
    const { rooms, open, events } = await practice();
    const { roomId } = await open();
    events.length = 0;
    for (const reading of [1, 1, 2, 0, 0]) rooms.setReading(roomId, reading);
    expect(events.map(({ kind }) => kind)).toEqual(['readers-changed', 'readers-changed', 'readers-changed']);
    expect(rooms.find(roomId)?.reading).toBe(0);
  });

  it('tell who waits, and forget them when the connection to the composer is lost', async () => {
    const { rooms, open } = await practice();
    const { roomId } = await open();
    const waiting = [{ readerId: 'r1', number: 1, shortCode: '123456' }];
    rooms.setReaders(roomId, { waiting, readBy: 4 });
    expect(rooms.find(roomId)).toMatchObject({ waiting, readBy: 4 });
    rooms.composerLost(roomId);
    expect(rooms.find(roomId)).toMatchObject({ waiting: [], readBy: 4 });
  });

  it('pass a decision on about somebody who waits, and about nobody else', async () => {
    const { rooms, open, events } = await practice();
    const { roomId } = await open();
    rooms.setReaders(roomId, { waiting: [{ readerId: 'r1', number: 1, shortCode: '123456' }], readBy: 0 });
    events.length = 0;
    await rooms.requestDecision(roomId, 'r1', 'admit');
    expect(events).toMatchObject([{ kind: 'decision-requested', readerId: 'r1', decision: 'admit' }]);
    expect(await refusalOf(() => rooms.requestDecision(roomId, 'r2', 'admit'))).toBe('unknown-reader');
    expect(await refusalOf(() => rooms.requestDecision('nowhere', 'r1', 'admit'))).toBe('unknown-room');
    await rooms.end(roomId, 'revoked');
    expect(await refusalOf(() => rooms.requestDecision(roomId, 'r1', 'refuse'))).toBe('ended-room');
    expect(events.map(({ kind }) => kind)).toEqual(['decision-requested', 'ended']);
  });

  it('are no longer told to whoever stopped listening', async () => {
    const { rooms, open } = await practice();
    const heard: string[] = [];
    const stop = rooms.onEvent(({ kind }) => heard.push(kind));
    const { roomId } = await open();
    stop();
    await rooms.end(roomId, 'revoked');
    expect(heard).toEqual(['drafted', 'opened']);
  });

  it('end for everybody when the server stops, drafts and interrupted rooms too', async () => {
    const { rooms, open, composed, emitted, timers } = await practice();
    await open();
    rooms.composerLost((await open()).roomId);
    await composed();
    await rooms.draft(ROSSI);
    await rooms.endAll('stopped');
    expect(emitted().filter((kind) => kind.startsWith('ended'))).toEqual(Array(4).fill('ended stopped'));
    expect(rooms.of(ROSSI)).toEqual([]);
    expect(timers()).toBe(0);
  });
});

describe("the grace for a composer's lost connection", () => {
  it('ends the room as lost after 15 minutes, as long as nobody has read the note', async () => {
    const { rooms, open, clock, emitted } = await practice();
    const { roomId } = await open();
    rooms.composerLost(roomId);
    await pass(clock, GRACE - 1);
    expect(rooms.find(roomId)?.state).toBe('interrupted');
    await pass(clock, 1);
    expect(rooms.find(roomId)).toBeUndefined();
    expect(emitted()).toEqual(['drafted', 'opened', 'interrupted', 'ended lost']);
  });

  it.each([
    ['has read it', (rooms: RoomService, roomId: string) => rooms.setReaders(roomId, { waiting: [], readBy: 1 })],
    [
      'was reading it before',
      (rooms: RoomService, roomId: string) => {
        rooms.setReading(roomId, 1);
        rooms.setReading(roomId, 0);
      },
    ],
  ])('is two minutes once somebody %s, also at the next node', async (_what, read) => {
    const { rooms, open, clock, emitted, sibling } = await practice();
    const [one, other] = [await open(), await open()];
    for (const { roomId } of [one, other]) read(rooms, roomId);
    await settled();
    rooms.composerLost(one.roomId);
    await pass(clock, GRACE_READ - 1);
    expect(rooms.find(one.roomId)?.state).toBe('interrupted');
    await pass(clock, 1);
    expect(emitted().at(-1)).toBe('ended lost');
    const next = await sibling();
    await next.rooms.resume(other.ownerToken);
    await pass(clock, GRACE_READ - 1);
    expect(next.emitted()).toEqual(['recovered']);
    await pass(clock, 1);
    expect(next.emitted()).toEqual(['recovered', 'ended lost']);
  });

  it('is over when the composer is back in time, and starts anew with the next loss', async () => {
    const { rooms, open, clock } = await practice();
    const { roomId } = await open({ expirySeconds: 7_200 });
    for (let loss = 0; loss < 3; loss++) {
      rooms.composerLost(roomId);
      await pass(clock, GRACE - 1);
      rooms.composerBack(roomId);
    }
    await pass(clock, 10 * MINUTE);
    expect(rooms.find(roomId)?.state).toBe('open');
  });

  it('does not grow when the same loss is noticed twice', async () => {
    const { rooms, open, clock, emitted } = await practice();
    const { roomId } = await open();
    rooms.composerLost(roomId);
    await pass(clock, GRACE - 1_000);
    rooms.composerLost(roomId);
    await pass(clock, 1_000);
    expect(emitted()).toEqual(['drafted', 'opened', 'interrupted', 'ended lost']);
  });

  it('holds for a draft as well, which patients hear nothing of', async () => {
    const { rooms, composed, clock, emitted } = await practice();
    const { roomId } = await composed();
    rooms.composerLost(roomId);
    rooms.composerBack(roomId);
    expect(emitted()).toEqual(['drafted']);
    rooms.composerLost(roomId);
    await pass(clock, GRACE);
    expect(emitted()).toEqual(['drafted', 'ended lost']);
  });

  it('does not outlive the expiry', async () => {
    const { rooms, open, clock, emitted } = await practice();
    const { roomId } = await open({ expirySeconds: 60 });
    await pass(clock, 50_000);
    rooms.composerLost(roomId);
    await pass(clock, 10_000);
    expect(emitted().at(-1)).toBe('ended expired');
    await pass(clock, GRACE);
    expect(emitted().filter((kind) => kind.startsWith('ended'))).toEqual(['ended expired']);
  });
});
