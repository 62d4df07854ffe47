/** What stands in the text of a cell: chains, amounts, times of the day, lengths, words that change nothing, and unknown ones. */
import { type DayTime, FIELD_MAX } from '../../../../src/protocol/note.ts';
import { type Amount, amountAt, type FoundAmount, loneUnitAt, type Unit } from './amount.ts';
import { type Chain, chainAt } from './chain.ts';
import { dateEndAt } from './dates.ts';
import { type AbbreviationKind, type Meaning, maybeWeekday, type Phrase, phraseAt } from './phrases.ts';
import { type Token, tokensOf } from './tokens.ts';

type Content =
  | Meaning
  | { readonly kind: 'chain'; readonly chain: Chain; readonly isEnclosed: boolean }
  | { readonly kind: 'amount'; readonly amount: Amount }
  | { readonly kind: 'loneUnit'; readonly unit: Unit }
  | { readonly kind: 'date' }
  | { readonly kind: 'length' }
  /** How often a day; null for "daily" without a number. */
  | { readonly kind: 'aDay'; readonly count: number | null }
  /** Divides a list: a comma, "and", a dash between words. */
  | { readonly kind: 'separator' }
  /** Says nothing: a full stop, a bracket. */
  | { readonly kind: 'quiet' }
  | { readonly kind: 'unknown' };

