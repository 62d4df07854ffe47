import { describe, expect, it } from 'vitest';
import type { Note } from '../../../src/protocol/note.ts';
import type { Place } from '../../../src/protocol/sealed.ts';
import { onReceipt, onShown, pointsIn } from '../../../web-composer/readers/receipts.ts';
import { movePlaces, POINTS_MAX, sameNote, samePlace } from '../../../web-shared/note-positions.ts';
import { aRow, medicine, noteOf, seeded } from './core-setup.ts';

const line = (index: number): Place => ({ part: 'text', index });
const item = (index: number): Place => ({ part: 'medicines', index });
/** Where places are after an edit of a text, one line each letter. */
const moved = (places: Place[], before: string, after: string) =>
  movePlaces(places, noteOf([...before].join('\n')), noteOf([...after].join('\n')));

describe('a place that a patient points at', () => {
  it('stands at its line in the doctor’s textbox, while the patient still has the version before', () => {
    const row = { ...aRow(), points: [line(1)] };
    const shown = noteOf('a\nb\nc');
    expect(pointsIn(row, shown, noteOf('new\na\nb\nc')).points).toEqual([line(2)]);
    expect(pointsIn(row, shown, noteOf('a\nB\nc')).points).toEqual([]);
    expect(pointsIn(row, undefined, noteOf('a')).points).toEqual([line(1)]);
  });

  it.each([
    ['stays when nothing changes', 'abc', 1, 'abc', 1],
    ['moves down with its line when lines come before it', 'abc', 1, 'xyabc', 3],
    ['moves up with its line when lines before it go', 'abcd', 3, 'cd', 1],
    ['stays when lines come or go behind it', 'abc', 0, 'a', 0],
    ['is dropped when its line changes', 'abc', 1, 'aBc', null],
    ['is dropped when its line goes', 'abc', 1, 'ac', null],
    ['follows its line to another place', 'abcd', 0, 'bcda', 3],
    ['stays with its own line among others of the same words when a line comes before them', 'aaa', 1, 'xaaa', 2],
    ['stays with its own line among others of the same words when a line comes behind them', 'aaa', 1, 'aaax', 1],
    ['goes to the nearest line of the same words when its own place is unclear', 'xabay', 3, 'Xacay', 3],
    ['is dropped when it was an empty line', 'abc', 7, 'abc', null],
  ])('%s', (_what, before, index, after, expected) => {
    expect(moved([line(index)], before, after)).toEqual(expected === null ? [] : [line(expected)]);
  });

  it('is none on an empty line, nor on one of spaces', () => {
    const before = noteOf('a\n\n   \nb');
    expect(movePlaces([line(1), line(2), line(3)], before, noteOf('a\n\n   \nb\nc'))).toEqual([line(3)]);
  });

  it('is counted once when two lines become one', () => {
    const places = movePlaces([line(0), line(1)], noteOf('a\na'), noteOf('x\na\ny'));
    expect(places).toEqual([line(1)]);
  });

  it('is looked for in its own part: a medicine’s name in the text is another thing', () => {
    const before = noteOf('Ramipril', [medicine('Ramipril'), medicine('Metformin')]);
    const after = noteOf('Metformin', [medicine('Metformin'), medicine('Ramipril')]);
    expect(movePlaces([line(0), item(0), item(1)], before, after)).toEqual([item(1), item(0)]);
  });

  it('is dropped when any field of its medicine changes, and stays when nothing but the order of fields does', () => {
    const before = noteOf('', [medicine('Ramipril')]);
    expect(movePlaces([item(0)], before, noteOf('', [{ ...medicine('Ramipril'), remarks: 'with food' }]))).toEqual([]);
    const plan = { ...medicine('Ramipril').plan, night: '1' };
    expect(movePlaces([item(0)], before, noteOf('', [{ ...medicine('Ramipril'), plan }]))).toEqual([]);
    const { name, ...rest } = medicine('Ramipril');
    expect(movePlaces([item(0)], before, noteOf('', [{ ...rest, name }]))).toEqual([item(0)]);
  });

  it('is moved quickly in a note of 10,000 lines, with as many places as there may be', () => {
    const lines = Array.from({ length: 10_000 }, (_, index) => `${index % 100}`.padStart(5, '.'));
    const before = noteOf(lines.join('\n'));
    expect(before.text.length).toBeGreaterThan(59_000);
    const after = noteOf([...lines.slice(5_000), 'between', ...lines.slice(0, 5_000)].join('\n'));
    const places = Array.from({ length: POINTS_MAX }, (_, index) => line(index * 199));
    const times = Array.from({ length: 5 }, () => {
      const begun = performance.now();
      expect(movePlaces(places, before, after)).toHaveLength(POINTS_MAX);
      return performance.now() - begun;
    });
    // The best of a few: the machine may be busy with something else.
    expect(Math.min(...times)).toBeLessThan(1_000);
  });
});

