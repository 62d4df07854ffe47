import { describe, expect, it } from 'vitest';
import { hashOfRoom, roomTag } from '../../../src/rooms/room.ts';
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

const SECOND = 1_000;
const nobody = () => false;
const OTHER = { ...ROSSI, user: 'U2' };

/** Two nodes that take each other for alive, unless told otherwise. */
async function twoNodes({ isGone = false }: { isGone?: boolean } = {}) {
  const believed = { isGone };
  const one = await practice({ isGone: () => believed.isGone });
  const other = await one.sibling({ isGone: () => believed.isGone });
  await Promise.all([one.rooms.start(), other.rooms.start()]);
  return { one, other, clock: one.clock, believed };
}

/** Time passes while leases are renewed and sweeps are made. */
async function passing({ clock }: Practice, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 10 * SECOND) await pass(clock, Math.min(left, 10 * SECOND));
}

describe('a note that its composer brings to another node', () => {
  it('goes on there as it was, and its former node lets go of it without an end', async () => {
    const { one, other, clock } = await twoNodes();
    const { roomId, ownerToken } = await one.open();
    await pass(clock, 5 * MINUTE);
    const { room } = await other.rooms.resume(ownerToken);
    other.rooms.composerBack(roomId);
    expect(room).toMatchObject({ id: roomId, joinHash: JOIN_HASH, policy: POLICY });
    expect(other.rooms.leftMs(room)).toBe(25 * MINUTE);
    await one.rooms.verify();
    expect(one.rooms.find(roomId)).toBeUndefined();
    expect(one.emitted().at(-1)).toBe('moved');
    expect(other.emitted()).toEqual(['recovered', 'resumed']);
    expect(await other.rooms.findTombstone(roomId)).toBeUndefined();
    expect(one.rooms.countOf(ROSSI)).toEqual({ user: 0, tenant: 0 });
  });

  it('counts its epoch up each time, and an older word of a move changes nothing', async () => {
    const { one, other } = await twoNodes();
    const { roomId, ownerToken } = await one.open();
    const epochAt = async ({ rooms, events }: Practice): Promise<number> => {
      await rooms.resume(ownerToken);
      const recovered = events.findLast(({ kind }) => kind === 'recovered');
      return recovered?.kind === 'recovered' ? recovered.epoch : Number.NaN;
    };
    const first = await epochAt(other);
    one.rooms.moved(roomId, first);
    expect(one.rooms.find(roomId)).toBeUndefined();
    const second = await epochAt(one);
    expect(second).toBe(first + 1);
    for (const late of [first - 1, first, second]) one.rooms.moved(roomId, late);
    expect(one.rooms.find(roomId)).toBeDefined();
    one.rooms.moved(roomId, second + 1);
    expect(one.rooms.find(roomId)).toBeUndefined();
  });

  it('and to this one at once is one node’s alone in the end', async () => {
    const { one, other } = await twoNodes();
    for (let round = 0; round < 5; round++) {
      const { roomId, ownerToken } = await one.open();
      await Promise.all([one.rooms.resume(ownerToken), other.rooms.resume(ownerToken)]);
      await Promise.all([one.rooms.verify(), other.rooms.verify()]);
      const hosts = [one, other].filter(({ rooms }) => rooms.find(roomId) !== undefined);
      expect(hosts).toHaveLength(1);
      expect(await one.rooms.findTombstone(roomId)).toBeUndefined();
    }
  });

  it('is left by its former node within ten seconds, also when nobody tells it', async () => {
    const { one, other, clock } = await twoNodes();
    const { roomId, ownerToken } = await one.open();
    await other.rooms.resume(ownerToken);
    await pass(clock, 10 * SECOND);
    await settled();
    expect(one.rooms.find(roomId)).toBeUndefined();
    expect(other.rooms.find(roomId)).toBeDefined();
  });

  it('keeps its readers’ count and its time to wait', async () => {
    const { one, other, clock } = await twoNodes();
    const { roomId, ownerToken } = await one.open();
    one.rooms.setReaders(roomId, { waiting: [], readBy: 2 });
    await settled();
    expect((await other.rooms.resume(ownerToken)).room.readBy).toBe(2);
    await pass(clock, 2 * MINUTE);
    expect(other.emitted()).toEqual(['recovered', 'ended lost']);
  });

  it('may be a draft, and one that is being shared is shared once', async () => {
    const { one, other } = await twoNodes();
    const { roomId, ownerToken } = await one.composed();
    const shared = refusalOf(() => one.rooms.open(roomId, JOIN_HASH, POLICY));
    const { room } = await other.rooms.resume(ownerToken);
    expect(room.state).toBe('draft');
    await shared;
    other.rooms.composerBack(roomId);
    await other.rooms.open(roomId, JOIN_HASH, POLICY);
    await one.rooms.verify();
    expect(one.rooms.find(roomId)).toBeUndefined();
    expect(other.rooms.find(roomId)).toMatchObject({ state: 'open' });
  });

  it('is refused where the store says that its time to come back is over, although its page still has it', async () => {
    const one = await practice();
    const { ownerToken } = await one.open();
    one.freeze();
    await pass(one.clock, 16 * MINUTE);
    const other = await one.sibling({ isGone: () => false });
    await other.rooms.start();
    expect(await refusalOf(() => other.rooms.resume(ownerToken))).toBe('unknown-room');
    expect(other.absentEnds).toEqual([]);
  });
});

