import { describe, expect, it } from 'vitest';
import type { ToComposer } from '../../../src/protocol/sealed.ts';
import { onReceipt } from '../../../web-composer/readers/reader-messages.ts';
import { POINTS_MAX } from '../../../web-shared/note-positions.ts';
import { aRow, doctor } from './composer-setup.ts';

const place = (index: number) => ({ part: 'text', index }) as const;
const point = (index: number, rev = 1, on = true): ToComposer => ({ kind: 'point', rev, place: place(index), on });

/** A patient with a note of four lines on the screen, and the doctor's row about it. */
async function reading(text = 'one\ntwo\nthree\nfour') {
  const all = await doctor({ admission: 'link' });
  all.note.setText(text);
  all.publish();
  const patient = await all.reader();
  const { rev, token } = await patient.note();
  await patient.shows(rev);
  /** The doctor writes another text, and it comes onto the patient's screen. */
  const corrects = async (next: string) => {
    all.note.setText(next);
    const before = patient.frames;
    all.publish();
    await expect.poll(() => patient.frames).toBe(before + 1);
    const version = await patient.note();
    await patient.shows(version.rev);
    return version.rev;
  };
  return { ...all, patient, rev, token, corrects };
}

describe('what the doctor is told of a reader', () => {
  it('is at first: on the screen, seen, not read to its end, not understood, no question', async () => {
    const { patient, rev } = await reading();
    expect(patient.row).toMatchObject({
      state: 'reading',
      visible: true,
      shownRev: rev,
      endRev: 0,
      understoodRev: 0,
      points: [],
    });
  });

  it('is whether the page can be seen, back and forth', async () => {
    const { patient } = await reading();
    for (const visible of [false, true, false, false]) {
      await patient.tells({ kind: 'screen', visible });
      expect(patient.row.visible).toBe(visible);
    }
  });

  it('is that its end was reached', async () => {
    const { patient, rev } = await reading();
    await patient.tells({ kind: 'end-reached', rev });
    expect(patient.row).toMatchObject({ endRev: rev, understoodRev: 0 });
  });

  it('is that it was understood, which nobody does who has not come to its end', async () => {
    const { patient, rev } = await reading();
    await patient.tells({ kind: 'understood', rev });
    expect(patient.row).toMatchObject({ endRev: rev, understoodRev: rev });
  });

  it('is where a question is, until it is taken back or the doctor has seen to it', async () => {
    const { readers, patient, rev } = await reading();
    await patient.tells(point(2, rev));
    await patient.tells(point(0, rev));
    await patient.tells(point(2, rev));
    expect(patient.row.points).toEqual([place(0), place(2)]);
    await patient.tells(point(0, rev, false));
    await patient.tells(point(3, rev, false));
    expect(patient.row.points).toEqual([place(2)]);
    readers.markAnswered(patient.readerId);
    expect(patient.row.points).toEqual([]);
    await patient.tells(point(2, rev));
    expect(patient.row.points).toEqual([place(2)]);
  });

  it('changes nothing when it is about another version than the one on the screen', async () => {
    const { patient, rev, corrects } = await reading();
    const later = await corrects('one\ntwo');
    const before = patient.row;
    for (const other of [0, rev, later + 1, 4_711]) {
      await patient.tells({ kind: 'end-reached', rev: other });
      await patient.tells({ kind: 'understood', rev: other });
      await patient.tells(point(1, other));
    }
    expect(patient.row).toEqual(before);
    expect(patient.isTurnedAway).toBe(false);
  });

  it('is true of the text: what was understood is not understood any more when words change', async () => {
    const { patient, rev, corrects, note } = await reading();
    await patient.tells({ kind: 'understood', rev });
    const later = await corrects('other words');
    expect(patient.row).toMatchObject({ shownRev: later, endRev: rev, understoodRev: rev });
    expect(patient.row.understoodRev).toBeLessThan(note.contentRev);
  });

  it('stays understood when no word changes: a change taken back, or another permission', async () => {
    const { patient, rev, corrects, note } = await reading('same');
    await patient.tells({ kind: 'understood', rev });
    await corrects('same');
    note.setOptions({ copy: false });
    await corrects('same');
    expect(patient.row.understoodRev).toBeGreaterThanOrEqual(note.contentRev);
    expect(patient.row.endRev).toBeGreaterThanOrEqual(note.contentRev);
    await corrects('other');
    await corrects('same');
    expect(patient.row.understoodRev).toBeLessThan(note.contentRev);
  });

  it('follows a question to where its line goes, and drops it when the line changes', async () => {
    const { patient, rev, corrects } = await reading();
    await patient.tells(point(1, rev));
    await patient.tells(point(3, rev));
    await corrects('zero\none\ntwo\nthree\nfour');
    expect(patient.row.points).toEqual([place(2), place(4)]);
    await corrects('zero\none\nTWO\nthree\nfour');
    expect(patient.row.points).toEqual([place(4)]);
  });

  it('is kept when the reader comes back, with its questions where their lines are by then', async () => {
    const { readers, note, publish, connect, reader, patient, rev, token } = await reading();
    await patient.tells({ kind: 'understood', rev });
    await patient.tells(point(1, rev));
    await patient.tells({ kind: 'screen', visible: false });
    readers.disconnect();
    note.setText('zero\none\ntwo\nthree\nfour');
    publish();
    await connect();
    const back = await reader(undefined, token);
    const version = await back.note();
    await back.shows(version.rev);
    expect(readers.rows).toHaveLength(1);
    expect(back.row).toMatchObject({ points: [place(2)], understoodRev: rev, visible: true, state: 'reading' });
  });

  it('is fifty questions at most', () => {
    let row = { ...aRow(), shownRev: 1 };
    for (let index = 0; index < POINTS_MAX + 10; index++) {
      row = { ...row, ...onReceipt(row, { kind: 'point', rev: 1, place: place(index), on: true }) };
    }
    expect(row.points).toHaveLength(POINTS_MAX);
    row = { ...row, ...onReceipt(row, { kind: 'point', rev: 1, place: place(0), on: false }) };
    row = { ...row, ...onReceipt(row, { kind: 'point', rev: 1, place: place(POINTS_MAX + 5), on: true }) };
    expect(row.points).toHaveLength(POINTS_MAX);
  });
});