describe('whether two versions read the same', () => {
  const note = noteOf('a', [medicine('Ramipril')]);

  it('does not depend on the order of a medicine’s fields', () => {
    const { name, ...rest } = medicine('Ramipril');
    expect(sameNote(note, noteOf('a', [{ ...rest, name }]))).toBe(true);
  });

  it.each<[string, Note]>([
    ['another letter', { ...note, text: 'A' }],
    ['another format', { ...note, format: 'markdown' }],
    ['another medicine', { ...note, medicines: [medicine('Metformin')] }],
    ['no medicine', { ...note, medicines: [] }],
  ])('is no with %s', (_what, other) => expect(sameNote(note, other)).toBe(false));
});

describe('the points of a reader, counted on both pages', () => {
  const words = ['a', 'b', 'c', '', ' ', 'take one', 'take one'];
  const drugs = ['Ramipril', 'Metformin', 'Ibuprofen'];

  /** A list after some of it was cut, some was added, and at times its halves changed places. */
  function edited(all: readonly string[], choice: readonly string[], random: (limit: number) => number): string[] {
    const at = random(all.length + 1);
    const [head, rest] = [all.slice(0, at), all.slice(at)];
    const fresh = Array.from({ length: random(3) }, () => choice[random(choice.length)] ?? '');
    const tail = rest.slice(random(3));
    return random(4) === 0 ? [...tail, ...fresh, ...head] : [...head, ...fresh, ...tail];
  }

  it.each(Array.from({ length: 40 }, (_, seed) => seed + 1))('agree after any edits (seed %i)', (seed) => {
    const random = seeded(seed);
    const parts = { text: Array<string>(8).fill('take one'), medicines: Array<string>(4).fill('Ramipril') };
    const asNote = () => noteOf(parts.text.join('\n'), parts.medicines.map(medicine));
    let note = asNote();
    // The patient's page, with its own copy of everything, and the doctor's.
    let patient: Place[] = [];
    let row = { ...aRow(), ...onShown(aRow(), 1, null, note) };

    const taps = (rev: number) => {
      const part = random(2) === 0 ? 'text' : 'medicines';
      const place = { part, index: random(parts[part].length + 1) } as const;
      const on = random(3) > 0;
      const others = patient.filter((one) => !samePlace(one, place));
      patient = on ? [...others, place] : others;
      row = { ...row, ...onReceipt(row, { kind: 'point', rev, place, on }) };
    };

    for (let rev = 2; rev < 60; rev++) {
      for (let tap = 0; tap < 3; tap++) taps(rev - 1);
      expect(row.points).toEqual(patient);
      parts.text = edited(parts.text, words, random);
      parts.medicines = edited(parts.medicines, drugs, random);
      const next = asNote();
      const copy: [Note, Note] = JSON.parse(JSON.stringify([note, next]));
      patient = movePlaces(patient, ...copy);
      row = { ...row, ...onShown(row, rev, note, next) };
      note = next;
      expect(row.points).toEqual(patient);
      for (const { part, index } of patient) expect(parts[part][index]).toMatch(/\S/);
    }
  });
});