describe('a former host that stood still', () => {
  it('writes nothing over what the new one wrote: not more time, not "Share", not an end', async () => {
    const { one, other } = await twoNodes();
    const shared = await one.open({ expirySeconds: 60 });
    const draft = await one.composed();
    one.freeze();
    for (const { roomId, ownerToken } of [shared, draft]) {
      await other.rooms.resume(ownerToken);
      other.rooms.composerBack(roomId);
    }
    await moreTime(other.rooms, shared.roomId, 600);
    expect(await refusalOf(() => moreTime(one.rooms, shared.roomId, 60))).toBe('unknown-room');
    expect(await refusalOf(() => one.rooms.open(draft.roomId, 'x'.repeat(43), POLICY))).toBe('unknown-room');
    expect(one.emitted().slice(-2)).toEqual(['moved', 'moved']);
    const third = await other.crashed();
    await third.rooms.resume(shared.ownerToken);
    await third.rooms.resume(draft.ownerToken);
    expect(third.rooms.find(draft.roomId)?.state).toBe('draft');
  });

  it('does not end it by its old expiry or its old grace when it wakes', async () => {
    const { one, other } = await twoNodes();
    const [expiring, lost] = [await one.open({ expirySeconds: 60 }), await one.open()];
    one.rooms.composerLost(lost.roomId);
    one.freeze();
    for (const { roomId, ownerToken } of [expiring, lost]) {
      await other.rooms.resume(ownerToken);
      other.rooms.composerBack(roomId);
    }
    await moreTime(other.rooms, expiring.roomId, 3_000);
    await passing(other, 16 * MINUTE);
    one.wake();
    await settled();
    await settled();
    expect(one.emitted().filter((kind) => kind.startsWith('ended'))).toEqual([]);
    expect(one.emitted().filter((kind) => kind === 'moved')).toHaveLength(2);
    for (const { roomId } of [expiring, lost]) {
      expect(one.rooms.find(roomId)).toBeUndefined();
      expect(other.rooms.find(roomId)?.state).toBe('open');
      expect(await one.rooms.findTombstone(roomId)).toBeUndefined();
    }
  });

  it('does not take what it remembers of a room for how it is, when its page comes back there', async () => {
    const { one, other } = await twoNodes();
    const { roomId, ownerToken } = await one.open({ expirySeconds: 600 });
    one.rooms.composerBack(roomId);
    one.freeze();
    await other.rooms.resume(ownerToken);
    other.rooms.composerBack(roomId);
    await moreTime(other.rooms, roomId, 3_000);
    const { ownerToken: newest } = await other.rooms.resume(ownerToken);
    // Before it hears that the room was elsewhere.
    const { room } = await one.rooms.resume(newest);
    expect(room.policy.expirySeconds).toBe(3_600);
    expect(one.rooms.leftMs(room)).toBe(3_600 * SECOND);
    expect(one.emitted().slice(-2)).toEqual(['moved', 'recovered']);
    await other.rooms.verify();
    expect(other.rooms.find(roomId)).toBeUndefined();
  });

  it.each(['lost', 'expired', 'stopped'] as const)('cannot end it as "%s", and says that it moved', async (reason) => {
    const { one, other } = await twoNodes();
    const { roomId, ownerToken } = await one.open();
    await other.rooms.resume(ownerToken);
    expect(await one.rooms.end(roomId, reason)).toBe(false);
    expect(one.emitted().at(-1)).toBe('moved');
    expect(other.rooms.find(roomId)).toBeDefined();
    expect(await other.rooms.findTombstone(roomId)).toBeUndefined();
  });

  it.each(['revoked', 'left', 'locked'] as const)(
    'ends it as "%s" wherever it is: the doctor wanted that',
    async (reason) => {
      const { one, other } = await twoNodes();
      const { roomId, ownerToken } = await one.open();
      await other.rooms.resume(ownerToken);
      expect(await one.rooms.end(roomId, reason)).toBe(true);
      expect(one.emitted().at(-1)).toBe(`ended ${reason}`);
      await other.rooms.verify();
      expect(other.rooms.find(roomId)).toBeUndefined();
      expect(other.events.at(-1)).toMatchObject({ kind: 'ended', tombstone: { reason }, elsewhere: true });
      expect(await refusalOf(() => other.rooms.resume(ownerToken))).toBe('ended-room');
    },
  );

  it('whose room another one ended tells that end, not its own', async () => {
    const { one, other } = await twoNodes();
    const { roomId } = await one.open();
    expect(await other.rooms.endAbsent(roomId, 'revoked')).toBe(true);
    expect(await one.rooms.end(roomId, 'left')).toBe(false);
    expect(one.events.at(-1)).toMatchObject({ kind: 'ended', tombstone: { reason: 'revoked' }, elsewhere: true });
    expect((await one.rooms.findTombstone(roomId))?.reason).toBe('revoked');
  });

  it('that ended it while it could not reach the store does not end it at the new one', async () => {
    const { one, other, clock } = await twoNodes();
    const { roomId, ownerToken } = await one.open();
    one.cutOff(true);
    await one.rooms.end(roomId, 'lost');
    await other.rooms.resume(ownerToken);
    other.rooms.composerBack(roomId);
    one.cutOff(false);
    await pass(clock, SECOND);
    expect(one.persistence.available).toBe(true);
    expect(await one.rooms.findTombstone(roomId)).toBeUndefined();
    // Back here, it can be ended as any other.
    const { ownerToken: newest } = await other.rooms.resume(ownerToken);
    await one.rooms.resume(newest);
    expect(await one.rooms.end(roomId, 'revoked')).toBe(true);
    expect(one.emitted().at(-1)).toBe('ended revoked');
  });
});

