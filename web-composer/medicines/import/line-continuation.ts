/** Whether a line of a pasted text goes on with the medicine of the line before it. */
import { read } from '../reading/grammar/elements.ts';
import { maybeWeekday, phraseAt, unitAt } from '../reading/grammar/phrases.ts';
import { tokensOf } from '../reading/grammar/tokens.ts';
import { readHeading } from './headings.ts';
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

/** The line with those that go on with it: what was its heading alone is then the medicine's name. */
export function joined(before: Line, line: Line): Line {
  return { ...before, text: `${before.text.replace(COLON, '')}, ${line.text}` };
}

/**
 * A line goes on when it has no words but those of a schedule, when all of it stands in brackets, when it begins with a
 * restriction ("nur bei ...", "only if ..."), or when it is further in and names no medicine of its own. A phrase such as
 * "Bei Bedarf" that could be a heading goes on only where it is written like the rest of a sentence, or last.
 */
export function isContinuation(line: Line, before: Line, isLast: boolean): boolean {
  const { text } = line;
  const isFurtherIn = line.indent > before.indent;
  if (readHeading(text) !== null) return readHeading(before.text) === null && isSentence(line, isFurtherIn || isLast);
  const label = labelOf(text);
  if (label === 'name') return false;
  if (label !== null && OF_DOSAGE.includes(label)) return true;
  const ahead = beforeAmounts(text);
  const isNameless = isUnderstood(text) || (ahead !== null && ahead !== '' && isUnderstood(ahead));
  if (readHeading(before.text) !== null) return isNameless && isName(before.text);
  if (isNameless) return true;
  return ahead === null && (isFurtherIn || /^\(.*\)$/u.test(text) || isRestriction(text));
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

/** "Prednisolon:" above lines that say only how much and when. */
function isName(heading: string): boolean {
  return readHeading(heading)?.kind === 'words' && !isUnderstood(heading);
}

/** Whether there are only numbers, marks and words that GLIR knows, so that none of them is a medicine. */
function isUnderstood(text: string): boolean {
  const tokens = tokensOf(withoutBullet(text));
  let at = 0;
  while (at < tokens.length) {
    const end = Math.max(phraseAt(tokens, at)?.end ?? 0, unitAt(tokens, at)?.end ?? 0);
    if (end === 0 && tokens[at]?.kind === 'word' && !maybeWeekday(tokens[at])) return false;
    at = Math.max(end, at + 1);
  }
  return tokens.some(({ kind }) => kind === 'word' || kind === 'number');
}

function isRestriction(text: string): boolean {
  const [first] = read(withoutBullet(text)).elements.filter(({ kind }) => kind !== 'quiet');
  return first?.kind === 'notDaily' && !first.isNotNow;
}
