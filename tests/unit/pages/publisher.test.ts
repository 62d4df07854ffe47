import { describe, expect, it } from 'vitest';
import { NoteModel } from '../../../web-composer/session/note-model.ts';
import { Publisher } from '../../../web-composer/session/publisher.ts';
import { standingClock } from '../../support/server/movable-clock.ts';
import { doctor, medicine } from './composer-setup.ts';

const LIMIT = 64 * 1024;
const PAUSE = 1_500;

/** A doctor at the open note, and a patient who reads it. */
async function reading() {
  const all = await doctor({ admission: 'link' });
  const clock = standingClock();
  const publisher = new Publisher(all.note, clock, (revision) => all.readers.publish(revision));
  const patient = await all.reader();
  const { token } = await patient.note();
  await patient.shows(1);
  const writes = (text: string) => {
    all.note.setText(text);
    publisher.noteChanged();
  };
  /** Waits until a frame number is on its way. */
  const sent = (count: number) => expect.poll(() => patient.frames).toBe(count);
  return { ...all, clock, publisher, patient, token, writes, sent };
}

describe('a correction of an open note', () => {
  it('reaches the reader at once, and says that the doctor is at it until a pause of a second and a half', async () => {
    const { patient, writes, clock, publisher, sent } = await reading();
    writes('half a do');
    await sent(2);
    expect(await patient.note()).toMatchObject({ rev: 2, editing: true, note: { text: 'half a do' } });
    await patient.shows(2);
    expect(publisher.isEditing).toBe(true);
    clock.advance(PAUSE - 1);
    writes('half a dose');
    await sent(3);
    expect(await patient.note()).toMatchObject({ rev: 3, editing: true, note: { text: 'half a dose' } });
    await patient.shows(3);
    clock.advance(PAUSE - 1);
    expect(patient.frames).toBe(3);
    clock.advance(1);
    await sent(4);
    expect(await patient.note()).toMatchObject({ rev: 4, editing: false, note: { text: 'half a dose' } });
    expect(publisher.isEditing).toBe(false);
    clock.advance(10 * PAUSE);
    expect(patient.frames).toBe(4);
  });

  it('never has more than one version on its way to a slow reader, who gets the newest when it is ready', async () => {
    const { patient, writes, sent } = await reading();
    for (let stroke = 1; stroke <= 100; stroke++) writes(`stroke ${stroke}`);
    await sent(2);
    expect(await patient.note()).toMatchObject({ rev: 2, note: { text: 'stroke 1' } });
    for (let stroke = 101; stroke <= 200; stroke++) writes(`stroke ${stroke}`);
    expect(patient.frames).toBe(2);
    await patient.shows(2);
    await sent(3);
    expect(await patient.note()).toMatchObject({ rev: 201, note: { text: 'stroke 200' } });
    await patient.shows(201);
    expect(patient.frames).toBe(3);
  });

  it('comes in the order of the versions, each one newer than the one before', async () => {
    const { patient, writes, sent } = await reading();
    const revs: number[] = [1];
    for (let round = 0; round < 10; round++) {
      for (let stroke = 0; stroke < 3; stroke++) writes(`round ${round}, stroke ${stroke}`);
      await sent(revs.length + 1);
      const { rev } = await patient.note();
      expect(rev).toBeGreaterThan(revs.at(-1) ?? 0);
      revs.push(rev);
      await patient.shows(rev);
      await sent(revs.length + 1);
      const later = await patient.note();
      expect(later.note.text).toBe(`round ${round}, stroke 2`);
      revs.push(later.rev);
      await patient.shows(later.rev);
    }
  });

  it('does not make a fast reader wait for a slow one', async () => {
    const { reader, patient, writes, sent } = await reading();
    const slow = await reader();
    await slow.note();
    for (let rev = 2; rev < 6; rev++) {
      writes(`version ${rev}`);
      await sent(rev);
      await patient.note();
      await patient.shows(rev);
    }
    expect(slow.frames).toBe(1);
    await slow.shows(1);
    await expect.poll(() => slow.frames).toBe(2);
    expect(await slow.note()).toMatchObject({ rev: 5, note: { text: 'version 5' } });
  });

  it.each([
    ['empty', '', 'empty'],
    ['only spaces', ' \n\t', 'empty'],
    ['a byte over 64 KiB', 'x'.repeat(LIMIT + 1), 'too-long'],
    ['over 64 KiB in characters of many bytes', '💊'.repeat(LIMIT / 4 + 1), 'too-long'],
  ])('that is %s is not sent: readers keep the version before', async (_what, text, problem) => {
    const { note, patient, writes, clock, sent, reader } = await reading();
    writes('good');
    await sent(2);
    await patient.note();
    await patient.shows(2);
    writes(text);
    expect(note.problem).toBe(problem);
    expect(patient.frames).toBe(2);
    clock.advance(PAUSE);
    await sent(3);
    expect(await patient.note()).toMatchObject({ rev: 3, editing: false, note: { text: 'good' } });
    await patient.shows(3);
    const late = await reader();
    expect(await late.note()).toMatchObject({ note: { text: 'good' } });
    writes('good again');
    await sent(4);
    expect(await patient.note()).toMatchObject({ rev: 4, editing: true, note: { text: 'good again' } });
  });

  it('with a medicine that the other page would refuse is never sent: the reader keeps what it has', async () => {
    const { note, patient, writes, publisher, sent } = await reading();
    note.setMedicines([{ ...medicine('Ramipril'), remarks: 'x'.repeat(501) }]);
    writes('Take these.');
    expect(note.problem).toBe('list-too-long');
    expect(patient.frames).toBe(1);
    note.setMedicines(Array.from({ length: 301 }, () => medicine('Ramipril')));
    publisher.noteChanged();
    expect(note.problem).toBe('list-too-long');
    note.setMedicines([{ ...medicine('Ramipril'), remarks: 'x'.repeat(500) }]);
    publisher.noteChanged();
    await sent(2);
    expect(await patient.note()).toMatchObject({ note: { medicines: [{ name: 'Ramipril' }] } });
  });

  it('of just 64 KiB, text and medicines together, is sent whole', async () => {
    const { note, patient, writes, publisher, sent } = await reading();
    note.setMedicines([medicine('Ramipril')]);
    note.setText('');
    const list = note.bytes;
    writes('x'.repeat(LIMIT - list));
    expect(note.problem).toBeNull();
    await sent(2);
    expect(await patient.note()).toMatchObject({ note: { medicines: [{ name: 'Ramipril' }] } });
    note.setText('x'.repeat(LIMIT - list + 1));
    publisher.noteChanged();
    await patient.shows(2);
    expect(note.problem).toBe('too-long');
    expect(patient.frames).toBe(2);
  });

  it('is what a reader gets who comes in the middle of it: the last version that was fit to be read', async () => {
    const { writes, reader } = await reading();
    writes('in the middle');
    writes('');
    const late = await reader();
    expect(await late.note()).toMatchObject({ rev: 2, editing: true, note: { text: 'in the middle' } });
  });

  it('goes on when the page’s connection was away, with the newest version for whoever comes back', async () => {
    const { readers, connect, token, writes, reader } = await reading();
    readers.disconnect();
    writes('while away');
    await connect();
    const back = await reader(undefined, token);
    expect(await back.note()).toMatchObject({ note: { text: 'while away' } });
  });

  it('stops with the note: nothing is sent after it was wiped', async () => {
    const { readers, publisher, note, patient, writes, clock, sent } = await reading();
    writes('last words');
    await sent(2);
    const revision = note.finishEditing();
    publisher.stop();
    note.wipe();
    await readers.wipe('revoked');
    await sent(3);
    await patient.note();
    await patient.shows(2);
    clock.advance(PAUSE);
    readers.publish(revision);
    expect(patient.frames).toBe(3);
    expect(await patient.next()).toMatchObject({ kind: 'wipe' });
  });
});

