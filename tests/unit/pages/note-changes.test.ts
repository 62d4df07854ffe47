import { describe, expect, it } from 'vitest';
import type { Note } from '../../../src/protocol/note.ts';
import { ChangeTracker, diffLines } from '../../../web-receiver/note/note-changes.ts';
import { directionOfLine, directionOfText, splitDoses } from '../../../web-receiver/note/text-direction.ts';
import { TimeWarnings } from '../../../web-receiver/note/time-warnings.ts';

const MINUTE = 60_000;

function changesOf(before: string, after: string): [changed: number[], removed: number] {
  const { changed, removed } = diffLines(before.split('\n'), after.split('\n'));
  return [[...changed], removed];
}

describe('what the doctor changed', () => {
  it.each([
    ['one word in a line', 'a\nb\nc', 'a\nB\nc', [1], 0],
    ['two lines far apart', 'a\nb\nc\nd', 'A\nb\nc\nD', [0, 3], 0],
    ['a line more', 'a\nc', 'a\nb\nc', [1], 0],
    ['a line less', 'a\nb\nc', 'a\nc', [], 1],
    ['two lines into one', 'a\nb\nc\nd', 'a\nX\nd', [1], 1],
    ['a line that goes elsewhere', 'a\nb\nc\nd', 'b\nc\nd\na', [3], 0],
    ['only the spaces at an end of line', 'a\nb', 'a  \nb', [], 0],
    ['only blank lines', 'a\nb', 'a\n\n\nb', [], 0],
    ['one of several lines of the same words', 'x\nx\nx', 'x\nx', [], 1],
    ['everything', 'a\nb', 'c\nd\ne', [0, 1, 2], 0],
    ['the last word', 'a', '', [], 1],
  ])('is %s', (_, before, after, changed, removed) => {
    expect(changesOf(before, after)).toEqual([changed, removed]);
  });

  it('is found in a long note that changed at both ends, without waiting', () => {
    const lines = Array.from({ length: 10_000 }, (_, line) => `line ${line}`);
    const after = ['first', ...lines.slice(1, -1), 'last'];
    expect(diffLines(lines, after)).toEqual({ changed: new Set([0, 9999]), removed: 0 });
  });
});

function note(text: string, more: Partial<Note> = {}): Note {
  return { text, format: 'plain', medicines: [], ...more };
}

describe('the versions a patient has seen', () => {
  it('mark nothing in the first one, even when the doctor is still writing it', () => {
    const tracker = new ChangeTracker();
    expect(tracker.take(note('a'), true, 1)).toBe('editing');
    expect(tracker.marks?.text.changed.size).toBe(0);
    tracker.take(note('a'), false, 2);
    expect(tracker.marks).toBeNull();
  });

  it('tell of the doctor at work once, and of the change when it is done', () => {
    const tracker = new ChangeTracker();
    tracker.take(note('a\nb'), false, 1);
    expect(tracker.take(note('a\nb1'), true, 2)).toBe('editing');
    expect(tracker.take(note('a\nb12'), true, 3)).toBe('nothing');
    expect(tracker.marks).toMatchObject({ unfinished: true, text: { changed: new Set([1]) } });
    expect(tracker.take(note('a\nb12'), false, 4)).toBe('changed');
    expect(tracker.marks).toMatchObject({ unfinished: false, at: 4, text: { changed: new Set([1]), removed: 0 } });
  });

  it('keep the marks while the time runs, until the patient has seen them or the next change is done', () => {
    const tracker = new ChangeTracker();
    const [second, third] = [note('a\nB'), note('A\nB')];
    tracker.take(note('a\nb'), false, 1);
    tracker.take(second, false, 2);
    expect(tracker.take(second, false, 3)).toBe('nothing');
    expect(tracker.marks).toMatchObject({ at: 2, text: { changed: new Set([1]) } });
    tracker.take(third, false, 4);
    expect(tracker.marks).toMatchObject({ at: 4, text: { changed: new Set([0]) } });
    tracker.markSeen();
    expect(tracker.marks).toBeNull();
  });

  it('bring the earlier marks back when the doctor changes nothing after all', () => {
    const tracker = new ChangeTracker();
    tracker.take(note('a'), false, 1);
    tracker.take(note('b'), false, 2);
    tracker.take(note('bc'), true, 3);
    expect(tracker.take(note('b'), false, 4)).toBe('nothing');
    expect(tracker.marks).toMatchObject({ unfinished: false, at: 2 });
  });

  it('know a medicine by its content, and no other way of showing the same words as a change', () => {
    const plan = { morning: '1', noon: '', evening: '', night: '' };
    const one = { name: 'A', strength: '', dose: '', plan, when: '', duration: '', remarks: '' };
    const other = { ...one, name: 'B' };
    const tracker = new ChangeTracker();
    tracker.take(note('a', { medicines: [one, other] }), false, 1);
    tracker.take(note('a', { medicines: [one, { ...other, dose: '2' }] }), false, 2);
    expect(tracker.marks).toMatchObject({
      medicines: { changed: new Map([[1, other]]), removed: [] },
      text: { removed: 0 },
    });
    tracker.take(note('a', { medicines: [one], format: 'markdown' }), false, 3);
    expect(tracker.marks).toMatchObject({ medicines: { changed: new Map(), removed: [{ ...other, dose: '2' }] } });
  });
});