describe('a node that cannot reach the store', () => {
  it('keeps the rooms that it has, also when their composers come back', async () => {
    const { one } = await twoNodes();
    const { roomId, ownerToken } = await one.open();
    one.rooms.composerLost(roomId);
    one.cutOff(true);
    expect((await one.rooms.resume(ownerToken)).room.id).toBe(roomId);
    one.rooms.composerBack(roomId);
    expect(one.rooms.find(roomId)?.state).toBe('open');
    await one.rooms.verify();
    expect(one.rooms.find(roomId)?.state).toBe('open');
  });

  it('takes no room from another one', async () => {
    const { one, other } = await twoNodes();
    const { ownerToken } = await one.open();
    other.cutOff(true);
    expect(await refusalOf(() => other.rooms.resume(ownerToken))).toBe('unavailable');
    expect(other.emitted()).toEqual([]);
  });

  it('hears from the store what became of its rooms as soon as it can', async () => {
    const { one, other, clock } = await twoNodes();
    const [taken, ended, own] = [await one.open(), await one.open(), await one.open()];
    one.cutOff(true);
    await pass(clock, 10 * SECOND);
    await other.rooms.resume(taken.ownerToken);
    await other.rooms.endAbsent(ended.roomId, 'revoked');
    one.cutOff(false);
    await pass(clock, SECOND);
    await settled();
    expect(one.emitted().slice(-2).sort()).toEqual(['ended revoked', 'moved']);
    expect(one.rooms.of(ROSSI).map(({ id }) => id)).toEqual([own.roomId]);
  });
});

