import { describe, expect, it } from 'vitest';
import type { SentNote } from '../../../src/protocol/note-message.ts';
import type { ToComposer } from '../../../src/protocol/sealed.ts';
import { Sheet } from '../../../web-receiver/session/reading-state.ts';
import type { RoomFacts } from '../../../web-receiver/session/state.ts';
import { POINTS_MAX } from '../../../web-shared/note-places.ts';
import { medicine, noteOf } from './composer-setup.ts';

const ROOM: RoomFacts = { who: null, phone: null, until: 60_000, leftMs: 60_000, totalMs: 60_000, admission: 'ask' };
const place = (index: number) => ({ part: 'text', index }) as const;

/** A version of a note. */
function version(rev: number, text: string, more: Partial<SentNote> = {}): SentNote {
  const said = { editing: false, copy: true, print: true, note: noteOf(text) };
  return { kind: 'note', rev, nD: 'bkQ', token: 'cGFzcw', leftMs: 60_000, ...said, ...more };
}

/** A patient's sheet, with what it told the composer and how often it wanted to be drawn. */
function patient() {
  const told: ToComposer[] = [];
  let drawn = 0;
  const sheet = new Sheet(
    (receipt) => told.push(receipt),
    () => {
      drawn += 1;
    },
  );
  return {
    sheet,
    told,
    get drawn() {
      return drawn;
    },
    reading: () => sheet.state(ROOM),
  };
}

describe('the note on the patient’s screen', () => {
  it('is nothing before it came, and nobody is told of what is done there', () => {
    const { sheet, told, reading, drawn } = patient();
    sheet.reachedEnd();
    sheet.understood();
    sheet.point(place(0), true);
    sheet.seen(false);
    sheet.seen(true);
    expect(reading()).toBeNull();
    expect(told).toEqual([]);
    expect(drawn).toBe(0);
  });

  it('is what the last version says, with what the doctor allows', () => {
    const { sheet, reading } = patient();
    sheet.put(version(1, 'one', { copy: false, print: false }));
    expect(reading()).toMatchObject({ rev: 1, note: { text: 'one' }, copy: false, print: false, editing: false });
    sheet.put(version(7, 'two', { editing: true }));
    expect(reading()).toMatchObject({ rev: 7, note: { text: 'two' }, copy: true, print: true, editing: true });
  });

  it('is gone after it was wiped, and so is what was said about it', () => {
    const { sheet, told, reading } = patient();
    sheet.put(version(1, 'one'));
    sheet.understood();
    sheet.point(place(0), true);
    sheet.wipe();
    expect(reading()).toBeNull();
    told.length = 0;
    sheet.put(version(2, 'two'));
    expect(reading()).toMatchObject({ understood: false, points: [] });
    sheet.reachedEnd();
    expect(told).toEqual([{ kind: 'end-reached', rev: 2 }]);
  });
});

describe('"I have understood"', () => {
  it('is told once for a version', () => {
    const { sheet, told, reading } = patient();
    sheet.put(version(1, 'one'));
    sheet.understood();
    sheet.understood();
    expect(told).toEqual([{ kind: 'understood', rev: 1 }]);
    expect(reading()?.understood).toBe(true);
  });

  it('cannot be said of what the doctor is changing at this moment', () => {
    const { sheet, told, reading } = patient();
    sheet.put(version(2, 'half a do', { editing: true }));
    sheet.understood();
    expect(told).toEqual([]);
    expect(reading()?.understood).toBe(false);
    sheet.put(version(3, 'half a dose'));
    sheet.understood();
    expect(told).toEqual([{ kind: 'understood', rev: 3 }]);
  });

  it.each([
    ['another word', version(2, 'two')],
    ['another space', version(2, 'one ')],
    ['another format', version(2, '', { note: { ...noteOf('one'), format: 'markdown' } })],
    ['another medicine', version(2, '', { note: noteOf('one', [medicine('Ramipril')]) })],
  ])('is taken back by a version with %s', (_what, next) => {
    const { sheet, told, reading } = patient();
    sheet.put(version(1, 'one'));
    sheet.reachedEnd();
    sheet.understood();
    sheet.put(next);
    expect(reading()?.understood).toBe(false);
    told.length = 0;
    sheet.reachedEnd();
    sheet.understood();
    expect(told).toEqual([
      { kind: 'end-reached', rev: 2 },
      { kind: 'understood', rev: 2 },
    ]);
  });

  it('stays through versions in which no word changes', () => {
    const { sheet, told, reading } = patient();
    sheet.put(version(1, 'one', { note: noteOf('one', [medicine('Ramipril')]) }));
    sheet.understood();
    sheet.put(version(2, '', { note: noteOf('one', [medicine('Ramipril')]), editing: true, copy: false }));
    sheet.put(version(3, '', { note: noteOf('one', [medicine('Ramipril')]), leftMs: 1 }));
    expect(reading()?.understood).toBe(true);
    sheet.understood();
    expect(told).toHaveLength(1);
  });
});

