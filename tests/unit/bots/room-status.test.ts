import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createStatusBoard, type RoomStatus } from '../../../bots/commands/room-status.ts';
import { DeliveryError } from '../../../bots/delivery/delivery-error.ts';
import { LocalCluster } from '../../../src/cluster/local-cluster.ts';
import { RoomDirectory } from '../../../src/cluster/room-directory.ts';
import { DAY, MINUTE, practice } from '../rooms/setup.ts';

const SECOND = 1_000;

/** A message in a chat whose calls a test lets succeed or fail, or answers one by one. */
function message({ held = false } = {}) {
  const calls: RoomStatus[] = [];
  const open: { succeed(): void; fail(error?: unknown): void }[] = [];
  const failures: unknown[] = [];
  let most = 0;
  const show = (status: RoomStatus): Promise<void> => {
    calls.push(status);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const settle = (act: () => void) => () => {
      open.splice(open.indexOf(call), 1);
      act();
    };
    const call = { succeed: settle(() => resolve()), fail: (error?: unknown) => settle(() => reject(error))() };
    open.push(call);
    most = Math.max(most, open.length);
    if (!held) (failures.length > 0 ? () => call.fail(failures.shift()) : call.succeed)();
    return promise;
  };
  return { show, calls, failures, atOnce: () => most, next: () => open[0] };
}

/** Lets everything run that waits for nothing but its turn. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function board() {
  const practised = await practice();
  const log: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void log.push(line) });
  const { rooms, clock } = practised;
  const directory = new RoomDirectory({ rooms, cluster: new LocalCluster(), clock });
  const timersBefore = practised.timers;
  return {
    ...practised,
    log,
    status: createStatusBoard({ rooms: directory, clock, log: logger }),
    /** Timers besides the room's own. */
    timersOver: (own: number) => timersBefore() - own,
    /** Moves time on in steps, and lets calls settle in between. */
    async pass(ms: number, step = 100) {
      await settled();
      for (let moved = 0; moved < ms; moved += step) {
        clock.advance(step);
        await settled();
      }
    },
  };
}

const WAITING = [{ readerId: 'r1', number: 1, shortCode: '123456' }];

