import { describe, expect, it } from 'vitest';
import { JOIN_HASH, POLICY, type Practice, practice, ROSSI, refusalOf } from './setup.ts';

const SECOND = 1_000;

/** The server dies without another word, and is started again on the same disk. */
function crashed({ disk, clock }: Practice): Practice {
  const next = practice({ kept: disk, time: clock });
  next.rooms.start();
  return next;
}

describe('while nothing can be written', () => {
  it('a note that ends is over at once, for everybody', () => {
    const { rooms, open, disk, told } = practice();
    const [one, other] = [open(), open()];
    disk.broken = true;
    for (const { roomId, ownerToken } of [one, other]) {
      rooms.end(roomId, 'revoked');
      expect(rooms.tombstone(roomId)).toMatchObject({ reason: 'revoked', joinHash: JOIN_HASH });
      expect(refusalOf(() => rooms.resume(ownerToken))).toBe('ended-room');
    }
    expect(told().slice(-2)).toEqual(['ended revoked', 'ended revoked']);
  });

  it('no note is begun, shared or given more time; those that are open go on', () => {
    const { rooms, open, composed, disk } = practice();
    const [draft, shared] = [composed(), open()];
    disk.broken = true;
    expect(refusalOf(() => rooms.draft(ROSSI))).toBe('unavailable');
    expect(refusalOf(() => rooms.open(draft.roomId, JOIN_HASH, POLICY))).toBe('unavailable');
    expect(refusalOf(() => rooms.extend(shared.roomId, 60))).toBe('unavailable');
    expect(rooms.find(draft.roomId)?.state).toBe('draft');
    expect(rooms.find(shared.roomId)?.state).toBe('open');
  });

  it('nobody is told that a note is unknown which may be over', () => {
    const { rooms, disk } = practice();
    disk.broken = true;
    expect(refusalOf(() => rooms.live('A'.repeat(22)))).toBe('unavailable');
  });

  it('it is tried again by itself, and everything goes on as before', () => {
    const { rooms, registry, open, disk, clock } = practice();
    const { roomId } = open();
    disk.broken = true;
    rooms.end(roomId, 'revoked');
    expect(registry.sound).toBe(false);
    clock.advance(5 * SECOND);
    expect(refusalOf(() => rooms.draft(ROSSI))).toBe('unavailable');
    disk.broken = false;
    clock.advance(SECOND);
    expect(registry.sound).toBe(true);
    expect(refusalOf(() => rooms.draft(ROSSI))).toBe('not refused');
    expect(disk.registry().tombstone(roomId)?.reason).toBe('revoked');
  });
});

describe('a note that ended while nothing could be written', () => {
  it('does not come back when the server dies before it could write that down', () => {
    const before = practice();
    const { roomId } = before.open();
    before.disk.broken = true;
    before.rooms.end(roomId, 'revoked');
    // What signs the owner tokens is made of it: whatever was signed is worthless for the next start.
    expect(before.disk.vouched).toBe(false);
  });

  it('lets the other notes come back again as soon as it is written down', () => {
    const { rooms, open, disk, clock } = practice();
    const { roomId } = open();
    disk.broken = true;
    rooms.end(roomId, 'revoked');
    disk.broken = false;
    clock.advance(SECOND);
    expect(disk.vouched).toBe(true);
  });

  it('is tried to be ruled out again when even deleting failed', () => {
    const { rooms, open, disk } = practice();
    const [one, other] = [open(), open()];
    Object.assign(disk, { broken: true, dead: true });
    rooms.end(one.roomId, 'revoked');
    expect(disk.vouched).toBe(true);
    disk.dead = false;
    rooms.end(other.roomId, 'revoked');
    expect(disk.vouched).toBe(false);
  });
});

describe('a server that starts on a disk that it cannot write', () => {
  it('begins nothing and lets nothing come back until it can', () => {
    const before = practice();
    const { ownerToken } = before.open();
    before.disk.broken = true;
    const { rooms, clock, disk } = crashed(before);
    expect(refusalOf(() => rooms.resume(ownerToken))).toBe('unavailable');
    expect(refusalOf(() => rooms.draft(ROSSI))).toBe('unavailable');
    disk.broken = false;
    clock.advance(SECOND);
    expect(refusalOf(() => rooms.resume(ownerToken))).toBe('not refused');
  });

  it('gives up what did not come back as soon as it can, once the 30 s are over', () => {
    const before = practice();
    const { roomId, ownerToken } = before.open();
    before.disk.broken = true;
    const { rooms, clock, disk } = crashed(before);
    clock.advance(40 * SECOND);
    expect(refusalOf(() => rooms.resume(ownerToken))).toBe('unavailable');
    disk.broken = false;
    clock.advance(SECOND);
    expect(rooms.tombstone(roomId)?.reason).toBe('lost');
  });
});

describe('the end of a note', () => {
  it('is written down before anybody is told', () => {
    const { rooms, open, disk } = practice();
    const { roomId } = open();
    const kept: unknown[] = [];
    rooms.onEvent(({ kind }) => kind === 'ended' && kept.push(disk.registry().tombstone(roomId)?.reason));
    rooms.end(roomId, 'revoked');
    expect(kept).toEqual(['revoked']);
  });

  it('is told to the pages first, and to everybody even when somebody fails', () => {
    const { rooms, open, faults } = practice();
    const [one, other] = [open(), open()];
    const heard: string[] = [];
    rooms.onEvent(() => {
      heard.push('audit');
      throw new Error('of its own');
    });
    rooms.onEvent(() => heard.push('chat'));
    rooms.onEvent(() => heard.push('pages'), { first: true });
    rooms.endAll('stopped');
    expect(heard).toEqual(['pages', 'audit', 'chat', 'pages', 'audit', 'chat']);
    expect(faults).toEqual([new Error('of its own'), new Error('of its own')]);
    for (const { roomId } of [one, other]) expect(rooms.tombstone(roomId)?.reason).toBe('stopped');
  });
});

describe('two notes that end in one moment', () => {
  it('are written down together or not at all', () => {
    const { rooms, open, registry, disk } = practice();
    const all = [open(), open(), open()];
    rooms.endAll('stopped');
    registry.close();
    for (const { roomId } of all) expect(disk.registry().tombstone(roomId)?.reason).toBe('stopped');
  });
});
