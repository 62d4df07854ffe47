import { describe, expect, it, vi } from 'vitest';
import type { Reply, RequestType } from '../../../src/protocol/messages.ts';
import { openRoom, type Room, reconcileRoom } from '../../../web-composer/session/room.ts';
import type { OpenRoom } from '../../../web-composer/session/state.ts';
import { meaningOf } from '../../../web-receiver/session/refusals.ts';
import { RoomClock } from '../../../web-receiver/session/room-clock.ts';
import type { SignallingClient } from '../../../web-shared/net/signalling-client.ts';
import { standingClock } from '../../support/server/movable-clock.ts';
import { doctor } from './composer-setup.ts';

const MINUTE = 60_000;
const POLICY = { expirySeconds: 600, admission: 'link', maxReaders: 3, showName: true } as const;

describe('a connection that is lost in mid-handshake', () => {
  it('leaves no reader behind, and its place is free for the same patient', async () => {
    const { readers, newcomer, connect, reader } = await doctor({ admission: 'link', maxReaders: 1 });
    const lost = await newcomer();
    const knocking = lost.knocks();
    readers.disconnect();
    await knocking;
    expect(readers.rows).toEqual([]);
    await connect();
    const back = await reader();
    expect((await back.note()).rev).toBe(1);
    expect(readers.rows).toHaveLength(1);
  });

  it('of the reader alone is the same: who left before the handshake was over is not registered', async () => {
    const { readers, newcomer, reader } = await doctor({ admission: 'link', maxReaders: 1 });
    const lost = await newcomer();
    const knocking = lost.knocks();
    const leaving = readers.onServerEvent({ t: 'reader-left', readerId: lost.readerId, prekeyId: lost.prekeyId });
    await Promise.all([knocking, leaving]);
    expect(lost.frames).toBe(0);
    expect((await (await reader()).note()).rev).toBe(1);
  });
});

describe('a right PIN in the moment in which the last place goes', () => {
  it('is told that the note is full, and not that the doctor declined', async () => {
    const { reader, requests } = await doctor({ admission: 'pin', maxReaders: 1, pin: '482913' });
    const [first, second] = [await reader(), await reader()];
    await first.types('482913');
    await second.types('482913');
    expect(requests).toContainEqual({ t: 'refuse', readerId: second.readerId, because: 'room-full' });
    expect(second.row.state).toBe('left');
    expect((await first.note()).rev).toBe(1);
  });
});

describe('a room that the page finds otherwise than it left it', () => {
  const roomWith = (opened: OpenRoom | null, wantedSeconds: number) => {
    const readers = { open: vi.fn(), extend: vi.fn() };
    const keys = { psk: new Uint8Array(32), joinKey: new Uint8Array(32) };
    return { room: { opened, wantedSeconds, readers, keys, ownerToken: 'before' } as never as Room, readers };
  };
  const server = (answer: Partial<Reply<'share'>>) => {
    const asked: unknown[] = [];
    const request = (t: RequestType, body: object) => {
      asked.push({ t, ...body });
      const opened = { ownerToken: 'after', policy: POLICY, leftMs: 10 * MINUTE, totalMs: 10 * MINUTE };
      return Promise.resolve({ ...opened, ...answer });
    };
    return { asked, signalling: { request } as never as SignallingClient };
  };

  it('takes the stricter choice of two presses on "Share", with the time that is left since the first one', async () => {
    const { room, readers } = roomWith(null, 0);
    const clock = standingClock();
    const held = { ...POLICY, admission: 'ask', maxReaders: 1 } as const;
    const { signalling } = server({ policy: held, leftMs: 4 * MINUTE });
    const opened = await openRoom(room, signalling, POLICY, '', clock);
    expect(opened).toMatchObject({ policy: held, until: clock.now() + 4 * MINUTE, totalMs: 10 * MINUTE, gate: null });
    expect(readers.open).toHaveBeenCalledWith(opened);
  });

  it('keeps the doctor’s own choice where a server says a wider one', async () => {
    const { room } = roomWith(null, 0);
    const mine = { ...POLICY, admission: 'ask', maxReaders: 1, showName: false } as const;
    const { signalling } = server({ policy: { ...POLICY, maxReaders: 20 } });
    expect((await openRoom(room, signalling, mine, '', standingClock())).policy).toEqual(mine);
  });

  it('asks again for more time whose answer was lost, and takes what was given as far as it was asked for', async () => {
    const clock = standingClock();
    const until = clock.now() + 5 * MINUTE;
    const { room, readers } = roomWith({ policy: POLICY, until, totalMs: 10 * MINUTE, gate: null }, 1_500);
    const { asked, signalling } = server({ leftMs: 20 * MINUTE });
    await reconcileRoom(room, { policy: POLICY, leftMs: 10 * MINUTE }, signalling, clock);
    expect(asked).toEqual([{ t: 'extend', totalSeconds: 1_500 }]);
    expect(readers.extend.mock.calls.map(([, ms]) => ms)).toEqual([5 * MINUTE, 10 * MINUTE]);
    expect(room.opened).toMatchObject({ until: until + 15 * MINUTE, totalMs: 25 * MINUTE });
  });

  it('adds no time that nobody asked for', async () => {
    const clock = standingClock();
    const opened = { policy: POLICY, until: clock.now() + 5 * MINUTE, totalMs: 10 * MINUTE, gate: null };
    const { room } = roomWith(opened, 600);
    const { asked, signalling } = server({});
    await reconcileRoom(room, { policy: POLICY, leftMs: 60 * MINUTE }, signalling, clock);
    expect([room.opened, asked]).toEqual([opened, []]);
  });

  it('makes a server strict again that came back with an older choice, and takes a stricter one over', async () => {
    const clock = standingClock();
    const opened = {
      policy: { ...POLICY, admission: 'pin' },
      until: clock.now() + MINUTE,
      totalMs: 10 * MINUTE,
      gate: null,
    };
    const { room } = roomWith(opened as OpenRoom, 600);
    const older = server({ policy: { ...POLICY, admission: 'pin' } });
    await reconcileRoom(room, { policy: POLICY, leftMs: MINUTE }, older.signalling, clock);
    expect(older.asked).toMatchObject([{ t: 'share', policy: { admission: 'pin' } }]);
    const newer = server({});
    await reconcileRoom(room, { policy: { ...POLICY, admission: 'ask' }, leftMs: MINUTE }, newer.signalling, clock);
    expect([room.opened?.policy.admission, newer.asked]).toEqual(['ask', []]);
  });
});

describe('the patient’s page', () => {
  it('asks again by itself when the doctor’s page had no prekey ready', () => {
    for (const before of [true, false]) expect(meaningOf('no-prekey', before)).toEqual({ wait: 'for-place' });
  });

  it('counts anew after "Try again": an end that was moved meanwhile is not the old one', () => {
    const clock = standingClock();
    const room = new RoomClock(clock, () => undefined);
    const join = { who: null, phone: null, admission: 'link', totalMs: 10 * MINUTE } as const;
    room.onJoinReply({ ...join, leftMs: 10 * MINUTE } as Reply<'join'>);
    room.onSealedTime(10 * MINUTE, true);
    room.stop();
    clock.advance(11 * MINUTE);
    expect(room.onJoinReply({ ...join, leftMs: 4 * MINUTE } as Reply<'join'>).leftMs).toBe(4 * MINUTE);
  });
});