describe('the status of a room in a chat', () => {
  it('is shown at once, and says what a doctor wants to know', async () => {
    const { rooms, status, open, clock } = await board();
    const { roomId } = await open();
    rooms.setReading(roomId, 1);
    rooms.setReaders(roomId, { waiting: WAITING, readBy: 2 });
    const { show, calls } = message();
    status.follow(roomId, show);
    await settled();
    expect(calls).toEqual([
      {
        roomTag: roomId.slice(0, 8),
        state: 'open',
        expiresAt: clock.now() + 30 * MINUTE,
        reading: 1,
        waiting: WAITING,
        isPageVisible: true,
        readBy: 2,
        over: null,
      },
    ]);
    expect(JSON.stringify(calls)).not.toContain(roomId);
  });

  it('follows the room from the draft to its end', async () => {
    const { rooms, status, clock, pass } = await board();
    const { room, ticket } = await rooms.draft({ platform: 'teams', tenant: 't', user: 'u', displayName: 'Dr U' });
    const { show, calls } = message();
    status.follow(room.id, show);
    await pass(SECOND);
    await rooms.redeem(ticket, () => false);
    await rooms.open(room.id, 'h'.repeat(43), room.policy);
    await pass(SECOND);
    rooms.composerLost(room.id);
    await pass(SECOND);
    rooms.composerBack(room.id);
    await pass(SECOND);
    rooms.setReading(room.id, 1);
    rooms.setReaders(room.id, { waiting: WAITING, readBy: 1 });
    await pass(SECOND);
    const endedAt = clock.now();
    await rooms.end(room.id, 'revoked');
    await pass(SECOND);
    expect(calls.map(({ state }) => state)).toEqual(['draft', 'open', 'interrupted', 'open', 'open', 'ended']);
    expect(calls.at(-1)).toMatchObject({
      reading: 0,
      waiting: [],
      readBy: 1,
      over: { reason: 'revoked', at: endedAt },
    });
    expect(calls.slice(0, -1).every(({ over }) => over === null)).toBe(true);
  });

  it('hands out pictures of a moment, which do not change with the room', async () => {
    const { rooms, status, open, pass } = await board();
    const { roomId } = await open();
    const { show, calls } = message();
    status.follow(roomId, show);
    await settled();
    rooms.setReading(roomId, 3);
    await pass(2 * SECOND);
    expect(calls.map(({ reading }) => reading)).toEqual([0, 3]);
  });

  it('is shown once a second at most, however much happens, and the last state always', async () => {
    const { rooms, status, open, clock, pass } = await board();
    const { roomId } = await open();
    const { show, calls } = message();
    const at: number[] = [];
    status.follow(roomId, (shown) => {
      at.push(clock.now());
      return show(shown);
    });
    for (let count = 1; count <= 95; count++) {
      rooms.setReading(roomId, count);
      await pass(50, 50);
    }
    await pass(2 * SECOND);
    // 4.75 s of changes: at the start, after each second, and the rest.
    expect(calls).toHaveLength(6);
    for (const [index, time] of at.entries()) expect(time - (at[index - 1] ?? 0)).toBeGreaterThanOrEqual(SECOND);
    expect(calls.at(-1)?.reading).toBe(95);
  });

  it('is shown once for all that happens in one go', async () => {
    const { rooms, status, open, pass } = await board();
    const { roomId } = await open();
    const { show, calls } = message();
    status.follow(roomId, show);
    rooms.setReading(roomId, 1);
    rooms.setReaders(roomId, { waiting: [], readBy: 1 });
    await pass(3 * SECOND);
    expect(calls).toMatchObject([{ reading: 1, readBy: 1 }]);
  });

  it('is not shown again when nothing of it changed', async () => {
    const { rooms, status, open, pass } = await board();
    const { roomId } = await open();
    const { show, calls } = message();
    status.follow(roomId, show);
    await pass(2 * SECOND);
    rooms.setReaders(roomId, { waiting: [], readBy: 0 });
    rooms.setReading(roomId, 1);
    rooms.setReading(roomId, 0);
    await pass(2 * SECOND);
    expect(calls).toHaveLength(1);
  });

  it('waits for a slow chat instead of overtaking itself, and then shows the latest alone', async () => {
    const { rooms, status, open, pass } = await board();
    const { roomId } = await open();
    const chat = message({ held: true });
    status.follow(roomId, chat.show);
    await settled();
    for (let reading = 1; reading <= 5; reading++) {
      rooms.setReading(roomId, reading);
      await pass(2 * SECOND);
    }
    expect(chat.calls).toHaveLength(1);
    chat.next()?.succeed();
    await settled();
    expect(chat.calls.map(({ reading }) => reading)).toEqual([0, 5]);
    expect(chat.atOnce()).toBe(1);
  });

  it('keeps several messages about one room up to date, a slow one holding back no other', async () => {
    const { rooms, status, open, pass } = await board();
    const { roomId } = await open();
    const [slow, quick] = [message({ held: true }), message()];
    status.follow(roomId, slow.show);
    status.follow(roomId, quick.show);
    await pass(SECOND);
    await rooms.end(roomId, 'left');
    await pass(SECOND);
    expect(slow.calls).toHaveLength(1);
    expect(quick.calls.map(({ state }) => state)).toEqual(['open', 'ended']);
  });

  it('of other rooms is none of its business', async () => {
    const { rooms, status, open, pass } = await board();
    const [mine, other] = [await open(), await open()];
    const { show, calls } = message();
    status.follow(mine.roomId, show);
    await pass(SECOND);
    await rooms.end(other.roomId, 'left');
    await pass(SECOND);
    expect(calls).toHaveLength(1);
  });
});

