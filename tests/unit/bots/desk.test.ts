import { expect, it } from 'vitest';
import { ownRoom, pastNotes } from '../../../bots/commands/desk.ts';
import { roomTag } from '../../../src/rooms/room.ts';
import { ROSSI } from '../rooms/setup.ts';
import { pastNote } from '../store/setup.ts';
import { deskFor, OTHERS } from './setup.ts';

it('a doctor’s own room is found by its tag alone, and by nobody else', async () => {
  const { desk, shared, rooms } = await deskFor();
  const room = await shared();
  const tag = roomTag(room.id);
  expect(ownRoom(ROSSI, tag, desk)).toBe(room);
  for (const [, doctor] of OTHERS) expect(ownRoom(doctor, tag, desk)).toBeUndefined();
  for (const wrong of [room.id, tag.slice(0, 7), '', 'all']) expect(ownRoom(ROSSI, wrong, desk)).toBeUndefined();
  await rooms.end(room.id, 'revoked');
  expect(ownRoom(ROSSI, tag, desk)).toBeUndefined();
});

it('a doctor’s last notes are theirs, and none when they cannot be read', async () => {
  const { desk, clock, logged } = await deskFor();
  for (let ago = 1; ago <= 3; ago++) await desk.store.history.add(ROSSI, pastNote(clock.now() - ago));
  expect((await pastNotes(ROSSI, 2, desk)).map(({ endedAt }) => clock.now() - endedAt)).toEqual([1, 2]);
  for (const [, doctor] of OTHERS) expect(await pastNotes(doctor, 2, desk)).toEqual([]);

  const history = { ...desk.store.history, ofDoctor: () => Promise.reject(new Error('MARKER')) };
  expect(await pastNotes(ROSSI, 2, { ...desk, store: { ...desk.store, history } })).toEqual([]);
  expect(logged()).toMatchObject([{ event: 'history-unreadable', platform: 'slack', error: 'Error' }]);
  expect(JSON.stringify(logged())).not.toContain('MARKER');
});
