import { describe, expect, it } from 'vitest';
import { press, pressedRoom } from '../../../bots/commands/button-presses.ts';
import { ACTIONS, type Action } from '../../../bots/commands/view.ts';
import { type Doctor, roomTag } from '../../../src/rooms/room.ts';
import { ROSSI } from '../rooms/setup.ts';
import { botContextFor, CHAT, OTHERS } from './setup.ts';

const READER = { readerId: 'r'.repeat(22), number: 1, shortCode: '123456' };
const ON_ROOMS = ACTIONS.filter((action) => !['glir-new', 'glir-settings', 'glir-personal'].includes(action));

/** A shared note with a reader who waits, and its doctor's buttons. */
async function pressing() {
  const all = await botContextFor();
  const room = await all.shared();
  all.rooms.setReaders(room.id, { waiting: [READER], readBy: 0 });
  const decided: string[] = [];
  all.rooms.onEvent((event) => {
    if (event.kind === 'decision-requested') decided.push(`${event.decision} ${event.readerId}`);
  });
  const tag = roomTag(room.id);
  const presses = (action: Action, value = `${tag} ${READER.readerId}`, doctor: Doctor = ROSSI) =>
    press({ action, value, doctor }, CHAT, all.bot);
  return { ...all, room, tag, decided, presses };
}

describe('a button of the doctor’s own note', () => {
  it.each(['glir-revoke', 'glir-revoke-home'] as const)('ends it with %s', async (action) => {
    const { presses, room, rooms } = await pressing();
    expect(await presses(action)).toMatchObject({ kind: 'done', view: { summary: 'You revoked it' }, ended: true });
    expect((await rooms.findTombstone(room.id))?.reason).toBe('revoked');
  });

  it('ends it in a list, and brings the list as it is now', async () => {
    const { presses, tag, shared, rooms } = await pressing();
    const other = await shared();
    const result = await presses('glir-revoke-listed', tag);
    expect(result).toMatchObject({ kind: 'list', view: { summary: 'Your open notes:' } });
    expect(JSON.stringify(result)).toContain(roomTag(other.id));
    expect(JSON.stringify(result)).not.toContain(tag);
    expect(rooms.of(ROSSI).map(({ id }) => id)).toEqual([other.id]);
    expect(await presses('glir-revoke-listed', roomTag(other.id))).toMatchObject({
      view: { summary: 'You have no open notes.' },
    });
  });

  it('of a message that rang lets in the reader whose code it showed, also after a lost connection, and nobody else', async () => {
    const { presses, room, rooms, tag, decided } = await pressing();
    const rang = `${tag} 1-123456`;
    const again = { ...READER, readerId: 's'.repeat(22) };
    rooms.setReaders(room.id, { waiting: [again], readBy: 0 });
    expect(await presses('glir-ping-admit', rang)).toMatchObject({ kind: 'answered' });
    expect(decided).toEqual([`admit ${again.readerId}`]);
    for (const other of [
      { ...again, shortCode: '123457' },
      { ...again, number: 2 },
    ]) {
      rooms.setReaders(room.id, { waiting: [other], readBy: 0 });
      expect(await presses('glir-ping-admit', rang)).toMatchObject({ kind: 'refused' });
    }
    expect(decided).toHaveLength(1);
  });

  it.each([
    ['glir-admit', 'admit'],
    ['glir-refuse', 'refuse'],
  ] as const)('%s lets the composer decide, and the log says so without saying who', async (action, decision) => {
    const { presses, decided, logged } = await pressing();
    expect(await presses(action)).toMatchObject({
      kind: 'done',
      view: { summary: 'Your private note: Open' },
      ended: false,
    });
    expect(decided).toEqual([`${decision} ${READER.readerId}`]);
    expect(logged().at(-1)).toMatchObject({ event: 'reader-decided', platform: 'slack', decision });
    expect(JSON.stringify(logged())).not.toContain(READER.readerId);
  });

  it.each(['glir-write', 'glir-refresh'] as const)('changes nothing with %s', async (action) => {
    const { presses, room, rooms, decided } = await pressing();
    const before = JSON.stringify(rooms.find(room.id));
    expect(await presses(action)).toMatchObject({
      kind: 'done',
      view: { summary: 'Your private note: Open' },
      ended: false,
    });
    expect(JSON.stringify(rooms.find(room.id))).toBe(before);
    expect(decided).toEqual([]);
  });
});

