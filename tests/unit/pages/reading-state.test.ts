import { describe, expect, it } from 'vitest';
import type { SentNote } from '../../../src/protocol/note-message.ts';
import type { ToComposer } from '../../../src/protocol/sealed.ts';
import { ReadingState } from '../../../web-receiver/session/reading-state.ts';
import type { RoomFacts } from '../../../web-receiver/session/state.ts';
import { POINTS_MAX } from '../../../web-shared/note-positions.ts';
import { medicine, noteOf } from './composer-setup.ts';

const ROOM: RoomFacts = { who: null, phone: null, until: 60_000, leftMs: 60_000, totalMs: 60_000, admission: 'ask' };
const place = (index: number) => ({ part: 'text', index }) as const;

/** A version of a note. */
function version(rev: number, text: string, more: Partial<SentNote> = {}): SentNote {
  const said = { editing: false, copy: true, print: true, note: noteOf(text) };
  return { kind: 'note', rev, nD: 'bkQ', token: 'cGFzcw', leftMs: 60_000, ...said, ...more };
}

/** What a patient's page holds, with the receipts that it sent to the composer. */
function patient() {
  const state = new ReadingState();
  const receipts: ToComposer[] = [];
  const send = (receipt: ToComposer | null) => void (receipt !== null && receipts.push(receipt));
  return {
    receipts,
    take: (version: SentNote) => send(state.take(version)),
    setVisible: (visible: boolean) => send(state.setVisible(visible)),
    reachEnd: () => send(state.reachEnd()),
    confirmUnderstood: () => send(state.confirmUnderstood()),
    point: (index: number, on: boolean) => send(state.point(place(index), on)),
    wipe: () => state.wipe(),
    screen: () => state.in(ROOM),
  };
}

describe('the note on the patient’s screen', () => {
  it('is nothing before it came, and nobody is told of what is done there', () => {
    const page = patient();
    page.reachEnd();
    page.confirmUnderstood();
    page.point(0, true);
    page.setVisible(false);
    page.setVisible(true);
    expect(page.screen()).toBeNull();
    expect(page.receipts).toEqual([]);
  });

  it('is what the last version says, with what the doctor allows', () => {
    const page = patient();
    page.take(version(1, 'one', { copy: false, print: false }));
    expect(page.screen()).toMatchObject({ rev: 1, note: { text: 'one' }, copy: false, print: false, editing: false });
    page.take(version(7, 'two', { editing: true }));
    expect(page.screen()).toMatchObject({ rev: 7, note: { text: 'two' }, copy: true, print: true, editing: true });
  });

  it('is gone after it was wiped, and so is what was said about it', () => {
    const page = patient();
    page.take(version(1, 'one'));
    page.confirmUnderstood();
    page.point(0, true);
    page.wipe();
    expect(page.screen()).toBeNull();
    page.receipts.length = 0;
    page.take(version(2, 'two'));
    expect(page.screen()).toMatchObject({ understood: false, points: [] });
    page.reachEnd();
    expect(page.receipts).toEqual([{ kind: 'end-reached', rev: 2 }]);
  });
});

