/** Amounts among the tokens of a text: a number with or without a unit. */
import { isAmountNumber, isFraction, isWhole, valueOfNumber } from './numbers.ts';
import { type Phrase, phraseAt, unitAt } from './phrases.ts';
import type { Token } from './tokens.ts';

export interface Unit {
  /** The same for all ways to write it. */
  readonly name: string;
  /** Whether it counts what is taken, such as tablets; otherwise it measures, such as mg. */
  readonly counts: boolean;
  readonly text: string;
}

export interface Amount {
  /** As written, with its unit. */
  readonly text: string;
  readonly number: string;
  /** The same for all ways to write the number. */
  readonly value: string;
  readonly unit: Unit | null;
  /** Written with an `x`: `2x`. */
  readonly isTimes: boolean;
}

export interface FoundAmount extends Amount {
  readonly start: number;
  /** The first token behind it. */
  readonly next: number;
  /** The phrase of the unit, and the token at which it begins. */
  readonly phrase: Phrase | null;
  readonly unitStart: number;
}

/** Up to this number a mixed number such as `1 1/2` with a unit of what is counted is surely one number. */
const MIXED_MAX = 4;

/** The amount that begins at `at`, or null. `text` is what the tokens stand in. */
export function amountAt(text: string, tokens: readonly Token[], at: number): FoundAmount | null {
  const token = tokens[at];
  if (token === undefined) return null;
  const inWords = token.kind === 'word' ? numberInWords(tokens, at) : null;
  if (inWords === null && !(token.kind === 'number' && isAmountNumber(token.text))) return null;
  const numberEnd = inWords?.end ?? numberEndAt(tokens, at);
  const numberText = text.slice(token.start, tokens[numberEnd - 1]?.end);
  const value = inWords?.value ?? numberValue(numberText);
  const isTimes = isTimesSign(tokens[numberEnd]) && !isCountOfDay(tokens, numberEnd + 1);
  const unitStart = isTimes ? numberEnd + 1 : numberEnd;
  const phrase = unitBehindNumber(tokens, unitStart);
  const next = phrase?.end ?? unitStart;
  const end = tokens[next - 1]?.end ?? token.end;
  return {
    text: text.slice(token.start, end),
    number: numberText,
    value,
    unit: phrase && unitOf(phrase, text.slice(tokens[unitStart]?.start, end)),
    isTimes,
    start: token.start,
    next,
    phrase,
    unitStart,
  };
}

/** The unit that stands at `at` by itself, or null. */
export function loneUnitAt(text: string, tokens: readonly Token[], at: number): { unit: Unit; phrase: Phrase } | null {
  const phrase = unitAt(tokens, at);
  const unit = phrase && unitOf(phrase, text.slice(tokens[at]?.start, tokens[phrase.end - 1]?.end));
  return unit && phrase && { unit, phrase };
}

function unitOf({ meaning }: Phrase, text: string): Unit | null {
  return meaning.kind === 'unit' ? { name: meaning.unit, counts: meaning.counts, text } : null;
}

/** A `u.` in small letters is the German "and", unless it is written to the number. */
function unitBehindNumber(tokens: readonly Token[], at: number): Phrase | null {
  const token = tokens[at];
  if (token?.plain === 'u' && token.text !== 'U' && tokens[at - 1]?.end !== token.start) return null;
  return unitAt(tokens, at);
}

function numberInWords(tokens: readonly Token[], at: number): { value: string; end: number } | null {
  const phrase = phraseAt(tokens, at);
  return phrase?.meaning.kind === 'number' ? { value: phrase.meaning.value, end: phrase.end } : null;
}

function numberEndAt(tokens: readonly Token[], at: number): number {
  if (!isWhole(tokens[at]?.text ?? '')) return at + 1;
  return mixedEnd(tokens, at) ?? thousandsEnd(tokens, at) ?? at + 1;
}

/**
 * `1 1/2`: a number before a fraction may as well belong to what stands before it, as in "Torasemid 10 1/2-0-0". It is
 * one number between two dashes, or when it is small and a unit of what is counted follows.
 */
function mixedEnd(tokens: readonly Token[], at: number): number | null {
  const fraction = tokens[at + 1];
  if (fraction?.kind !== 'number' || !isFraction(fraction.text)) return null;
  if (tokens[at - 1]?.kind === 'dash') return tokens[at + 2]?.kind === 'dash' ? at + 2 : null;
  const { meaning } = unitAt(tokens, at + 2) ?? {};
  const isSmall = Number(valueOfNumber(tokens[at]?.text ?? '')) <= MIXED_MAX;
  return isSmall && meaning?.kind === 'unit' && meaning.counts ? at + 2 : null;
}

/** `5 000 UI`: thousands set off by a space, before a unit. */
function thousandsEnd(tokens: readonly Token[], at: number): number | null {
  let end = at + 1;
  while (/^\d{3}$/.test(tokens[end]?.text ?? '') && tokens[end]?.start === (tokens[end - 1]?.end ?? 0) + 1) end += 1;
  const isShort = /^[1-9]\d{0,2}$/.test(tokens[at]?.text ?? '');
  return end > at + 1 && isShort && unitAt(tokens, end) !== null ? end : null;
}

function numberValue(text: string): string {
  const [whole = '', second] = text.split(/\s+/u);
  if (second === undefined) return valueOfNumber(whole);
  return isFraction(second)
    ? String(Number(valueOfNumber(whole)) + Number(valueOfNumber(second)))
    : valueOfNumber(text.replace(/\s/gu, ''));
}

function isTimesSign(token: Token | undefined): boolean {
  return token?.plain === 'x' || token?.text === '×';
}

/** Behind `2 x`: "daily", or a number, so that the 2 is no amount of its own. */
function isCountOfDay(tokens: readonly Token[], at: number): boolean {
  return tokens[at]?.kind === 'number' || phraseAt(tokens, at)?.meaning.kind === 'daily';
}

export function isNone({ value }: Amount): boolean {
  return value === '0';
}