describe('a compose link at another node', () => {
  it('opens the draft there, once, and its former node lets go of it', async () => {
    const { one, other } = await twoNodes();
    const { room, ticket } = await one.rooms.draft(ROSSI, { expirySeconds: 600 }, {}, '112');
    const got = await other.rooms.redeem(ticket, nobody);
    expect(got.room).toMatchObject({ id: room.id, doctor: ROSSI, policy: room.policy, phone: '112', state: 'draft' });
    expect(await refusalOf(() => one.rooms.redeem(ticket, nobody))).toBe('used-ticket');
    await one.rooms.verify();
    expect(one.emitted().at(-1)).toBe('moved');
    other.rooms.composerBack(room.id);
    await other.rooms.open(room.id, JOIN_HASH, POLICY);
    expect(other.rooms.find(room.id)?.state).toBe('open');
  });

  it.each([
    ['without another word', 'crashed'],
    ['in good order', 'restarted'],
  ] as const)('opens a draft whose node stopped %s, with the time to write that a draft has', async (_how, stop) => {
    const before = await practice();
    const { room, ticket } = await before.rooms.draft(ROSSI);
    before.rooms.suspend();
    const { rooms, clock } = await before[stop]({ awayMs: 9 * MINUTE });
    expect((await rooms.redeem(ticket, nobody)).room.id).toBe(room.id);
    rooms.composerBack(room.id);
    await pass(clock, 23 * 60 * MINUTE);
    expect(rooms.find(room.id)?.state).toBe('draft');
  });

  it('is good for ten minutes there as well', async () => {
    const { one, other, clock } = await twoNodes();
    const [early, late] = [await one.rooms.draft(ROSSI), await one.rooms.draft(ROSSI)];
    await pass(clock, 10 * MINUTE - 1);
    expect(await refusalOf(() => other.rooms.redeem(early.ticket, nobody))).toBe('not refused');
    await pass(clock, 1);
    expect(await refusalOf(() => other.rooms.redeem(late.ticket, nobody))).toBe('expired-ticket');
    await pass(clock, 10 * MINUTE);
    expect(await refusalOf(() => other.rooms.redeem(late.ticket, nobody))).toBe('unknown-ticket');
  });

  it('shown at both at once opens one draft for one of them', async () => {
    const { one, other } = await twoNodes();
    for (let round = 0; round < 10; round++) {
      const { room, ticket } = await one.rooms.draft(ROSSI);
      const pages = [
        ['page-one', one],
        ['page-other', other],
      ] as const;
      const said = await Promise.all(
        pages.map(([page, node]) => refusalOf(() => node.rooms.redeem(ticket, nobody, page))),
      );
      expect(said.toSorted()).toEqual(['not refused', 'used-ticket']);
      await Promise.all([one.rooms.verify(), other.rooms.verify()]);
      const hosts = [one, other].filter(({ rooms }) => rooms.find(room.id) !== undefined);
      expect(hosts).toHaveLength(1);
    }
  });

  it('may be shown again by the page that lost the answer, until something is shared', async () => {
    const { one, other } = await twoNodes();
    const { room, ticket } = await one.rooms.draft(ROSSI);
    await one.rooms.redeem(ticket, nobody, 'page');
    const again = await other.rooms.redeem(ticket, nobody, 'page');
    expect(again.room.id).toBe(room.id);
    expect(await refusalOf(() => one.rooms.redeem(ticket, nobody, 'another page'))).toBe('used-ticket');
    other.rooms.composerBack(room.id);
    await other.rooms.open(room.id, JOIN_HASH, POLICY);
    for (const { rooms } of [one, other]) {
      expect(await refusalOf(() => rooms.redeem(ticket, nobody, 'page'))).toBe('used-ticket');
    }
    expect(other.rooms.find(room.id)?.state).toBe('open');
  });

  it('is good again at every node when its composer could not be connected', async () => {
    const { one, other, clock } = await twoNodes();
    const { room, ticket } = await one.rooms.draft(ROSSI);
    await pass(clock, 2 * MINUTE);
    const { release } = await other.rooms.redeem(ticket, nobody);
    await release();
    expect(other.rooms.leftMs(room)).toBe(8 * MINUTE);
    expect((await one.rooms.redeem(ticket, nobody)).room.id).toBe(room.id);
  });

  it('stays good when it could not be opened because the store failed', async () => {
    const { one, other, clock } = await twoNodes();
    const { ticket } = await one.rooms.draft(ROSSI);
    other.cutOff(true);
    expect(await refusalOf(() => other.rooms.redeem(ticket, nobody))).toBe('unavailable');
    other.cutOff(false);
    // It is there again, and the node has not noticed yet.
    expect(await refusalOf(() => other.rooms.redeem(ticket, nobody))).toBe('unavailable');
    await pass(clock, SECOND);
    expect(await refusalOf(() => other.rooms.redeem(ticket, nobody))).toBe('not refused');
  });

  it('of a draft that its doctor revoked says that it is over, each time', async () => {
    const { one, other } = await twoNodes();
    const { room, ticket } = await one.rooms.draft(ROSSI);
    await one.rooms.end(room.id, 'revoked');
    for (const { rooms } of [other, one, other]) {
      expect(await refusalOf(() => rooms.redeem(ticket, nobody))).toBe('ended-room');
    }
  });

  it('is worth nothing at a server with another key', async () => {
    const one = await practice();
    const { ticket } = await one.rooms.draft(ROSSI);
    const other = await practice({ key: new Uint8Array(32).fill(8), kept: one.disk, time: one.clock });
    expect(await refusalOf(() => other.rooms.redeem(ticket, nobody))).toBe('unknown-ticket');
  });
});