describe('"I have understood"', () => {
  it('is told once for a version', () => {
    const page = patient();
    page.take(version(1, 'one'));
    page.confirmUnderstood();
    page.confirmUnderstood();
    expect(page.receipts).toEqual([{ kind: 'understood', rev: 1 }]);
    expect(page.screen()?.understood).toBe(true);
  });

  it('cannot be said of what the doctor is changing at this moment', () => {
    const page = patient();
    page.take(version(2, 'half a do', { editing: true }));
    page.confirmUnderstood();
    expect(page.receipts).toEqual([]);
    expect(page.screen()?.understood).toBe(false);
    page.take(version(3, 'half a dose'));
    page.confirmUnderstood();
    expect(page.receipts).toEqual([{ kind: 'understood', rev: 3 }]);
  });

  it.each([
    ['another word', version(2, 'two')],
    ['another space', version(2, 'one ')],
    ['another format', version(2, '', { note: { ...noteOf('one'), format: 'markdown' } })],
    ['another medicine', version(2, '', { note: noteOf('one', [medicine('Ramipril')]) })],
  ])('is taken back by a version with %s', (_what, next) => {
    const page = patient();
    page.take(version(1, 'one'));
    page.reachEnd();
    page.confirmUnderstood();
    page.take(next);
    expect(page.screen()?.understood).toBe(false);
    page.receipts.length = 0;
    page.reachEnd();
    page.confirmUnderstood();
    expect(page.receipts).toEqual([
      { kind: 'end-reached', rev: 2 },
      { kind: 'understood', rev: 2 },
    ]);
  });

  it('stays through versions in which no word changes', () => {
    const page = patient();
    page.take(version(1, 'one', { note: noteOf('one', [medicine('Ramipril')]) }));
    page.confirmUnderstood();
    page.take(version(2, '', { note: noteOf('one', [medicine('Ramipril')]), editing: true, copy: false }));
    page.take(version(3, '', { note: noteOf('one', [medicine('Ramipril')]), leftMs: 1 }));
    expect(page.screen()?.understood).toBe(true);
    page.confirmUnderstood();
    expect(page.receipts).toHaveLength(1);
  });
});

describe('the end of the note', () => {
  it('is told once for each text, however often it comes into sight', () => {
    const page = patient();
    page.take(version(1, 'one'));
    for (let look = 0; look < 3; look++) page.reachEnd();
    page.take(version(2, 'one', { editing: true }));
    page.reachEnd();
    page.take(version(3, 'one, and more'));
    for (let look = 0; look < 3; look++) page.reachEnd();
    expect(page.receipts).toEqual([
      { kind: 'end-reached', rev: 1 },
      { kind: 'end-reached', rev: 3 },
    ]);
  });
});

describe('whether the page can be seen', () => {
  it('is told when it changes, and only then', () => {
    const page = patient();
    page.take(version(1, 'one'));
    for (const visible of [true, false, false, true, true]) page.setVisible(visible);
    expect(page.receipts).toEqual([
      { kind: 'screen', visible: false },
      { kind: 'screen', visible: true },
    ]);
  });

  it('is told with each version that comes while nobody sees it', () => {
    const page = patient();
    page.setVisible(false);
    expect(page.receipts).toEqual([]);
    page.take(version(1, 'one'));
    page.take(version(2, 'two'));
    expect(page.receipts).toEqual(Array(2).fill({ kind: 'screen', visible: false }));
    page.setVisible(true);
    page.take(version(3, 'three'));
    expect(page.receipts.slice(2)).toEqual([{ kind: 'screen', visible: true }]);
  });
});

describe('"I don’t understand this"', () => {
  it('is told with the version that it is about, and taken back', () => {
    const page = patient();
    page.take(version(4, 'one\ntwo'));
    page.point(1, true);
    expect(page.screen()?.points).toEqual([place(1)]);
    page.point(1, false);
    expect(page.screen()?.points).toEqual([]);
    expect(page.receipts).toEqual([
      { kind: 'point', rev: 4, place: place(1), on: true },
      { kind: 'point', rev: 4, place: place(1), on: false },
    ]);
  });

  it('follows its line to the next version, and goes when its line changes', () => {
    const page = patient();
    page.take(version(1, 'one\ntwo\nthree'));
    page.point(1, true);
    page.point(2, true);
    page.take(version(2, 'zero\none\nTWO\nthree'));
    expect(page.screen()?.points).toEqual([place(3)]);
  });

  it('can be said of as many places as the doctor’s page takes, and no more is told', () => {
    const page = patient();
    page.take(version(1, 'line\n'.repeat(100)));
    for (let index = 0; index < POINTS_MAX + 5; index++) page.point(index, true);
    expect(page.screen()?.points).toHaveLength(POINTS_MAX);
    expect(page.receipts).toHaveLength(POINTS_MAX);
    page.point(0, false);
    page.point(POINTS_MAX + 1, true);
    expect(page.screen()?.points).toHaveLength(POINTS_MAX);
  });
});
