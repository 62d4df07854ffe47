/** Whether a line of a pasted text goes on with the medicine of the line before it. */
import { read } from '../reading/grammar/elements.ts';
import { isNote, readHeading, readLabel } from './headings.ts';
import { isUnderstood } from './known-words.ts';
import { beforeAmounts, withoutBullet } from './paste-line.ts';
import { type Role, roleOf } from './table/column-headers.ts';

export interface Line {
  readonly text: string;
  /** How many spaces stand before it. */
  readonly indent: number;
  /** Whether an empty line stands before it. */
  readonly isApart: boolean;
}

/** Labels before a part of what is said about one medicine: "Dosierung: 1-0-1". */
const OF_DOSAGE: readonly Role[] = [
  'strength',
  'dose',
  'dosage',
  'unit',
  'when',
  'duration',
  'days',
  'remarks',
  'status',
  'start',
  'end',
];
const COLON = /\s*[:：]$/u;

/** A line with the texts of those that go on with it. */
export interface LineWithMore extends Line {
  readonly more: string[];
}

/** All of it in one: what was a heading alone is the medicine's name where more lines go on with it. */
export function textOf({ text, more }: LineWithMore): string {
  return more.length === 0 ? text : [text.replace(COLON, ''), ...more].join(', ');
}

/**
 * A line goes on when it has no words but those of a schedule, when all of it stands in brackets, when it begins with a
 * restriction ("nur bei ...", "only if ..."), or when it is further in and names no medicine of its own. A phrase such as
 * "Bei Bedarf" that could be a heading goes on only where it is written like the rest of a sentence, or last.
 */
export function isContinuation(line: Line, before: LineWithMore, isLast: boolean): boolean {
  const text = withoutBullet(line.text);
  const heading = before.more.length === 0 ? readHeading(before.text) : null;
  const isFurtherIn = line.indent > before.indent;
  if (readHeading(text) !== null) return heading === null && isSentence(line, isFurtherIn || isLast);
  if (readLabel(text) !== null) return false;
  const label = labelOf(text);
  if (label === 'name') return false;
  if (label !== null && OF_DOSAGE.includes(label)) return true;
  const ahead = beforeAmounts(text);
  const isNameless = isUnderstood(text) || (ahead !== null && ahead !== '' && isUnderstood(ahead));
  if (heading !== null) return isNameless && heading.kind === 'words' && !isUnderstood(before.text);
  if (isNameless) return true;
  return ahead === null && (isFurtherIn || /^\(.*\)$/u.test(text) || isRestriction(text, before.text));
}

/** What a label such as "Dosierung:" before a value says, as the name of a table's column would. */
function labelOf(text: string): Role | null {
  const [, label = ''] = /^([^:：]{2,40})[:：]\s*\S/u.exec(text) ?? [];
  return label === '' ? null : roleOf(label);
}

function isSentence({ text, isApart }: Line, isPlacedSo: boolean): boolean {
  const isWrittenSo = isPlacedSo || text.startsWith('(') || (/^\p{Ll}/u.test(text) && !isApart);
  return isWrittenSo && !COLON.test(text) && !text.startsWith('#') && readHeading(text)?.kind !== 'harmless';
}

/** "nur bei ...", "Achtung: nicht bei ...", or a sentence with such words that goes on in small letters. */
function isRestriction(text: string, before: string): boolean {
  const elements = read(text).elements.filter(({ kind }) => kind !== 'quiet');
  const restricts = elements.some(({ kind }) => kind === 'notDaily');
  const goesOn = /^\p{Ll}/u.test(text) && /^\p{Lu}/u.test(withoutBullet(before));
  const [first] = elements;
  const isFirst = first?.kind === 'notDaily' && !first.isNotNow;
  return isFirst || (restricts && (goesOn || isNote(text)));
}