describe('somebody who tells something before the note was sent', () => {
  const receipts: ToComposer[] = [
    { kind: 'shown', rev: 1 },
    { kind: 'screen', visible: false },
    { kind: 'end-reached', rev: 1 },
    { kind: 'understood', rev: 1 },
    point(0),
  ];

  it.each(receipts)('is turned away: $kind', async (receipt) => {
    const { readers, reader } = await doctor({ admission: 'ask' });
    const waiting = await reader();
    await waiting.tells(receipt);
    expect(waiting.isTurnedAway).toBe(true);
    expect(waiting.row).toMatchObject({ state: 'refused', visible: true, endRev: 0, understoodRev: 0, points: [] });
    await readers.admit(waiting.readerId);
    expect(waiting.frames).toBe(0);
  });

  it.each(receipts)('is turned away while the server has not let it in yet: $kind', async (receipt) => {
    const { readers, reader, holdAdmit } = await doctor({ admission: 'ask' });
    const waiting = await reader();
    const { promise, resolve: release } = Promise.withResolvers<void>();
    holdAdmit(promise);
    const admitting = readers.admit(waiting.readerId);
    await waiting.tells(receipt);
    expect(waiting.isTurnedAway).toBe(true);
    release();
    await admitting.catch(() => undefined);
    expect(waiting.frames).toBe(0);
  });

  it.each(receipts)('is turned away while it owes the PIN: $kind', async (receipt) => {
    const { reader, gate } = await doctor({ admission: 'pin' });
    const waiting = await reader();
    await waiting.tells(receipt);
    expect(waiting.isTurnedAway).toBe(true);
    expect(gate?.triesLeft).toBe(5);
  });
});

describe('somebody who tells something that nobody can tell', () => {
  it.each([
    ['a word of its own', '{"kind":"hello"}'],
    ['a word of the composer', '{"kind":"wrong-pin","triesLeft":9}'],
    ['a version in words', '{"kind":"shown","rev":"1"}'],
    ['a version between two', '{"kind":"understood","rev":1.5}'],
    ['a version below zero', '{"kind":"end-reached","rev":-1}'],
    ['a screen that is maybe', '{"kind":"screen","visible":"maybe"}'],
    ['a place before the first', '{"kind":"point","rev":1,"on":true,"place":{"part":"text","index":-1}}'],
    ['a place in another part', '{"kind":"point","rev":1,"on":true,"place":{"part":"title","index":0}}'],
    ['free text with a point', '{"kind":"point","rev":1,"on":true,"place":{"part":"text","index":0},"text":"why?"}'],
    ['a PIN of letters', '{"kind":"pin","pin":"secret"}'],
    ['a PIN as a number', '{"kind":"pin","pin":314159}'],
    ['a PIN without end', `{"kind":"pin","pin":"${'1'.repeat(500)}"}`],
    ['no JSON', 'shown'],
    ['nothing', ''],
  ])('is turned away: %s', async (_what, text) => {
    const { patient, readers } = await reading();
    await patient.says(text);
    expect(patient.isTurnedAway).toBe(true);
    expect(readers.rows[0]?.points).toEqual([]);
  });

  it.each(['', '!', 'AAAA', 'A'.repeat(2_000)])('is turned away: a box that nobody sealed, %j', async (ciphertext) => {
    const { patient } = await reading();
    await patient.passes(ciphertext);
    expect(patient.isTurnedAway).toBe(true);
  });
});