describe('a reader that says to have seen a version', () => {
  it.each([
    ['that comes later', 2],
    ['that never was', 4_711],
    ['before the first', 0],
  ])('%s is turned away', async (_what, rev) => {
    const { patient } = await reading();
    await patient.shows(rev);
    expect(patient.isTurnedAway).toBe(true);
    expect(patient.channel.closed).toBe(true);
  });

  it('that it had before the one on its screen is turned away', async () => {
    const { patient, writes, sent } = await reading();
    writes('second');
    await sent(2);
    await patient.shows(2);
    await patient.shows(1);
    expect(patient.isTurnedAway).toBe(true);
  });

  it('again is believed once, and nothing changes', async () => {
    const { patient, readers } = await reading();
    await patient.shows(1);
    expect(patient.isTurnedAway).toBe(false);
    expect(patient.row).toMatchObject({ state: 'reading', shownRev: 1 });
    expect(readers.readBy).toBe(1);
    expect(patient.frames).toBe(1);
  });
});

describe('the version in which words last changed', () => {
  it('is not the one that only says that the doctor is done', () => {
    const note = new NoteModel();
    note.setText('a');
    note.publish(true);
    expect(note.finishEditing()).toMatchObject({ rev: 2, editing: false });
    expect(note.contentRev).toBe(1);
    expect(note.finishEditing().rev).toBe(2);
  });
});