export type Element = Content & {
  /** Places in the text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
};

/** An abbreviation in a text. */
export interface FoundAbbreviation {
  readonly kind: AbbreviationKind;
  readonly start: number;
  readonly end: number;
  /** The number within it or before it, '' for none. */
  readonly number: string;
}

export interface Reading {
  readonly text: string;
  readonly elements: readonly Element[];
  readonly abbreviations: readonly FoundAbbreviation[];
  /** Every amount of the text, also those within a chain, with their places. */
  readonly amounts: readonly FoundAmount[];
}

const SEPARATORS = new Set([',', ';', '،', '؛', '|', '•', '·', '+', '&', '/']);
const QUIET = /^[.:!"'“”„«»‚‘’()[\]]$/u;
const ARABIC_AND = 'و';

/** Several times what a field can hold. A longer text is not read, and forbids a plan wherever it stands. */
const READ_MAX = 4_000;

/** Every character of `text` but spaces is in one of the elements. */
export function read(text: string): Reading {
  if (text.length > READ_MAX) {
    const unread: Element = {
      kind: 'notDaily',
      everywhere: true,
      isUntil: false,
      isNotNow: false,
      start: 0,
      end: FIELD_MAX,
    };
    return { text, elements: [unread], abbreviations: [], amounts: [] };
  }
  const tokens = tokensOf(text);
  const lexer: Lexer = { text, tokens, elements: [], abbreviations: [], amounts: [], depth: 0 };
  let at = 0;
  while (at < tokens.length) at = readAt(lexer, at);
  const { abbreviations, amounts } = lexer;
  return { text, elements: joined(lexer.elements), abbreviations, amounts };
}

interface Lexer {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly elements: Element[];
  readonly abbreviations: FoundAbbreviation[];
  readonly amounts: FoundAmount[];
  /** How many brackets are open. */
  depth: number;
}

/** Reads what begins at a token, and says which token comes behind it. */
function readAt(lexer: Lexer, at: number): number {
  return (
    readDate(lexer, at) ??
    readChain(lexer, at) ??
    readWeekdays(lexer, at) ??
    readPhrase(lexer, at) ??
    readAmount(lexer, at) ??
    readLoneUnit(lexer, at) ??
    readAfterArabicAnd(lexer, at) ??
    readRest(lexer, at)
  );
}

function push(lexer: Lexer, content: Content, at: number, next: number): number {
  const start = lexer.tokens[at]?.start ?? 0;
  lexer.elements.push({ ...content, start, end: lexer.tokens[next - 1]?.end ?? start });
  return next;
}

function readDate(lexer: Lexer, at: number): number | null {
  const next = dateEndAt(lexer.text, lexer.tokens, at);
  return next === null ? null : push(lexer, { kind: 'date' }, at, next);
}

function readChain(lexer: Lexer, at: number): number | null {
  if (lexer.tokens[at]?.kind !== 'number') return null;
  // "14-tägig", "8-hourly": words with a number in them.
  if (phraseAt(lexer.tokens, at) !== null) return null;
  const chain = chainAt(lexer.text, lexer.tokens, at);
  if (chain === null) return null;
  for (const amount of chain.found) keepAmount(lexer, amount);
  return push(lexer, { kind: 'chain', chain, isEnclosed: lexer.depth > 0 }, at, chain.next);
}

/** "Mo-Fr", "Mon, Wed": short names of weekdays are other words in other languages, but not two of them side by side. */
function readWeekdays(lexer: Lexer, at: number): number | null {
  const { tokens } = lexer;
  let next = at;
  while (maybeWeekday(tokens[next])) {
    const joins = isJoint(tokens[next + 1]) && maybeWeekday(tokens[next + 2]);
    if (!joins) break;
    next += 2;
  }
  const isWhole = tokens.length === 1 && maybeWeekday(tokens[at]);
  const end = next === at && !isWhole ? weekdayLettersEnd(tokens, at) : next + 1;
  if (end === null) return null;
  return push(lexer, { kind: 'notDaily', everywhere: true, isUntil: false, isNotNow: false }, at, end);
}

/** Letters that stand for the weekdays in Spanish and French. */
const WEEKDAY_LETTER = /^[LMXJVSD]$/u;
/** Fewer letters than this may be anything: `D, L`. */
const WEEKDAY_LETTERS_MIN = 3;

/** "L-X-V", "L, X y V". */
function weekdayLettersEnd(tokens: readonly Token[], at: number): number | null {
  const isLetter = (token: Token | undefined): boolean => token !== undefined && WEEKDAY_LETTER.test(token.text);
  if (!isLetter(tokens[at])) return null;
  let last = at;
  while (isJoint(tokens[last + 1]) && isLetter(tokens[last + 2])) last += 2;
  return (last - at) / 2 + 1 >= WEEKDAY_LETTERS_MIN ? last + 1 : null;
}

function isJoint(token: Token | undefined): boolean {
  return (
    token?.kind === 'dash' ||
    ['and', 'und', 'et', 'y', 'та'].includes(token?.plain ?? '') ||
    SEPARATORS.has(token?.text ?? '')
  );
}

function readPhrase(lexer: Lexer, at: number): number | null {
  const phrase = phraseAt(lexer.tokens, at);
  if (phrase === null || (phrase.meaning.kind === 'number' && amountAt(lexer.text, lexer.tokens, at) !== null))
    return null;
  const said = lexer.tokens.slice(at, phrase.end);
  if (phrase.capsOnly && !said.every(({ text }) => isAbbreviated(text))) return null;
  // A unit of its own is read as one; a capital U is no "and".
  if (phrase.meaning.kind === 'unit' || lexer.tokens[at]?.text === 'U') return null;
  keepAbbreviation(lexer, phrase, at, said.find(({ kind }) => kind === 'number')?.text ?? '');
  const { meaning } = phrase;
  const content: Content = meaning.kind === 'count' && meaning.aDay ? { kind: 'aDay', count: meaning.count } : meaning;
  return push(lexer, content, at, phrase.end);
}

/** In capitals, or with full stops in it. */
export function isAbbreviated(text: string): boolean {
  return text.includes('.') || (text === text.toUpperCase() && text !== text.toLowerCase());
}

function readAmount(lexer: Lexer, at: number): number | null {
  const amount = amountAt(lexer.text, lexer.tokens, at);
  if (amount === null) return null;
  keepAmount(lexer, amount);
  return push(lexer, { kind: 'amount', amount }, at, amount.next);
}

function readLoneUnit(lexer: Lexer, at: number): number | null {
  const found = loneUnitAt(lexer.text, lexer.tokens, at);
  const isSmallU = lexer.tokens[at]?.plain === 'u' && lexer.tokens[at]?.text !== 'U';
  if (found === null || isSmallU) return null;
  keepAbbreviation(lexer, found.phrase, at, '');
  return push(lexer, { kind: 'loneUnit', unit: found.unit }, at, found.phrase.end);
}

/** The Arabic "and" is written together with the word behind it. */
function readAfterArabicAnd(lexer: Lexer, at: number): number | null {
  const token = lexer.tokens[at];
  if (!token?.plain.startsWith(ARABIC_AND) || token.plain.length < 3) return null;
  const rest: Token = { ...token, plain: token.plain.slice(1), start: token.start + 1 };
  const tokens = lexer.tokens.with(at, rest);
  const phrase = phraseAt(tokens, at);
  if (phrase?.meaning.kind !== 'time' && phrase?.meaning.kind !== 'unit') return null;
  const { meaning, end: next } = phrase;
  const end = tokens[next - 1]?.end ?? rest.end;
  const content: Content =
    meaning.kind === 'time'
      ? meaning
      : {
          kind: 'loneUnit',
          unit: { name: meaning.unit, counts: meaning.counts, text: lexer.text.slice(rest.start, end) },
        };
  lexer.elements.push({ kind: 'separator', start: token.start, end: token.start + 1 });
  lexer.elements.push({ ...content, start: rest.start, end });
  return next;
}

function readRest(lexer: Lexer, at: number): number {
  const token = lexer.tokens[at];
  const text = token?.text ?? '';
  if (/^[([]$/.test(text)) lexer.depth += 1;
  if (/^[)\]]$/.test(text)) lexer.depth -= 1;
  if (token?.kind === 'dash' || SEPARATORS.has(text)) return push(lexer, { kind: 'separator' }, at, at + 1);
  return push(lexer, { kind: QUIET.test(text) ? 'quiet' : 'unknown' }, at, at + 1);
}

function keepAmount(lexer: Lexer, amount: FoundAmount): void {
  lexer.amounts.push(amount);
  if (amount.phrase !== null) keepAbbreviation(lexer, amount.phrase, amount.unitStart, amount.number);
}

function keepAbbreviation({ tokens, abbreviations }: Lexer, phrase: Phrase, at: number, number: string): void {
  const start = tokens[at]?.start;
  const end = tokens[phrase.end - 1]?.end;
  if (phrase.abbreviation === null || start === undefined || end === undefined) return;
  abbreviations.push({ kind: phrase.abbreviation, start, end, number });
}

/** Puts together what only several elements say: lengths, "3 x daily", "30 minutes before meals", "in the" before a time. */
function joined(elements: readonly Element[]): Element[] {
  const result: Element[] = [];
  let at = 0;
  while (at < elements.length) {
    const found = joinedAt(elements, at);
    const first = elements[at];
    if (first === undefined) break;
    if (found === null) {
      result.push(leftAlone(first));
      at += 1;
      continue;
    }
    result.push({ ...found.content, start: first.start, end: elements[found.next - 1]?.end ?? first.end });
    at = found.next;
  }
  return result;
}

interface Joined {
  readonly content: Content;
  readonly next: number;
}

function joinedAt(elements: readonly Element[], at: number): Joined | null {
  return (
    countADay(elements, at) ?? timeWithGlue(elements, at) ?? lengthAt(elements, at) ?? spanBeforeMeal(elements, at)
  );
}

/** `twice daily`, `3 x daily`, `1-2 times a day`, `daily`. */
function countADay(elements: readonly Element[], at: number): Joined | null {
  const [first, second, third] = elements.slice(at, at + 3);
  if (first?.kind === 'daily') return { content: { kind: 'aDay', count: null }, next: at + 1 };
  if (first?.kind === 'count' && second?.kind === 'daily') {
    return { content: { kind: 'aDay', count: first.count }, next: at + 2 };
  }
  // Some languages have one word for "once" and "times".
  const isTimes = second?.kind === 'times' || (second?.kind === 'count' && second.count === 1);
  if (third?.kind !== 'daily' || !isTimes) return null;
  if (first?.kind !== 'amount' || first.amount.unit !== null) return null;
  return { content: { kind: 'aDay', count: Number(first.amount.value) }, next: at + 3 };
}

function timeWithGlue(elements: readonly Element[], at: number): Joined | null {
  const behind = behindGlue(elements, at, 'time');
  const time = elements[behind];
  if (time?.kind !== 'time' || behind === at) return null;
  return { content: { ...time, sure: true }, next: behind + 1 };
}

function behindGlue(elements: readonly Element[], at: number, before: 'time' | 'length'): number {
  let next = at;
  for (let glue = elements[next]; glue?.kind === 'glue' && glue[before]; glue = elements[next]) next += 1;
  return next;
}

const LENGTHS = ['day', 'week', 'month', 'year'];

/** `for 5 days`, `5-7 Tage lang`. */
function lengthAt(elements: readonly Element[], at: number): Joined | null {
  const first = elements[at];
  const behind = first?.kind === 'times' ? at + 1 : behindGlue(elements, at, 'length');
  const period = elements[behind + 1];
  if (!isBareNumber(elements[behind]) || period?.kind !== 'period' || !LENGTHS.includes(period.period)) return null;
  return { content: { kind: 'length' }, next: behindGlue(elements, behind + 2, 'length') };
}

/** `30 minutes before meals`, `half an hour before breakfast`. */
function spanBeforeMeal(elements: readonly Element[], at: number): Joined | null {
  const first = elements[at];
  const period = elements[at + 1];
  const isMeasured = isBareNumber(first) && period?.kind === 'period' && !LENGTHS.includes(period.period);
  if (first?.kind !== 'span' && !isMeasured) return null;
  const behind = first?.kind === 'span' ? at + 1 : at + 2;
  const meal = elements[behind];
  const isMeal = meal?.kind === 'mealtime' || (meal?.kind === 'harmless' && meal.meal);
  return isMeal ? { content: meal, next: behind + 1 } : null;
}

function isBareNumber(element: Element | undefined): boolean {
  if (element?.kind === 'amount') return element.amount.unit === null && !element.amount.isTimes;
  return (
    element?.kind === 'chain' &&
    element.chain.kind === 'range' &&
    element.chain.amounts.every(({ unit }) => unit === null)
  );
}

/** What says something only beside something else. */
function leftAlone(element: Element): Element {
  const { start, end } = element;
  switch (element.kind) {
    case 'glue':
    case 'period':
    case 'times':
    case 'count':
    case 'number':
    case 'span':
      return { kind: 'unknown', start, end };
    case 'and':
      return { kind: 'separator', start, end };
    default:
      return element;
  }
}

/** The times of the day that a text names, in its order. */
export function timesIn({ elements }: Reading): DayTime[] {
  return elements.flatMap((element) => (element.kind === 'time' ? [element.time] : []));
}