describe('a room that is over', () => {
  it('is shown as over once, and followed no more', async () => {
    const { rooms, status, open, pass, timersOver } = await board();
    const { roomId } = await open();
    const { show, calls } = message();
    status.follow(roomId, show);
    await pass(SECOND);
    await rooms.end(roomId, 'left');
    await rooms.end(roomId, 'revoked');
    await pass(5 * SECOND);
    expect(calls.map(({ over }) => over?.reason)).toEqual([undefined, 'left']);
    expect(timersOver(0)).toBe(0);
  });

  it('is forgotten with its tombstone, also when it was followed', async () => {
    const { rooms, status, open, pass, clock, housekeeping } = await board();
    const { roomId } = await open();
    const { show, calls } = message();
    status.follow(roomId, message().show);
    await pass(SECOND);
    await rooms.end(roomId, 'left');
    await pass(SECOND);
    clock.advance(2 * DAY);
    housekeeping();
    expect(await status.status(roomId)).toBeNull();
    status.follow(roomId, show);
    await pass(SECOND);
    expect(calls).toEqual([]);
  });

  it('before its first showing is shown as over alone', async () => {
    const { rooms, status, open, pass } = await board();
    const { roomId } = await open();
    const { show, calls } = message();
    status.follow(roomId, show);
    await rooms.end(roomId, 'revoked');
    await pass(3 * SECOND);
    expect(calls).toMatchObject([{ state: 'ended', over: { reason: 'revoked' } }]);
  });

  it('while its first showing is under way is shown as over next', async () => {
    const { rooms, status, open, pass } = await board();
    const { roomId } = await open();
    const chat = message({ held: true });
    status.follow(roomId, chat.show);
    await settled();
    await rooms.end(roomId, 'revoked');
    await pass(3 * SECOND);
    expect(chat.calls).toHaveLength(1);
    chat.next()?.succeed();
    await settled();
    expect(chat.calls.map(({ state }) => state)).toEqual(['open', 'ended']);
  });

  it('before anybody followed it is shown with what is left of it', async () => {
    const { rooms, status, open, pass, clock } = await board();
    const { roomId } = await open();
    await rooms.end(roomId, 'left');
    const endedAt = clock.now();
    await pass(SECOND);
    const { show, calls } = message();
    status.follow(roomId, show);
    await settled();
    expect(calls).toMatchObject([{ state: 'ended', waiting: [], over: { reason: 'left', at: endedAt } }]);
  });

  it('by its time is shown as over without anybody asking', async () => {
    const { status, open, pass } = await board();
    const { roomId } = await open({ expirySeconds: 60 });
    const { show, calls } = message();
    status.follow(roomId, show);
    await pass(61 * SECOND, SECOND);
    expect(calls.at(-1)).toMatchObject({ state: 'ended', over: { reason: 'expired' } });
  });

  it('can be asked for at any time, and has no status when it was never there', async () => {
    const { rooms, status, open, clock } = await board();
    const { roomId } = await open();
    rooms.setReading(roomId, 2);
    expect(await status.status(roomId)).toMatchObject({ state: 'open', reading: 2, over: null });
    await rooms.end(roomId, 'revoked');
    expect(await status.status(roomId)).toMatchObject({ state: 'ended', over: { reason: 'revoked', at: clock.now() } });
    expect(await status.status('A'.repeat(22))).toBeNull();
  });

  it('that is followed says how many had read it, once it is over', async () => {
    const { rooms, status, open } = await board();
    const { roomId } = await open();
    status.follow(roomId, message().show);
    await settled();
    rooms.setReaders(roomId, { waiting: [], readBy: 3 });
    await rooms.end(roomId, 'revoked');
    expect(await status.status(roomId)).toMatchObject({ readBy: 3, over: { reason: 'revoked' } });
  });

  it('shows nothing when it was never there', async () => {
    const { status, pass } = await board();
    const { show, calls } = message();
    status.follow('A'.repeat(22), show)();
    status.follow('A'.repeat(22), show);
    await pass(3 * SECOND);
    expect(calls).toEqual([]);
  });
});

