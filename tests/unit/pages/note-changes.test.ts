import { describe, expect, it } from 'vitest';
import type { Note } from '../../../src/protocol/note.ts';
import { compareLists } from '../../../web-receiver/note/list-changes.ts';
import { Revisions } from '../../../web-receiver/note/revisions.ts';
import { directionOfLine, directionOfText, dosesApart } from '../../../web-receiver/note/text-direction.ts';
import { TimeNews } from '../../../web-receiver/note/time-warnings.ts';

const MINUTE = 60_000;

function changesOf(before: string, after: string): [changed: number[], removed: number] {
  const { changed, removed } = compareLists(before.split('\n'), after.split('\n'));
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
    expect(compareLists(lines, after)).toEqual({ changed: new Set([0, 9999]), removed: 0 });
  });
});

function note(text: string, more: Partial<Note> = {}): Note {
  return { text, format: 'plain', medicines: [], ...more };
}

describe('the versions a patient has seen', () => {
  it('mark nothing in the first one, even when the doctor is still writing it', () => {
    const revisions = new Revisions();
    expect(revisions.take(note('a'), true, 1)).toBe('editing');
    expect(revisions.marks?.text.changed.size).toBe(0);
    revisions.take(note('a'), false, 2);
    expect(revisions.marks).toBeNull();
  });

  it('tell of the doctor at work once, and of the change when it is done', () => {
    const revisions = new Revisions();
    revisions.take(note('a\nb'), false, 1);
    expect(revisions.take(note('a\nb1'), true, 2)).toBe('editing');
    expect(revisions.take(note('a\nb12'), true, 3)).toBe('nothing');
    expect(revisions.marks).toMatchObject({ unfinished: true, text: { changed: new Set([1]) } });
    expect(revisions.take(note('a\nb12'), false, 4)).toBe('changed');
    expect(revisions.marks).toMatchObject({ unfinished: false, at: 4, text: { changed: new Set([1]), removed: 0 } });
  });

  it('keep the marks while the time runs, until the patient has seen them or the next change is done', () => {
    const revisions = new Revisions();
    const [second, third] = [note('a\nB'), note('A\nB')];
    revisions.take(note('a\nb'), false, 1);
    revisions.take(second, false, 2);
    expect(revisions.take(second, false, 3)).toBe('nothing');
    expect(revisions.marks).toMatchObject({ at: 2, text: { changed: new Set([1]) } });
    revisions.take(third, false, 4);
    expect(revisions.marks).toMatchObject({ at: 4, text: { changed: new Set([0]) } });
    revisions.seen();
    expect(revisions.marks).toBeNull();
  });

  it('bring the earlier marks back when the doctor changes nothing after all', () => {
    const revisions = new Revisions();
    revisions.take(note('a'), false, 1);
    revisions.take(note('b'), false, 2);
    revisions.take(note('bc'), true, 3);
    expect(revisions.take(note('b'), false, 4)).toBe('nothing');
    expect(revisions.marks).toMatchObject({ unfinished: false, at: 2 });
  });

  it('know a medicine by its content, and no other way of showing the same words as a change', () => {
    const plan = { morning: '1', noon: '', evening: '', night: '' };
    const one = { name: 'A', strength: '', dose: '', plan, when: '', duration: '', remarks: '' };
    const other = { ...one, name: 'B' };
    const revisions = new Revisions();
    revisions.take(note('a', { medicines: [one, other] }), false, 1);
    revisions.take(note('a', { medicines: [one, { ...other, dose: '2' }] }), false, 2);
    expect(revisions.marks).toMatchObject({ medicines: { changed: new Set([1]), removed: 0 }, text: { removed: 0 } });
    revisions.take(note('a', { medicines: [one], format: 'markdown' }), false, 3);
    expect(revisions.marks).toMatchObject({ medicines: { changed: new Set(), removed: 1 } });
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

  const doses = (text: string): string[] => dosesApart(text).flatMap(({ text: piece, dose }) => (dose ? [piece] : []));
  it('does not turn a dose round between words that are read from right to left', () => {
    expect(doses('خذ 5 mg صباحًا ثم 2.5 ml/kg مساءً')).toEqual(['5 mg', '2.5 ml/kg']);
    expect(doses('خذ 5 mg صباحًا')).toHaveLength(1);
  });

  it('leaves ranges, plans and Latin words with their dose as the doctor saw them, and every letter in its place', () => {
    for (const text of ['خذ 2-3 mg', 'خذ 1-0-1', '• Ramipril 5 mg: حبة', 'Ramipril 5 mg', ''])
      expect(doses(text)).toEqual([]);
    const text = '‏خذ 5 mg أو 10 mg 👩‍⚕️ ‏';
    expect(
      dosesApart(text)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text);
  });
});

describe('news about the time', () => {
  const at = (leftMs: number, until = 100 * MINUTE) => ({ leftMs, until, totalMs: 30 * MINUTE });

  it('come at five minutes and at one, once each', () => {
    const news = new TimeNews();
    const said = [20, 5.5, 5, 4, 1.1, 1, 0.5].map((minutes) => news.take(at(minutes * MINUTE)));
    expect(said).toEqual(['nothing', 'nothing', 'soon', 'nothing', 'nothing', 'soon', 'nothing']);
  });

  it('come when the doctor gives more time, not when a clock is put right', () => {
    const news = new TimeNews();
    news.take(at(4 * MINUTE));
    expect(news.take(at(4 * MINUTE, 100 * MINUTE + 2000))).toBe('nothing');
    expect(news.take(at(19 * MINUTE, 115 * MINUTE))).toBe('more');
    expect(news.take(at(5 * MINUTE, 115 * MINUTE))).toBe('soon');
  });
});