describe('a draft that is refused when it is written down elsewhere', () => {
  it('leaves nothing that could come back or be told of', async () => {
    const { one, clock } = await twoNodes();
    const drafts: string[] = [];
    const failing = await one.sibling({
      beforeDraft: (room) => {
        drafts.push(room.id);
        return Promise.reject(new Error('audit'));
      },
    });
    await expect(failing.rooms.draft(ROSSI)).rejects.toThrow('audit');
    expect(failing.rooms.of(ROSSI)).toEqual([]);
    const next = await failing.crashed({ awayMs: 16 * MINUTE });
    await passing(next, 2 * MINUTE);
    expect(drafts).toHaveLength(1);
    expect(next.absentEnds).toEqual([]);
    expect(failing.emitted()).toEqual([]);
    expect(clock.now()).toBe(next.clock.now());
  });
});

describe('rooms that ended before their database was put back under a running server', () => {
  it('end again, soon, and come back to nobody from then on', async () => {
    const { one, other, clock } = await twoNodes();
    const { roomId, ownerToken } = await one.open();
    const staying = await one.open();
    const putBack = await one.disk.backup();
    await one.rooms.end(roomId, 'revoked');
    await putBack();
    for (let seconds = 0; seconds < 40; seconds += 10) await pass(clock, 10 * SECOND);
    expect(await refusalOf(() => one.rooms.resume(ownerToken))).toBe('ended-room');
    expect(await refusalOf(() => other.rooms.resume(ownerToken))).toBe('ended-room');
    expect(one.absentEnds).toMatchObject([{ tag: roomTag(roomId), reason: 'lost' }]);
    expect(one.rooms.find(staying.roomId)?.state).toBe('open');
  });
});