describe('a chat that does not take a status', () => {
  it('is tried again after 1, 2 and 4 seconds, with what is true by then', async () => {
    const { rooms, status, open, clock, pass } = await board();
    const { roomId } = await open();
    const { show, calls, failures } = message();
    failures.push(new Error('1'), new Error('2'), new Error('3'));
    const at: number[] = [];
    const began = clock.now();
    status.follow(roomId, (shown) => {
      at.push(clock.now() - began);
      return show(shown);
    });
    await pass(2 * SECOND);
    rooms.setReading(roomId, 1);
    await pass(20 * SECOND);
    expect(at).toEqual([0, 1_000, 3_000, 7_000]);
    expect(calls.map(({ reading }) => reading)).toEqual([0, 0, 1, 1]);
  });

  it('goes on being tried for as long as the note is open, at least once a minute', async () => {
    const { status, open, pass, log, clock } = await board();
    const { roomId } = await open();
    const { show, calls, failures } = message();
    failures.push(...Array.from({ length: 12 }, () => new Error('down')));
    const at: number[] = [];
    const began = clock.now();
    status.follow(roomId, (shown) => {
      at.push((clock.now() - began) / SECOND);
      return show(shown);
    });
    await pass(600 * SECOND, SECOND);
    expect(at).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243, 303, 363, 423]);
    expect(calls).toHaveLength(13);
    expect(log).toHaveLength(12);
  });

  it('is waited for as long as the platform asks', async () => {
    const { status, open, pass, clock } = await board();
    const { roomId } = await open();
    const { show, failures } = message();
    failures.push(new DeliveryError('later', '429', 30 * SECOND));
    const at: number[] = [];
    const began = clock.now();
    status.follow(roomId, (shown) => {
      at.push((clock.now() - began) / SECOND);
      return show(shown);
    });
    await pass(60 * SECOND, SECOND);
    expect(at).toEqual([0, 30]);
  });

  it('that refuses for good is left alone until something changes, and for a minute', async () => {
    const { rooms, status, open, pass, log } = await board();
    const { roomId } = await open();
    const { show, calls, failures } = message();
    failures.push(new DeliveryError('none', '403'));
    status.follow(roomId, show);
    await pass(30 * SECOND, SECOND);
    rooms.setReading(roomId, 1);
    await pass(20 * SECOND, SECOND);
    expect(calls).toHaveLength(1);
    await pass(20 * SECOND, SECOND);
    expect(calls.map(({ reading }) => reading)).toEqual([0, 1]);
    expect(log.map((line) => JSON.parse(line).again)).toEqual([false]);
  });

  it('is tried soon again after a success', async () => {
    const { rooms, status, open, pass } = await board();
    const { roomId } = await open();
    const { show, calls, failures } = message();
    const down = (times: number) => failures.push(...Array.from({ length: times }, () => new Error('down')));
    down(3);
    status.follow(roomId, show);
    await pass(20 * SECOND, SECOND);
    down(3);
    rooms.setReading(roomId, 1);
    await pass(8 * SECOND, SECOND);
    expect(calls.map(({ reading }) => reading)).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
  });

  it('is shown the latest again when a failed call may have reached it after all', async () => {
    const { rooms, status, open, pass } = await board();
    const { roomId } = await open();
    const { show, calls, failures } = message();
    status.follow(roomId, show);
    await pass(SECOND);
    failures.push(new Error('timed out'));
    rooms.setReading(roomId, 1);
    await settled();
    rooms.setReading(roomId, 0);
    await pass(5 * SECOND);
    expect(calls.map(({ reading }) => reading)).toEqual([0, 1, 0]);
  });

  it('is told of the end for an hour, and then given up', async () => {
    const { rooms, status, open, pass } = await board();
    const { roomId } = await open();
    const stubborn = message();
    status.follow(roomId, stubborn.show);
    const late = message();
    status.follow(roomId, late.show);
    await pass(SECOND);
    stubborn.failures.push(...Array.from({ length: 99 }, () => new Error('down')));
    late.failures.push(...Array.from({ length: 30 }, () => new Error('down')));
    await rooms.end(roomId, 'left');
    await pass(3_600 * SECOND, 10 * SECOND);
    expect(late.calls.at(-1)).toMatchObject({ over: { reason: 'left' } });
    expect(late.calls).toHaveLength(1 + 31);
    const given = stubborn.calls.length;
    expect(given).toBeGreaterThan(40);
    await pass(3_600 * SECOND, 60 * SECOND);
    expect(stubborn.calls).toHaveLength(given);
  });

  it('is told of the end although it failed before', async () => {
    const { rooms, status, open, pass } = await board();
    const { roomId } = await open();
    const { show, calls, failures } = message();
    failures.push(...Array.from({ length: 4 }, () => new Error('down')));
    status.follow(roomId, show);
    await pass(30 * SECOND, SECOND);
    await rooms.end(roomId, 'left');
    await pass(SECOND);
    expect(calls.at(-1)).toMatchObject({ over: { reason: 'left' } });
  });

  it('is named in the log by what went wrong, without what was sent', async () => {
    const { status, open, pass, log } = await board();
    const { roomId } = await open();
    const { show, failures } = message();
    failures.push(
      Object.assign(new TypeError('MARKER https://hooks'), { code: 'slack_error', data: 'MARKER' }),
      'MARKER',
    );
    status.follow(roomId, show);
    await pass(5 * SECOND);
    expect(log).toHaveLength(2);
    expect(log[0]).toContain('"attempt":1,"again":true,"error":"TypeError","code":"slack_error"');
    expect(log[1]).toContain('"attempt":2,"again":true,"error":"string"');
    for (const hidden of ['MARKER', roomId]) expect(log.join('')).not.toContain(hidden);
  });

  it('may throw as well as reject', async () => {
    const { status, open, pass } = await board();
    const { roomId } = await open();
    let calls = 0;
    status.follow(roomId, () => {
      calls += 1;
      if (calls === 1) throw new Error('at once');
      return Promise.resolve();
    });
    await pass(3 * SECOND);
    expect(calls).toBe(2);
  });
});

