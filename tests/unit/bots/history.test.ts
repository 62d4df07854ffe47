import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { pastNotes, recordHistory } from '../../../bots/commands/history.ts';
import type { Doctor } from '../../../src/rooms/room.ts';
import type { DoctorId, History, PastNote } from '../../../src/store/store.ts';
import { JOIN_HASH, MINUTE, POLICY, type Practice, practice, ROSSI, settled } from '../rooms/setup.ts';
import { pastNote } from '../store/setup.ts';
import { botContextFor, OTHERS } from './setup.ts';

/** A history that is kept in memory, when it can be. */
async function recording({ add = () => Promise.resolve(), at }: { add?: History['add']; at?: Practice } = {}) {
  const practised = at ?? (await practice());
  const { rooms, clock } = practised;
  const kept: { person: DoctorId; note: PastNote }[] = [];
  const log: string[] = [];
  const history: History = {
    add: async (person, note) => {
      await add(person, note);
      kept.push({ person, note });
    },
    ofDoctor: () => Promise.resolve([]),
    purge: () => Promise.resolve(0),
    counts: () => Promise.resolve([]),
  };
  const logger = pino({ level: 'trace' }, { write: (line: string) => void log.push(line) });
  const recorder = recordHistory({ rooms, history, log: logger });
  const opened = async (doctor: Doctor = ROSSI) => {
    const { room, ticket } = await rooms.draft(doctor);
    await rooms.redeem(ticket, () => false);
    clock.advance(MINUTE);
    await rooms.open(room.id, JOIN_HASH, POLICY);
    return room;
  };
  return { practised, rooms, clock, kept, log, recorder, opened };
}