describe('"revoke all"', () => {
  it('ends the rooms of nodes that are gone at once, and tells who had them', async () => {
    const { one, other, believed } = await twoNodes();
    const { roomId, ownerToken } = await one.open();
    const draft = await one.composed();
    const { room: theirs } = await one.rooms.draft(OTHER);
    believed.isGone = true;
    expect(await other.rooms.endAllOfDoctor(ROSSI, 'revoked')).toBe(2);
    expect(other.absentEnds.map(({ tag }) => tag).sort()).toEqual([roomTag(roomId), roomTag(draft.roomId)].sort());
    expect(other.absentEnds[0]).toMatchObject({ reason: 'revoked', doctor: { user: 'U1' } });
    expect(await refusalOf(() => other.rooms.resume(ownerToken))).toBe('ended-room');
    expect(await other.rooms.findTombstone(theirs.id)).toBeUndefined();
    expect(await other.rooms.endAllOfDoctor(ROSSI, 'revoked')).toBe(0);
  });

  it('leaves the rooms of a node that is alive to that node, but they go nowhere any more', async () => {
    const { one, other, clock } = await twoNodes();
    const { roomId, ownerToken } = await one.open();
    await pass(clock, SECOND);
    expect(await other.rooms.endAllOfDoctor(ROSSI, 'revoked')).toBe(0);
    expect(await other.rooms.findTombstone(roomId)).toBeUndefined();
    expect(await other.rooms.recoverableJoinHash(roomId)).toBeNull();
    expect(await refusalOf(() => other.rooms.resume(ownerToken))).toBe('ended-room');
    expect(other.absentEnds).toMatchObject([{ roomHash: hashOfRoom(roomId), reason: 'revoked', endedAt: clock.now() }]);
    expect(await refusalOf(() => other.rooms.resume(ownerToken))).toBe('ended-room');
    expect(other.absentEnds).toHaveLength(1);
    await one.rooms.verify();
    expect(one.events.at(-1)).toMatchObject({ kind: 'ended', tombstone: { reason: 'revoked' }, elsewhere: true });
  });

  it('is found by a node that did not hear of it, as soon as it looks', async () => {
    const { one, other } = await twoNodes();
    const { roomId } = await one.open();
    await other.rooms.endAllOfDoctor(ROSSI, 'revoked');
    expect(one.rooms.find(roomId)).toBeDefined();
    await one.rooms.verify();
    expect(one.rooms.find(roomId)).toBeUndefined();
    expect(one.emitted().at(-1)).toBe('ended revoked');
  });

  it('is about rooms that were begun before, and no others', async () => {
    const { one, other, clock } = await twoNodes();
    await other.rooms.endTenant(ROSSI, 'stopped');
    await pass(clock, 1);
    const { ownerToken } = await one.open();
    expect(await refusalOf(() => other.rooms.resume(ownerToken))).toBe('not refused');
  });

  it('reaches a room that comes to this node at the same moment', async () => {
    for (let round = 0; round < 5; round++) {
      const { one, other } = await twoNodes();
      const { roomId, ownerToken } = await one.open();
      const coming = refusalOf(() => other.rooms.resume(ownerToken));
      for (let turn = 0; turn < round; turn++) await Promise.resolve();
      await other.rooms.endAllOfDoctor(ROSSI, 'revoked');
      await coming;
      expect(other.rooms.find(roomId)).toBeUndefined();
      expect((await other.rooms.findTombstone(roomId))?.reason).toBe('revoked');
    }
  });

  it.each([
    ['back by two hours', -120 * MINUTE],
    ['forward by two hours', 120 * MINUTE],
  ])('reaches them when the clock was set %s in between', async (_way, ms) => {
    const { one, other, clock } = await twoNodes();
    const { ownerToken } = await one.open({ expirySeconds: 86_400 });
    clock.set(ms);
    await other.rooms.endAllOfDoctor(ROSSI, 'revoked');
    expect(await refusalOf(() => other.rooms.resume(ownerToken))).toBe('ended-room');
  });

  it('is written down as soon as it can be', async () => {
    const { one, other, clock } = await twoNodes();
    const { ownerToken } = await one.open();
    other.cutOff(true);
    await pass(clock, 10 * SECOND);
    expect(await other.rooms.endAllOfDoctor(ROSSI, 'revoked')).toBe(0);
    other.cutOff(false);
    await pass(clock, SECOND);
    expect(await refusalOf(() => other.rooms.resume(ownerToken))).toBe('ended-room');
    const next = await one.sibling();
    expect(await refusalOf(() => next.rooms.resume(ownerToken))).toBe('ended-room');
  });
});