describe('the end of the note', () => {
  it('is told once for each text, however often it comes into sight', () => {
    const { sheet, told } = patient();
    sheet.put(version(1, 'one'));
    for (let look = 0; look < 3; look++) sheet.reachedEnd();
    sheet.put(version(2, 'one', { editing: true }));
    sheet.reachedEnd();
    sheet.put(version(3, 'one, and more'));
    for (let look = 0; look < 3; look++) sheet.reachedEnd();
    expect(told).toEqual([
      { kind: 'end-reached', rev: 1 },
      { kind: 'end-reached', rev: 3 },
    ]);
  });
});

describe('whether the page can be seen', () => {
  it('is told when it changes, and only then', () => {
    const { sheet, told } = patient();
    sheet.put(version(1, 'one'));
    for (const visible of [true, false, false, true, true]) sheet.seen(visible);
    expect(told).toEqual([
      { kind: 'screen', visible: false },
      { kind: 'screen', visible: true },
    ]);
  });

  it('is told with each version that comes while nobody sees it', () => {
    const { sheet, told } = patient();
    sheet.seen(false);
    expect(told).toEqual([]);
    sheet.put(version(1, 'one'));
    sheet.put(version(2, 'two'));
    expect(told).toEqual(Array(2).fill({ kind: 'screen', visible: false }));
    sheet.seen(true);
    sheet.put(version(3, 'three'));
    expect(told.slice(2)).toEqual([{ kind: 'screen', visible: true }]);
  });
});

describe('"I don’t understand this"', () => {
  it('is told with the version that it is about, and taken back', () => {
    const { sheet, told, reading } = patient();
    sheet.put(version(4, 'one\ntwo'));
    sheet.point(place(1), true);
    expect(reading()?.points).toEqual([place(1)]);
    sheet.point(place(1), false);
    expect(reading()?.points).toEqual([]);
    expect(told).toEqual([
      { kind: 'point', rev: 4, place: place(1), on: true },
      { kind: 'point', rev: 4, place: place(1), on: false },
    ]);
  });

  it('follows its line to the next version, and goes when its line changes', () => {
    const { sheet, reading } = patient();
    sheet.put(version(1, 'one\ntwo\nthree'));
    sheet.point(place(1), true);
    sheet.point(place(2), true);
    sheet.put(version(2, 'zero\none\nTWO\nthree'));
    expect(reading()?.points).toEqual([place(3)]);
  });

  it('can be said of as many places as the doctor’s page takes, and no more is told', () => {
    const { sheet, told, reading } = patient();
    sheet.put(version(1, 'line\n'.repeat(100)));
    for (let index = 0; index < POINTS_MAX + 5; index++) sheet.point(place(index), true);
    expect(reading()?.points).toHaveLength(POINTS_MAX);
    expect(told).toHaveLength(POINTS_MAX);
    sheet.point(place(0), false);
    sheet.point(place(POINTS_MAX + 1), true);
    expect(reading()?.points).toHaveLength(POINTS_MAX);
  });
});
