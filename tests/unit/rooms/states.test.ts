import { describe, expect, it } from 'vitest';
import type { EndReason } from '../../../src/protocol/constants.ts';
import { JOIN_HASH, MINUTE, POLICY, practice, ROSSI, refusalOf } from './setup.ts';

const GRACE = 30_000;

describe("a room's states", () => {
  it('go from draft over open and interrupted to ended, each told once', () => {
    const { rooms, told, composed } = practice();
    const { roomId } = composed();
    const stateIs = () => rooms.find(roomId)?.state;
    expect(stateIs()).toBe('draft');
    const { room } = rooms.open(roomId, JOIN_HASH, POLICY);
    expect(stateIs()).toBe('open');
    rooms.composerLost(roomId);
    expect(stateIs()).toBe('interrupted');
    rooms.resumed(roomId);
    expect(stateIs()).toBe('open');
    expect(rooms.end(roomId, 'revoked')).toBe(true);
    expect(stateIs()).toBeUndefined();
    expect(room.state).toBe('ended');
    expect(told()).toEqual(['drafted', 'opened', 'interrupted', 'resumed', 'ended revoked']);
  });

  it('begin with the defaults: 30 minutes, the doctor admits, three readers, the name shown', () => {
    const { rooms, clock } = practice();
    const { room } = rooms.draft(ROSSI);
    expect(room).toMatchObject({ state: 'draft', joinHash: null, openedAt: null, reading: 0, createdAt: clock.now() });
    expect(room.policy).toEqual({ expirySeconds: 1_800, admission: 'ask', maxReaders: 3, showName: true });
  });

  it('cannot be opened twice', () => {
    const { rooms, open, told } = practice();
    const { roomId } = open();
    expect(refusalOf(() => rooms.open(roomId, 'x'.repeat(43), POLICY))).toBe('not-allowed');
    expect(rooms.find(roomId)?.joinHash).toBe(JOIN_HASH);
    expect(told().filter((kind) => kind === 'opened')).toHaveLength(1);
  });

  it('cannot be opened while interrupted', () => {
    const { rooms, open } = practice();
    const { roomId } = open();
    rooms.composerLost(roomId);
    expect(refusalOf(() => rooms.open(roomId, JOIN_HASH, POLICY))).toBe('not-allowed');
  });

  it('are unknown for a room that never was', () => {
    const { rooms, events } = practice();
    expect(refusalOf(() => rooms.live('nowhere'))).toBe('unknown-room');
    expect(refusalOf(() => rooms.open('nowhere', JOIN_HASH, POLICY))).toBe('unknown-room');
    expect(refusalOf(() => rooms.resumed('nowhere'))).toBe('unknown-room');
    expect(rooms.end('nowhere', 'revoked')).toBe(false);
    rooms.composerLost('nowhere');
    rooms.setReading('nowhere', 2);
    expect(events).toEqual([]);
  });

  it.each(['revoked', 'expired', 'left', 'lost', 'locked', 'stopped'] satisfies EndReason[])(
    'end as "%s" once, whatever else asks for an end',
    (reason) => {
      const { rooms, open, told, clock } = practice();
      const { roomId } = open();
      expect(rooms.end(roomId, reason)).toBe(true);
      expect(rooms.end(roomId, 'revoked')).toBe(false);
      clock.advance(60 * MINUTE);
      rooms.endAll('stopped');
      expect(told().filter((kind) => kind.startsWith('ended'))).toEqual([`ended ${reason}`]);
      expect(rooms.tombstone(roomId)).toMatchObject({ roomId, reason, joinHash: JOIN_HASH });
    },
  );

  it('tell how many read, and only when that changes', () => {
    const { rooms, open, events } = practice();
    const { roomId } = open();
    events.length = 0;
    for (const reading of [1, 1, 2, 0, 0]) rooms.setReading(roomId, reading);
    expect(events.map(({ kind }) => kind)).toEqual(['readers-changed', 'readers-changed', 'readers-changed']);
    expect(rooms.find(roomId)?.reading).toBe(0);
  });

  it('tell who waits, and forget them when the connection to the composer is lost', () => {
    const { rooms, open } = practice();
    const { roomId } = open();
    const waiting = [{ readerId: 'r1', number: 1, shortCode: '123456' }];
    rooms.setReaders(roomId, { waiting, readBy: 4 });
    expect(rooms.find(roomId)).toMatchObject({ waiting, readBy: 4 });
    rooms.composerLost(roomId);
    expect(rooms.find(roomId)).toMatchObject({ waiting: [], readBy: 4 });
  });

  it('pass a decision on about somebody who waits, and about nobody else', () => {
    const { rooms, open, events } = practice();
    const { roomId } = open();
    rooms.setReaders(roomId, { waiting: [{ readerId: 'r1', number: 1, shortCode: '123456' }], readBy: 0 });
    events.length = 0;
    rooms.decide(roomId, 'r1', 'admit');
    expect(events).toMatchObject([{ kind: 'decision-requested', readerId: 'r1', decision: 'admit' }]);
    expect(refusalOf(() => rooms.decide(roomId, 'r2', 'admit'))).toBe('unknown-reader');
    expect(refusalOf(() => rooms.decide('nowhere', 'r1', 'admit'))).toBe('unknown-room');
    rooms.end(roomId, 'revoked');
    expect(refusalOf(() => rooms.decide(roomId, 'r1', 'refuse'))).toBe('ended-room');
    expect(events.map(({ kind }) => kind)).toEqual(['decision-requested', 'ended']);
  });

  it('are no longer told to whoever stopped listening', () => {
    const { rooms, open } = practice();
    const heard: string[] = [];
    const stop = rooms.onEvent(({ kind }) => heard.push(kind));
    const { roomId } = open();
    stop();
    rooms.end(roomId, 'revoked');
    expect(heard).toEqual(['drafted', 'opened']);
  });

  it('end for everybody when the server stops, drafts and interrupted rooms too', () => {
    const { rooms, open, composed, told, timers, clock } = practice();
    open();
    rooms.composerLost(open().roomId);
    composed();
    rooms.draft(ROSSI);
    rooms.endAll('stopped');
    expect(told().filter((kind) => kind.startsWith('ended'))).toEqual(Array(4).fill('ended stopped'));
    expect(rooms.of(ROSSI)).toEqual([]);
    clock.advance(20 * MINUTE);
    expect(timers()).toBe(0);
  });
});