it.each([
  ['no longer waits', READER.readerId],
  ['was never there', 'x'.repeat(22)],
  ['is missing from the button', ''],
])('the doctor is told when the reader %s', async (_name, readerId) => {
  const { presses, room, rooms, tag, decided, logged } = await pressing();
  rooms.setReaders(room.id, { waiting: [], readBy: 1 });
  expect(await presses('glir-admit', `${tag} ${readerId}`)).toMatchObject({
    kind: 'refused',
    view: { summary: 'That person is no longer waiting.' },
    room: { id: room.id },
  });
  expect(decided).toEqual([]);
  expect(logged()).toEqual([]);
});

describe('a button of somebody else’s note', () => {
  it.each(OTHERS.flatMap(([who, doctor]) => ON_ROOMS.map((action) => [action, who, doctor] as const)))(
    '%s does nothing for %s, who is told what a note that never was is told',
    async (action, _who, doctor) => {
      const { presses, room, rooms, tag, decided, logged } = await pressing();
      const before = JSON.stringify(rooms.find(room.id));
      const refused = await presses(action, `${tag} ${READER.readerId}`, doctor);
      expect(refused).toMatchObject({ kind: 'refused', room: null });
      expect(refused).toEqual(await presses(action, 'neverwas', doctor));
      expect(JSON.stringify(rooms.find(room.id))).toBe(before);
      expect(decided).toEqual([]);
      expect(logged()[0]).toMatchObject({ event: 'press-refused', platform: doctor.platform, action });
      expect(JSON.stringify(logged())).not.toContain(tag);
    },
  );
});

it.each([
  ['a note that is over', (tag: string) => tag],
  ['a whole room id', (_tag: string, id: string) => id],
  ['nothing', () => ''],
  ['a space', () => ' '],
  ['the note itself', () => 'MARKER two tablets'],
])('a button that carries %s is refused without saying it back', async (name, value) => {
  const { presses, rooms, room, tag, logged } = await pressing();
  if (name === 'a note that is over') await rooms.end(room.id, 'expired');
  const refused = await presses('glir-revoke', value(tag, room.id));
  expect(refused).toMatchObject({ kind: 'refused', room: null });
  expect(JSON.stringify([refused, logged()])).not.toContain('MARKER');
});

it('the buttons without a note ask for their form', async () => {
  const { presses } = await pressing();
  expect(await presses('glir-new', 'new')).toEqual({ kind: 'form' });
  expect(await presses('glir-settings', 'settings')).toEqual({ kind: 'settings' });
  expect(await presses('glir-personal', 'personal')).toEqual({ kind: 'personal' });
});

it('a doctor’s own room is found by its tag alone, and by nobody else', async () => {
  const { bot, shared, rooms } = await botContextFor();
  const room = await shared();
  const tag = roomTag(room.id);
  expect(await pressedRoom({ value: tag, doctor: ROSSI }, bot)).toMatchObject({ id: room.id });
  expect(await pressedRoom({ value: `${tag} ${READER.readerId}`, doctor: ROSSI }, bot)).toMatchObject({ id: room.id });
  for (const [, doctor] of OTHERS) expect(await pressedRoom({ value: tag, doctor }, bot)).toBeUndefined();
  for (const wrong of [room.id, tag.slice(0, 7), '', 'all'])
    expect(await pressedRoom({ value: wrong, doctor: ROSSI }, bot)).toBeUndefined();
  await rooms.end(room.id, 'revoked');
  expect(await pressedRoom({ value: tag, doctor: ROSSI }, bot)).toBeUndefined();
});