describe('whoever wants to hear no more', () => {
  it('is not called again, whatever was due', async () => {
    const { rooms, status, open, pass } = await board();
    const { roomId } = await open();
    const [gone, stays] = [message(), message()];
    const unfollow = status.follow(roomId, gone.show);
    status.follow(roomId, stays.show);
    await settled();
    rooms.setReading(roomId, 1);
    unfollow();
    unfollow();
    await rooms.end(roomId, 'left');
    await pass(5 * SECOND);
    expect(gone.calls).toHaveLength(1);
    expect(stays.calls.at(-1)?.state).toBe('ended');
  });

  it('is not called at all when that comes at once', async () => {
    const { status, open, pass } = await board();
    const { roomId } = await open();
    const { show, calls } = message();
    status.follow(roomId, show)();
    await pass(2 * SECOND);
    expect(calls).toEqual([]);
  });

  it('may follow again', async () => {
    const { rooms, status, open, pass } = await board();
    const { roomId } = await open();
    status.follow(roomId, message().show)();
    const { show, calls } = message();
    status.follow(roomId, show);
    await pass(SECOND);
    await rooms.end(roomId, 'left');
    await pass(SECOND);
    expect(calls.map(({ state }) => state)).toEqual(['open', 'ended']);
  });
});

describe('a stop of the server', () => {
  it('shows how rooms ended without waiting for the second to pass', async () => {
    const { rooms, status, open } = await board();
    const chats = [
      { ...message(), ...(await open()) },
      { ...message(), ...(await open()) },
    ];
    for (const { roomId, show } of chats) status.follow(roomId, show);
    await settled();
    await rooms.endAll('stopped');
    await status.close();
    for (const { calls } of chats) expect(calls.map(({ over }) => over?.reason)).toEqual([undefined, 'stopped']);
  });

  it('says that the server restarts, and shows nobody as waiting any more', async () => {
    const { rooms, status, open } = await board();
    const { roomId } = await open();
    rooms.setReaders(roomId, { waiting: WAITING, readBy: 1 });
    const { show, calls } = message();
    status.follow(roomId, show);
    await settled();
    rooms.suspend();
    await status.close();
    expect(calls.at(-1)).toMatchObject({ state: 'open', restarting: true, waiting: [], over: null });
  });

  it('waits for calls under way, tries each last one once, and follows nothing any more', async () => {
    const { rooms, status, open, pass } = await board();
    const { roomId } = await open();
    const chat = message({ held: true });
    status.follow(roomId, chat.show);
    await settled();
    await rooms.endAll('stopped');
    let closed = false;
    const closing = status.close().then(() => {
      closed = true;
    });
    await settled();
    expect(chat.calls).toHaveLength(1);
    chat.next()?.succeed();
    await settled();
    expect(chat.calls).toHaveLength(2);
    expect(closed).toBe(false);
    chat.next()?.fail(new Error('down'));
    await closing;
    await pass(60 * SECOND, SECOND);
    expect(chat.calls).toHaveLength(2);
    expect(chat.atOnce()).toBe(1);
  });
});