describe('the end of a room of another node', () => {
  it('is kept, and that node finds it', async () => {
    const { one, other } = await twoNodes();
    const { roomId, ownerToken } = await one.open();
    expect(await other.rooms.endAbsent(roomId, 'revoked')).toBe(true);
    expect(await other.rooms.endAbsent(roomId, 'revoked')).toBe(false);
    expect(other.absentEnds).toMatchObject([{ tag: roomTag(roomId), reason: 'revoked' }]);
    await one.rooms.verify();
    expect(one.events.at(-1)).toMatchObject({ kind: 'ended', tombstone: { reason: 'revoked' }, elsewhere: true });
    expect(await refusalOf(() => one.rooms.resume(ownerToken))).toBe('ended-room');
  });

  it('is not for rooms of one’s own, and not for those that never were', async () => {
    const { one } = await twoNodes();
    const { roomId } = await one.open();
    expect(await one.rooms.endAbsent(roomId, 'revoked')).toBe(false);
    expect(one.rooms.find(roomId)?.state).toBe('open');
    expect(await one.rooms.endAbsent('A'.repeat(22), 'revoked')).toBe(false);
    one.cutOff(true);
    expect(await refusalOf(() => one.rooms.endAbsent(roomId, 'revoked'))).toBe('unavailable');
  });

  it('is told to every listener, also when one of them fails', async () => {
    const { one, other } = await twoNodes();
    const { roomId } = await one.open();
    const heard: string[] = [];
    other.rooms.onAbsentEnds(() => {
      throw new Error('of its own');
    });
    const unlisten = other.rooms.onAbsentEnds((ends) => heard.push(...ends.map(({ tag }) => tag)));
    await other.rooms.endAbsent(roomId, 'revoked');
    expect(heard).toEqual([roomTag(roomId)]);
    expect(other.listenerErrors).toEqual([new Error('of its own')]);
    unlisten();
    await other.rooms.endAbsent((await one.open()).roomId, 'revoked');
    expect(heard).toHaveLength(1);
  });
});

describe('rooms that nobody brings back', () => {
  it('are ended by one of the nodes, once', async () => {
    const { one, other, believed } = await twoNodes();
    const third = await one.sibling({ isGone: () => believed.isGone });
    await third.rooms.start();
    const { roomId } = await one.open({ expirySeconds: 86_400 });
    one.freeze();
    believed.isGone = true;
    await passing(other, 17 * MINUTE);
    const told = [...other.absentEnds, ...third.absentEnds];
    expect(told).toMatchObject([{ tag: roomTag(roomId), reason: 'lost' }]);
  });

  it('stay as long as their node answers, although it cannot renew its lease', async () => {
    const { one, other } = await twoNodes({ isGone: false });
    const { roomId } = await one.open({ expirySeconds: 86_400 });
    one.cutOff(true);
    await passing(other, 30 * MINUTE);
    expect(other.absentEnds).toEqual([]);
    expect(await other.rooms.findTombstone(roomId)).toBeUndefined();
    one.cutOff(false);
    await passing(other, 10 * SECOND);
    expect(one.rooms.find(roomId)?.state).toBe('open');
  });

  it('of a node that renews its lease stay, whatever is believed of it', async () => {
    const { one, other } = await twoNodes({ isGone: true });
    const { roomId } = await one.open({ expirySeconds: 86_400 });
    await passing(other, 30 * MINUTE);
    expect(one.rooms.find(roomId)?.state).toBe('open');
    expect(other.absentEnds).toEqual([]);
  });

  it('wait until all that live had time to renew their leases after nobody could write', async () => {
    const kept = await practice();
    const { roomId } = await kept.open({ expirySeconds: 86_400 });
    kept.freeze();
    const other = await kept.sibling({ settleMs: 30 * SECOND });
    await other.rooms.start();
    other.disk.broken = true;
    await passing(other, 20 * MINUTE);
    other.disk.broken = false;
    await pass(other.clock, SECOND);
    await other.rooms.start();
    expect(other.absentEnds).toEqual([]);
    await pass(other.clock, 29 * SECOND);
    await other.rooms.start();
    expect(other.absentEnds).toEqual([]);
    await pass(other.clock, SECOND);
    await other.rooms.start();
    expect(other.absentEnds).toMatchObject([{ tag: roomTag(roomId), reason: 'lost' }]);
  });
});
