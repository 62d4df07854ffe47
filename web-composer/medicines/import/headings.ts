/** Headings in a list or a table of medicines, which change what the lines after them mean: "Bei Bedarf:", "Stopped". */

import { read } from '../reading/grammar/elements.ts';
import { plainWord } from '../reading/grammar/plain-word.ts';
import type { Why } from './import-result.ts';
import { isUnderstood } from './known-words.ts';
import { readStatus, statusIn } from './status-words.ts';
import { strengthsIn } from './strength.ts';
import headings from './words/headings.json' with { type: 'json' };

export type Heading =
  /** Says nothing about how to take the medicines: "Medications:". */
  | { readonly kind: 'harmless'; readonly text: string }
  /** Says that they are not taken now. */
  | { readonly kind: 'status'; readonly why: Why; readonly text: string }
  /** Says that what stands under it is no medicine: "Allergies:". */
  | { readonly kind: 'noMedicines'; readonly text: string }
  /** Every other heading: its words go to each medicine under it. */
  | { readonly kind: 'words'; readonly text: string };

const WORDS_MAX = 12;
const HEADING_MAX = 300;
const COLON = /\s*[:：]$/u;
/** Marks of Markdown around a heading. */
const MARKS = /^(?:#{1,6}\s+|\*\*|__)+|(?:\*\*|__)$/gu;

const plainSet = (words: Readonly<Record<string, readonly string[]>>): ReadonlySet<string> =>
  new Set(Object.values(words).flat().map(plainWord));
const harmless = plainSet(headings.harmless);
const asNeeded = plainSet(headings.asNeeded);
const totals = plainSet(headings.total);
const greetings = plainSet(headings.greeting);
const periods = plainSet(headings.period);
const notMedicines = plainSet(headings.notMedicines);
const notes = plainSet(headings.note);
const closings = Object.values(headings.closing).flat().map(plainWord);

/**
 * What a line, or the only cell of a table's row, says as a heading; null when it is none. A heading ends in a colon, is
 * marked as one in Markdown, or is a phrase that is always one. A line with a strength is a medicine.
 */
export function readHeading(line: string): Heading | null {
  if (line.length > HEADING_MAX) return null;
  const unmarked = line.replace(MARKS, '').trim();
  const text = unmarked.replace(COLON, '').replace(MARKS, '').trim();
  const isMarked = text !== unmarked || /^#{1,6}\s/u.test(line);
  const words = plainWord(text).split(/\s+/u);
  if (text === '' || words.length > WORDS_MAX || /[;!?]/u.test(text) || strengthsIn(text).length > 0) return null;
  if (words.some((word) => greetings.has(word))) return null;
  if (isMarked && words.some((word) => notMedicines.has(word))) return { kind: 'noMedicines', text };
  const isListWords = words.every((word) => harmless.has(word) || statusIn(word) !== null);
  const status = isMarked || isListWords ? statusIn(text) : readStatus(text);
  if (status !== null && status !== 'active') return { kind: 'status', why: status, text };
  if (isListWords) return { kind: 'harmless', text };
  return isMarked || isKnownPhrase(words) ? { kind: 'words', text } : null;
}

/** `Abgesetzt: ASS 100 mg`: the heading of one line alone, and what stands behind it; null for any other line. */
export function readLabel(line: string): { readonly heading: Heading; readonly rest: string } | null {
  const [, label = '', rest = ''] = /^([^:：]{2,40})[:：]\s+(\S.*)$/u.exec(line) ?? [];
  const heading = label === '' ? null : readHeading(`${label}:`);
  if (heading === null || heading.kind === 'harmless') return null;
  if (heading.kind !== 'noMedicines' && (!/^\p{L}/u.test(rest) || isUnderstood(rest))) return null;
  const { elements } = read(label);
  if (heading.kind === 'words' && elements.some((element) => element.kind === 'notDaily' && element.isNotNow)) {
    return { heading: { ...heading, kind: 'status', why: 'do-not-perform' }, rest };
  }
  const isOfSchedule = elements.every(({ kind }) => kind !== 'unknown' && kind !== 'amount');
  const isKnown = heading.kind !== 'words' || isOfSchedule || isKnownPhrase(plainWord(label).split(/\s+/u));
  return isKnown ? { heading, rest } : null;
}

/** Whether a line is marked as a note: "Achtung: ...". */
export function isNote(line: string): boolean {
  const [, label = ''] = /^([^:：]{2,20})[:：]/u.exec(line) ?? [];
  return notes.has(plainWord(label).trim());
}

/** Whether a line greets or takes leave, and names no strength. */
export function isOfLetter(line: string): boolean {
  const text = plainWord(line);
  const [first = ''] = text.split(/[^\p{L}'’]+/u);
  const isClosing = closings.some((closing) => text.startsWith(closing));
  return (isClosing || (greetings.has(first) && /\s/u.test(text))) && !/\p{N}/u.test(text);
}

/** "Bei Bedarf (Schmerzen)", "Woche 1", "2nd week": what is a heading without any mark. */
function isKnownPhrase(words: readonly string[]): boolean {
  const letters = words.map((word) => word.replace(/[^\p{L}\p{M}\p{N}'’-]/gu, ''));
  const isPeriod = letters.length <= 3 && letters.some((word) => periods.has(word)) && /\p{N}/u.test(letters.join(''));
  return isPeriod || [...asNeeded].some((phrase) => isBehindListWords(` ${letters.join(' ')} `.split(` ${phrase} `)));
}

/** "Medikamente bei Bedarf" is a heading, "Morphin bei Bedarf" is none. */
function isBehindListWords([before = '', behind]: readonly string[]): boolean {
  const words = before.split(' ').filter((word) => word !== '');
  return behind !== undefined && words.every((word) => harmless.has(word));
}

/** Whether a row's name says that the row counts something: "Total". */
export function isTotal(text: string): boolean {
  return totals.has(plainWord(text.replace(COLON, '')));
}