describe("a doctor's history", () => {
  it('gets a note that is over: when, how it ended and how many had read it', async () => {
    const { rooms, clock, kept, recorder, opened } = await recording();
    const started = clock.now();
    const room = await opened();
    rooms.setReaders(room.id, { waiting: [], readBy: 2 });
    clock.advance(5 * MINUTE);
    await rooms.end(room.id, 'revoked');
    await recorder.stop();
    expect(kept).toEqual([
      {
        person: expect.objectContaining({ platform: 'slack', tenant: 'T1', user: 'U1' }),
        note: {
          roomTag: room.id.slice(0, 8),
          createdAt: started,
          openedAt: started + MINUTE,
          endedAt: started + 6 * MINUTE,
          reason: 'revoked',
          readBy: 2,
        },
      },
    ]);
  });

  it('gets nothing that could open or show the note', async () => {
    const { rooms, kept, recorder, opened } = await recording();
    const room = await opened();
    await rooms.end(room.id, 'expired');
    await recorder.stop();
    const notes = JSON.stringify(kept.map(({ note }) => note));
    for (const secret of [room.id, JOIN_HASH, ROSSI.displayName]) expect(notes).not.toContain(secret);
  });

  it('gets a note once it is over, and none that was never shared', async () => {
    const { rooms, kept, recorder, opened } = await recording();
    const { room: draft } = await rooms.draft(ROSSI);
    const live = await opened();
    rooms.composerLost(live.id);
    await rooms.end(draft.id, 'left');
    await recorder.stop();
    expect(kept).toEqual([]);
  });

  it('gets a note that ended while no server had it, as it was, and no draft', async () => {
    const { practised, clock, opened } = await recording();
    const { rooms } = practised;
    const started = clock.now();
    const room = await opened();
    rooms.setReaders(room.id, { waiting: [], readBy: 1 });
    await rooms.draft(ROSSI);
    await opened({ ...ROSSI, platform: 'local' });
    await settled();
    const next = await practised.crashed();
    const { kept, recorder } = await recording({ at: next });
    await next.rooms.endAllOfDoctor(ROSSI, 'revoked');
    await recorder.stop();
    const tag = room.id.slice(0, 8);
    expect(kept).toEqual([
      {
        person: { platform: 'slack', tenant: 'T1', user: 'U1' },
        note: {
          roomTag: tag,
          createdAt: started,
          openedAt: started + MINUTE,
          endedAt: clock.now(),
          reason: 'revoked',
          readBy: 1,
        },
      },
    ]);
  });

  it('gets one note of a room that two nodes had, from the one that ended it', async () => {
    const one = await recording();
    const other = await recording({ at: await one.practised.sibling({ isGone: () => false }) });
    const { roomId, ownerToken } = await one.practised.open();
    await other.rooms.resume(ownerToken);
    await other.rooms.end(roomId, 'left');
    await one.rooms.end(roomId, 'revoked');
    await Promise.all([one.recorder.stop(), other.recorder.stop()]);
    expect([one.kept.length, other.kept.map(({ note }) => note.reason)]).toEqual([0, ['left']]);
  });

  it('gets nothing from the local chat', async () => {
    const { rooms, kept, recorder, opened } = await recording();
    await rooms.end((await opened({ ...ROSSI, platform: 'local' })).id, 'left');
    await rooms.end((await opened({ ...ROSSI, platform: 'teams' })).id, 'left');
    await recorder.stop();
    expect(kept.map(({ person }) => person.platform)).toEqual(['teams']);
  });

  it('has every room that a stop of the server ends before the recorder stops', async () => {
    const waiting: (() => void)[] = [];
    const { rooms, kept, recorder, opened } = await recording({
      add: () => new Promise((resolve) => waiting.push(resolve)),
    });
    for (let count = 0; count < 3; count++) await opened();
    await rooms.endAll('lost');
    const stopped = recorder.stop();
    expect(kept).toEqual([]);
    for (const go of waiting) go();
    await stopped;
    expect(kept.map(({ note }) => note.reason)).toEqual(['lost', 'lost', 'lost']);
  });

  it('goes on after a note that could not be kept, which the log tells without its content', async () => {
    const failures = [new Error('disk full MARKER')];
    const add = () => {
      const failure = failures.pop();
      return failure === undefined ? Promise.resolve() : Promise.reject(failure);
    };
    const { rooms, kept, log, recorder, opened } = await recording({ add });
    const [first, second] = [await opened(), await opened()];
    await rooms.end(first.id, 'left');
    await rooms.end(second.id, 'left');
    await recorder.stop();
    expect(kept.map(({ note }) => note.roomTag)).toEqual([second.id.slice(0, 8)]);
    expect(log).toHaveLength(1);
    expect(log[0]).toContain(`"event":"history-not-saved","room":"${first.id.slice(0, 8)}"`);
    for (const hidden of ['MARKER', first.id, ROSSI.displayName]) expect(log[0]).not.toContain(hidden);
  });

  it('keeps nothing of notes that ended because GLIR was removed', async () => {
    const { rooms, kept, recorder, opened } = await recording();
    await opened();
    await rooms.endTenant(ROSSI, 'stopped');
    await recorder.stop();
    expect(kept).toEqual([]);
  });

  it('listens no more once the recorder has stopped', async () => {
    const { rooms, kept, recorder, opened } = await recording();
    const room = await opened();
    await recorder.stop();
    await rooms.end(room.id, 'left');
    await recorder.stop();
    expect(kept).toEqual([]);
  });
});

it('a doctor’s last notes are theirs, and none when they cannot be read', async () => {
  const { bot, clock, logged } = await botContextFor();
  for (let ago = 1; ago <= 3; ago++) await bot.store.history.add(ROSSI, pastNote(clock.now() - ago));
  expect((await pastNotes(ROSSI, 2, bot)).map(({ endedAt }) => clock.now() - endedAt)).toEqual([1, 2]);
  for (const [, doctor] of OTHERS) expect(await pastNotes(doctor, 2, bot)).toEqual([]);

  const history = { ...bot.store.history, ofDoctor: () => Promise.reject(new Error('MARKER')) };
  expect(await pastNotes(ROSSI, 2, { ...bot, store: { ...bot.store, history } })).toEqual([]);
  expect(logged()).toMatchObject([{ event: 'history-unreadable', platform: 'slack', error: 'Error' }]);
  expect(JSON.stringify(logged())).not.toContain('MARKER');
});