describe('the direction of a note', () => {
  it('is that of most of its letters, and none without a letter', () => {
    expect(directionOfText('Dear Mrs Bianchi, مرحبا')).toBe('ltr');
    expect(directionOfText('Ramipril: حبة واحدة صباحًا مع الماء')).toBe('rtl');
    expect(directionOfText('1-0-1 ☀️')).toBeNull();
  });

  it('follows the note in a line that begins with the Latin name of a medicine', () => {
    expect(directionOfLine('• Hydrochlorothiazide 25 mg: حبة', 'rtl')).toBe('rtl');
    expect(directionOfLine('Next appointment: Thursday', 'rtl')).toBe('ltr');
    expect(directionOfLine('مرحبا Mrs Bianchi', 'ltr')).toBe('rtl');
    expect(directionOfLine('• 06 555 0100', 'rtl')).toBeNull();
  });

  const doses = (text: string): string[] => splitDoses(text).flatMap(({ text: piece, dose }) => (dose ? [piece] : []));
  it('does not turn a dose round between words that are read from right to left', () => {
    expect(doses('خذ 5 mg صباحًا ثم 2.5 ml/kg مساءً')).toEqual(['5 mg', '2.5 ml/kg']);
    expect(doses('خذ 5 mg صباحًا')).toHaveLength(1);
  });

  it('leaves ranges, plans and Latin words with their dose as the doctor saw them, and every letter in its place', () => {
    for (const text of ['خذ 2-3 mg', 'خذ 1-0-1', '• Ramipril 5 mg: حبة', 'Ramipril 5 mg', ''])
      expect(doses(text)).toEqual([]);
    const text = '‏خذ 5 mg أو 10 mg 👩‍⚕️ ‏';
    expect(
      splitDoses(text)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text);
  });
});

describe('the time left is announced', () => {
  const at = (leftMs: number, until = 100 * MINUTE) => ({ leftMs, until, totalMs: 30 * MINUTE });

  it('at five minutes and at one, once each', () => {
    const warnings = new TimeWarnings();
    const said = [20, 5.5, 5, 4, 1.1, 1, 0.5].map((minutes) => warnings.take(at(minutes * MINUTE)));
    expect(said).toEqual(['nothing', 'nothing', 'soon', 'nothing', 'nothing', 'soon', 'nothing']);
  });

  it('when the doctor gives more time, not when a clock is corrected', () => {
    const warnings = new TimeWarnings();
    warnings.take(at(4 * MINUTE));
    expect(warnings.take(at(4 * MINUTE, 100 * MINUTE + 2000))).toBe('nothing');
    expect(warnings.take(at(19 * MINUTE, 115 * MINUTE))).toBe('more');
    expect(warnings.take(at(5 * MINUTE, 115 * MINUTE))).toBe('soon');
  });
});
