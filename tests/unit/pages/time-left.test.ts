import { describe, expect, it } from 'vitest';
import type { Reply } from '../../../src/protocol/messages.ts';
import { extendRoom, type Room } from '../../../web-composer/session/room.ts';
import { RoomClock } from '../../../web-receiver/session/room-clock.ts';
import type { RoomFacts } from '../../../web-receiver/session/state.ts';
import type { SignallingClient } from '../../../web-shared/net/signalling-client.ts';
import { standingClock } from '../../support/server/movable-clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

type Joined = Pick<Reply<'join'>, 'who' | 'phone' | 'admission' | 'leftMs' | 'totalMs'>;
const joined = (leftMs: number, totalMs = HOUR): Joined => {
  return { who: 'Dr Anna Rossi', phone: null, admission: 'ask', leftMs, totalMs };
};

/** The patient's clock, on time that stands still, with what was shown each second. */
function patient() {
  const clock = standingClock();
  const seconds: RoomFacts[] = [];
  const room = new RoomClock(clock, (facts) => seconds.push(facts));
  const joins = (leftMs: number, totalMs?: number) => room.onJoinReply(joined(leftMs, totalMs) as Reply<'join'>);
  return { clock, room, seconds, joins, left: () => room.room?.leftMs };
}

describe('how long the patient’s page shows the note', () => {
  it('is what the server says, as long as the composer has said nothing', () => {
    const { room, joins, left, clock } = patient();
    expect(room.room).toBeNull();
    expect(joins(10 * MINUTE)).toMatchObject({ leftMs: 10 * MINUTE, totalMs: HOUR, until: clock.now() + 10 * MINUTE });
    clock.advance(MINUTE);
    room.onTimeLeft({ leftMs: 20 * MINUTE, totalMs: 2 * HOUR });
    expect(left()).toBe(20 * MINUTE);
    expect(room.room?.totalMs).toBe(2 * HOUR);
  });

  it('is told each second, at the end once more with nothing left, and then no more', () => {
    const { seconds, joins, clock } = patient();
    joins(3_000);
    for (let second = 0; second < 10; second++) clock.advance(1_000);
    expect(seconds.map(({ leftMs }) => leftMs)).toEqual([2_000, 1_000, 0]);
  });

  it('is not told any more after the page forgot the room', () => {
    const { room, seconds, joins, clock } = patient();
    joins(MINUTE);
    room.stop();
    clock.advance(2 * MINUTE);
    expect(seconds).toEqual([]);
    expect(room.room).toBeNull();
  });

  it('cannot be stretched by the server once the composer has sealed it: not by a join, not by a word about time', () => {
    const { room, joins, left } = patient();
    joins(24 * HOUR);
    room.onSealedTime(5 * MINUTE, true);
    expect(left()).toBe(5 * MINUTE);
    room.onTimeLeft({ leftMs: 24 * HOUR, totalMs: 24 * HOUR });
    expect(left()).toBe(5 * MINUTE);
    joins(24 * HOUR);
    expect(left()).toBe(5 * MINUTE);
    room.onTimeLeft({ leftMs: Number.POSITIVE_INFINITY, totalMs: Number.POSITIVE_INFINITY });
    expect(left()).toBe(5 * MINUTE);
  });

  it('can be shortened by the server at any time', () => {
    const { room, joins, left } = patient();
    joins(HOUR);
    room.onSealedTime(HOUR, true);
    room.onTimeLeft({ leftMs: MINUTE, totalMs: HOUR });
    expect(left()).toBe(MINUTE);
    joins(1_000);
    expect(left()).toBe(1_000);
    room.onTimeLeft({ leftMs: -5_000, totalMs: HOUR });
    expect(left()).toBe(0);
  });

  it('is shortened by a later version of the note, and never made longer by one', () => {
    const { room, joins, left, clock } = patient();
    joins(HOUR);
    room.onSealedTime(10 * MINUTE, true);
    clock.advance(MINUTE);
    // A version that was long on its way: its word is old.
    room.onSealedTime(10 * MINUTE, false);
    expect(left()).toBe(9 * MINUTE);
    room.onSealedTime(2 * MINUTE, false);
    expect(left()).toBe(2 * MINUTE);
    room.onSealedTime(8 * MINUTE, false);
    expect(left()).toBe(2 * MINUTE);
  });

  it('counts anew with the first note of a new connection, which may say more than before', () => {
    const { room, joins, left, clock } = patient();
    joins(HOUR);
    room.onSealedTime(2 * MINUTE, true);
    clock.advance(MINUTE);
    joins(HOUR);
    expect(left()).toBe(MINUTE);
    room.onSealedTime(30 * MINUTE, true);
    expect(left()).toBe(30 * MINUTE);
  });

  it.each([
    ['before a version that counts it already', ['old', 'add', 'new', 'new']],
    ['at once', ['add']],
    ['after a version that counts it already', ['old', 'new', 'add']],
    ['after two versions that do not', ['old', 'old', 'add']],
  ] as const)('grows by the same when the doctor adds time, and its word comes %s', (_what, order) => {
    const { room, joins, left } = patient();
    joins(24 * HOUR);
    room.onSealedTime(5 * MINUTE, true);
    const steps = {
      add: () => room.onSealedMoreTime(10 * MINUTE),
      old: () => room.onSealedTime(5 * MINUTE, false),
      new: () => room.onSealedTime(15 * MINUTE, false),
    };
    for (const step of order) steps[step]();
    expect(left()).toBe(15 * MINUTE);
  });

  it('grows twice when the doctor adds time twice, and by no more than the server has room for', () => {
    const { room, joins, left } = patient();
    joins(20 * MINUTE);
    room.onSealedTime(5 * MINUTE, true);
    room.onSealedMoreTime(10 * MINUTE);
    room.onSealedMoreTime(10 * MINUTE);
    expect(left()).toBe(20 * MINUTE);
    room.onTimeLeft({ leftMs: HOUR, totalMs: HOUR });
    expect(left()).toBe(25 * MINUTE);
  });

  it('is the server’s word alone when time is added before any note came', () => {
    const { room, joins, left } = patient();
    room.onSealedMoreTime(10 * MINUTE);
    joins(5 * MINUTE);
    expect(left()).toBe(5 * MINUTE);
    room.onSealedMoreTime(10 * MINUTE);
    expect(left()).toBe(5 * MINUTE);
    room.onSealedTime(4 * MINUTE, true);
    expect(left()).toBe(4 * MINUTE);
  });
});