describe("the grace for a composer's lost connection", () => {
  it('ends the room as lost after 30 seconds', () => {
    const { rooms, open, clock, told } = practice();
    const { roomId } = open();
    rooms.composerLost(roomId);
    clock.advance(GRACE - 1);
    expect(rooms.find(roomId)?.state).toBe('interrupted');
    clock.advance(1);
    expect(rooms.find(roomId)).toBeUndefined();
    expect(told()).toEqual(['drafted', 'opened', 'interrupted', 'ended lost']);
  });

  it('is over when the composer is back in time, and starts anew with the next loss', () => {
    const { rooms, open, clock } = practice();
    const { roomId } = open({ expirySeconds: 3_600 });
    for (let loss = 0; loss < 3; loss++) {
      rooms.composerLost(roomId);
      clock.advance(GRACE - 1);
      rooms.resumed(roomId);
    }
    clock.advance(10 * MINUTE);
    expect(rooms.find(roomId)?.state).toBe('open');
  });

  it('does not grow when the same loss is noticed twice', () => {
    const { rooms, open, clock, told } = practice();
    const { roomId } = open();
    rooms.composerLost(roomId);
    clock.advance(GRACE - 1_000);
    rooms.composerLost(roomId);
    clock.advance(1_000);
    expect(told()).toEqual(['drafted', 'opened', 'interrupted', 'ended lost']);
  });

  it('holds for a draft as well, which patients hear nothing of', () => {
    const { rooms, composed, clock, told } = practice();
    const { roomId } = composed();
    rooms.composerLost(roomId);
    rooms.resumed(roomId);
    expect(told()).toEqual(['drafted']);
    rooms.composerLost(roomId);
    clock.advance(GRACE);
    expect(told()).toEqual(['drafted', 'ended lost']);
  });

  it('does not outlive the expiry', () => {
    const { rooms, open, clock, told } = practice();
    const { roomId } = open({ expirySeconds: 60 });
    clock.advance(50_000);
    rooms.composerLost(roomId);
    clock.advance(10_000);
    expect(told().at(-1)).toBe('ended expired');
    clock.advance(GRACE);
    expect(told().filter((kind) => kind.startsWith('ended'))).toEqual(['ended expired']);
  });
});