describe('more time, at the doctor’s end', () => {
  type Answer = Reply<'extend'>;

  const POLICY = { expirySeconds: 3_600, admission: 'ask', maxReaders: 1, showName: true } as const;

  /** An open room with 5 minutes left, before a server that answers what it likes. */
  function doctor(answers: (() => Promise<Answer>)[]) {
    const clock = standingClock();
    const added: number[] = [];
    const until = clock.now() + 5 * MINUTE;
    const room = {
      ownerToken: 'before',
      opened: { until, totalMs: 30 * MINUTE, gate: null },
      wantedSeconds: 30 * 60,
      readers: { extend: (_opened: unknown, ms: number) => added.push(ms) },
    } as never as Room;
    const signalling = { request: () => answers.shift()?.() } as never as SignallingClient;
    const extend = (seconds: number) => {
      room.wantedSeconds += seconds;
      return extendRoom(room, signalling, clock);
    };
    return { clock, room, added, until, extend };
  }
  const answer = (leftMs: number): Answer => ({ ownerToken: 'after', policy: POLICY, leftMs, totalMs: HOUR });

  it('is what the server gave, told to the readers, with the new owner token', async () => {
    const { room, added, until, extend } = doctor([async () => answer(15 * MINUTE)]);
    await extend(600);
    expect(added).toEqual([10 * MINUTE]);
    expect(room).toMatchObject({ ownerToken: 'after', opened: { until: until + 10 * MINUTE, totalMs: 40 * MINUTE } });
  });

  it('is less when the server’s limit is near, and never more than asked for, nor less than nothing', async () => {
    const { room, added, until, extend } = doctor([
      async () => answer(7 * MINUTE),
      async () => answer(24 * HOUR),
      async () => answer(1_000),
    ]);
    await extend(600);
    await extend(600);
    await extend(600);
    expect(added).toEqual([2 * MINUTE, 10 * MINUTE]);
    expect(room.opened?.until).toBe(until + 12 * MINUTE);
  });

  it('is counted twice when it was asked for twice before the first answer', async () => {
    const first = Promise.withResolvers<Answer>();
    const second = Promise.withResolvers<Answer>();
    const { room, added, until, extend } = doctor([() => first.promise, () => second.promise]);
    const both = [extend(300), extend(300)];
    first.resolve(answer(10 * MINUTE));
    second.resolve(answer(15 * MINUTE));
    await Promise.all(both);
    expect(added).toEqual([5 * MINUTE, 5 * MINUTE]);
    expect(room.opened?.until).toBe(until + 10 * MINUTE);
  });

  it('changes nothing when it is refused', async () => {
    const { room, added, until, extend } = doctor([() => Promise.reject(new Error('not-allowed'))]);
    await expect(extend(300)).rejects.toThrow('not-allowed');
    expect(added).toEqual([]);
    expect(room).toMatchObject({ ownerToken: 'before', opened: { until } });
  });
});
