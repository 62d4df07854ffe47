/** Reads "When" into amounts for the times of the day, when every word of it is understood. */
import { DAY_TIMES, type DayTime } from '../../../src/protocol/note.ts';
import { type Amount, isNone } from './grammar/amount.ts';
import { type Element, type Reading, read } from './grammar/elements.ts';
import { valueOfNumber } from './grammar/numbers.ts';
import { otherChainIn } from './misread-digits.ts';
import type { MarkReason } from './row-reading.ts';

/** What is taken at each time of the day. */
export interface Schedule {
  readonly times: readonly DayTime[];
  /** Null where a time is named without an amount. */
  readonly amounts: ReadonlyMap<DayTime, Amount | null>;
  /** The words that are not in the amounts, as written. */
  readonly rest: string;
  readonly isChain: boolean;
}

export interface Unclear {
  readonly kind: 'unclear';
  readonly reason: MarkReason;
  /** The words in question, as written. */
  readonly words: string;
  /** The whole text in a way that is understood, or null. */
  readonly proposal: string | null;
}

/** `words`: no schedule of the day at all, which is no fault. */
export type WhenReading =
  | { readonly kind: 'words' }
  | { readonly kind: 'schedule'; readonly schedule: Schedule }
  | Unclear;

/** A number above this without a unit, beside a time of the day, may as well be a time by the clock: "8 in the morning". */
const BARE_AMOUNT_MAX = 4;

/** `hasUnit`: the dose says which unit the numbers have. */
export function readSchedule(reading: Reading, hasUnit: boolean): WhenReading {
  const { elements } = reading;
  const chains = elements.filter((element) => element.kind === 'chain');
  const times = elements.filter((element) => element.kind === 'time');
  const isCertain = times.some(({ sure }) => sure) || times.length > 1 || hasAmount(elements);
  const broken = chains.filter(({ chain, isEnclosed }) => isEnclosed || isBroken(chain.kind, hasUnit));
  const isNamed = times.length > 0 && isCertain;
  const isChained = chains.some(({ chain }) => chain.kind !== 'range');
  if (!isNamed && !isChained && !looksLikeChain(reading.text)) return { kind: 'words' };
  const other = otherChainIn(reading.text);
  return (
    withProposal(notUnderstood(reading), other?.proposal) ??
    (broken.length > 0 || (!isNamed && !isChained)
      ? unclear(reading, 'not-understood', broken, other?.proposal)
      : null) ??
    (chains.length > 0 ? fromChain(reading) : fromTimes(reading, hasUnit))
  );
}

function withProposal(found: Unclear | null, proposal: string | undefined): Unclear | null {
  if (found?.reason !== 'not-understood' || proposal === undefined) return found;
  return { ...found, proposal };
}

function isBroken(kind: 'whole' | 'withUnit' | 'range' | 'broken', hasUnit: boolean): boolean {
  return kind === 'broken' || kind === 'range' || (kind === 'withUnit' && !hasUnit);
}

/** `1--1`, `--1`, `-0-1`: an amount is missing. */
const WITH_GAP = /^\s*(?:\p{Nd}\s*[-–—]\s*[-–—]|[-–—]\s?[-–—]\s?\p{N}|[-–—]\p{N})/u;
/** `1/0/1`, `1+0+1`, `1 0 1`, `1.0.1`. */
const WITH_OTHER_SIGNS =
  /^\s*(?:\p{Nd}|[½¼¾])\s*([/+., ])\s*(?:\p{Nd}|[½¼¾])(?:\s*\1\s*(?:\p{Nd}|[½¼¾])){1,2}(?![\p{N}.,/])/u;
/** `1 | 0 | 1 | 0 | 30`: cells that have no place of their own. */
const IN_CELLS = /(?:^|\|)\s*[\p{N}.,/]+\s*\|\s*[\p{N}.,/]+\s*(?:\||$)/u;

/** `halb-0-halb`: none at one time, and words at the others. */
const WITH_WORDS = /\S\s?[-–—]\s?0\s?[-–—]\s?\S/u;

/** Chains that are not read. */
function looksLikeChain(text: string): boolean {
  return (
    [WITH_GAP, WITH_OTHER_SIGNS, IN_CELLS, WITH_WORDS].some((chain) => chain.test(text)) || otherChainIn(text) !== null
  );
}

function hasAmount(elements: readonly Element[]): boolean {
  return elements.some(({ kind }) => kind === 'amount');
}

/** The reason why words beside a schedule forbid a plan of the day, or null when all of them are understood. */
export function notUnderstood(reading: Reading): Unclear | null {
  const notDaily = reading.elements.filter(({ kind }) => kind === 'notDaily' || kind === 'date');
  if (notDaily.length > 0) return unclear(reading, 'not-daily', notDaily);
  const unknown = reading.elements.filter(({ kind }) => kind === 'unknown' || kind === 'noPlace' || kind === 'or');
  const lengths = reading.elements.filter(({ kind }) => kind === 'length');
  if (lengths.length > 1) unknown.push(...lengths);
  return unknown.length > 0 ? unclear(reading, 'not-understood', unknown) : null;
}

function unclear(reading: Reading, reason: MarkReason, elements: readonly Element[], proposal?: string): Unclear {
  const words = elements.length === 0 ? reading.text.trim() : wordsOf(reading, elements);
  return { kind: 'unclear', reason, words, proposal: proposal ?? null };
}

/** The texts of elements; those side by side are one text. */
function wordsOf({ text, elements }: Reading, some: readonly Element[]): string {
  const wanted = new Set(some);
  const parts: { from: number; to: number }[] = [];
  let isBeside = false;
  for (const element of elements) {
    const part = parts.at(-1);
    if (wanted.has(element) && isBeside && part !== undefined) part.to = element.end;
    else if (wanted.has(element)) parts.push({ from: element.start, to: element.end });
    isBeside = wanted.has(element);
  }
  return parts.map(({ from, to }) => text.slice(from, to)).join(', ');
}

function fromChain(reading: Reading): WhenReading {
  const { elements, text } = reading;
  const [first, second] = elements.filter((element) => element.kind === 'chain');
  if (first === undefined || second !== undefined) return unclear(reading, 'two-doses', []);
  const others = elements.filter((element) => element.kind === 'amount');
  if (others.length > 0) return strayAmount(reading, first, others);
  const amounts = new Map<DayTime, Amount>();
  for (const [place, amount] of first.chain.amounts.entries()) {
    const time = DAY_TIMES[place];
    if (time !== undefined && !isNone(amount)) amounts.set(time, amount);
  }
  const times = [...amounts.keys()];
  const named = elements.filter((element) => element.kind === 'time');
  const agrees =
    named.length === 0 ||
    sameTimes(
      times,
      named.map(({ time }) => time),
    );
  if (!agrees) return unclear(reading, 'contradiction', named);
  const rest = tidy(`${text.slice(0, first.start)} ${text.slice(first.end)}`);
  return { kind: 'schedule', schedule: { times, amounts, rest, isChain: true } };
}

function sameTimes(some: readonly DayTime[], others: readonly DayTime[]): boolean {
  return some.length === others.length && some.every((time) => others.includes(time));
}

type AmountElement = Extract<Element, { kind: 'amount' }>;

/** A number beside a chain: part of a mixed number, or another dose. */
function strayAmount(reading: Reading, chain: Element, others: readonly AmountElement[]): WhenReading {
  const reason = others.some(({ amount }) => amount.unit !== null) ? 'two-doses' : 'not-understood';
  return unclear(reading, reason, others, mixedNumber(reading.text, chain, others));
}

const VULGAR_FRACTIONS: Readonly<Record<string, string>> = {
  '1/4': '¼',
  '1/2': '½',
  '3/4': '¾',
  '1/3': '⅓',
  '2/3': '⅔',
};

/** `1 1/2-0-1` as `1½-0-1`, for the doctor to take: the 1 may as well belong to the words before it. */
function mixedNumber(text: string, { start, end }: Element, others: readonly AmountElement[]): string | undefined {
  const [other] = others;
  if (others.length !== 1 || other === undefined || other.amount.unit !== null) return undefined;
  const [whole = '', fraction = '', ahead = '', behind = ''] =
    other.end <= start
      ? [other.amount.number, text.slice(start, end), text.slice(0, other.start), text.slice(end)]
      : [text.slice(start, end), other.amount.number, text.slice(0, start), text.slice(other.end)];
  const found = /^(\d\/\d|[¼½¾⅓⅔])(.*)$/s.exec(fraction);
  const sign = found?.[1] && (VULGAR_FRACTIONS[found[1]] ?? found[1]);
  const isMixed = sign !== undefined && sign.length === 1 && /(?:^|[^\d.,/])[1-4]$/.test(whole);
  return isMixed ? `${ahead}${whole}${sign}${found?.[2] ?? ''}${behind}` : undefined;
}

/** `1 in the morning, 2 at night`, `morgens und abends`. */
function fromTimes(reading: Reading, hasUnit: boolean): WhenReading {
  const { elements } = reading;
  const named = elements.filter((element) => element.kind === 'time');
  const said = elements.filter((element) => element.kind === 'amount');
  const isTwice = new Set(named.map(({ time }) => time)).size < named.length;
  if (isTwice || (!hasUnit && said.some(({ amount }) => mayBeClock(amount)))) {
    return unclear(reading, 'not-understood', []);
  }
  const all = amountsOfTimes(elements, named.length, said);
  if (all === null) return unclear(reading, said.length > named.length ? 'two-doses' : 'not-understood', []);
  const times = DAY_TIMES.filter((time) => all.has(time) && !isNoneAt(all, time));
  if (times.length === 0) return unclear(reading, 'not-understood', []);
  const amounts = new Map(times.map((time) => [time, all.get(time) ?? null]));
  return { kind: 'schedule', schedule: { times, amounts, rest: restBeside(reading, named.length), isChain: false } };
}

function mayBeClock({ unit, number }: Amount): boolean {
  return unit === null && !(Number(valueOfNumber(number)) <= BARE_AMOUNT_MAX);
}

function isNoneAt(amounts: ReadonlyMap<DayTime, Amount | null>, time: DayTime): boolean {
  const amount = amounts.get(time) ?? null;
  return amount !== null && isNone(amount);
}

/** The amount of each time; null when it is not certain which amount belongs to which time. */
function amountsOfTimes(
  elements: readonly Element[],
  times: number,
  said: readonly AmountElement[],
): Map<DayTime, Amount | null> | null {
  const [first] = said;
  if (times === 1 && said.length <= 1) {
    const time = elements.find((element) => element.kind === 'time');
    return time === undefined ? null : new Map([[time.time, first?.amount ?? null]]);
  }
  if (said.length !== 0 && said.length !== times) return null;
  const parts = partsOf(elements);
  const pairs = parts.flatMap(inTurn);
  if (said.length === times && pairs.length === times) return new Map(pairs);
  return amountsOfParts(parts, said.length > 0);
}

/** One amount for each part between commas, or none at all. */
function amountsOfParts(parts: readonly Element[][], hasAmounts: boolean): Map<DayTime, Amount | null> | null {
  const amounts = new Map<DayTime, Amount | null>();
  for (const part of parts) {
    const named = part.filter((element) => element.kind === 'time');
    const [amount, another] = part.filter((element) => element.kind === 'amount');
    const [time, second] = named;
    const isAmiss = second !== undefined || another !== undefined || (time === undefined) !== (amount === undefined);
    if (hasAmounts && isAmiss) return null;
    for (const each of named) amounts.set(each.time, amount?.amount ?? null);
  }
  return amounts;
}

/** `morgens 1 mittags 0 abends 1`: times and amounts by turns, each beside its own; nothing where that is not certain. */
function inTurn(elements: readonly Element[]): [DayTime, Amount][] {
  const said = elements.filter(({ kind }) => kind === 'time' || kind === 'amount');
  const pairs = said.flatMap((element, at): [DayTime, Amount][] => {
    const next = said[at + 1];
    if (at % 2 !== 0 || next === undefined) return [];
    if (element.kind === 'time' && next.kind === 'amount') return [[element.time, next.amount]];
    return element.kind === 'amount' && next.kind === 'time' ? [[next.time, element.amount]] : [];
  });
  const isOneOrder = said.every(({ kind }, at) => kind === said[at % 2]?.kind);
  return isOneOrder && pairs.length * 2 === said.length ? pairs : [];
}

/** What stands between commas, "and" and the like. */
function partsOf(elements: readonly Element[]): Element[][] {
  const parts: Element[][] = [[]];
  for (const element of elements) {
    if (element.kind === 'separator') parts.push([]);
    else parts.at(-1)?.push(element);
  }
  return parts;
}

/**
 * The words beside times and amounts. With several times all of the text stands in each entry when it has other words,
 * for they may belong to one of the times alone.
 */
function restBeside({ text, elements }: Reading, times: number): string {
  const isSaid = ({ kind }: Element): boolean => kind === 'amount' || kind === 'separator' || kind === 'quiet';
  const others = elements.filter((element) => !isSaid(element) && (element.kind !== 'time' || element.stays));
  if (others.length === 0) return '';
  if (times > 1) return text.trim();
  const shown = elements.filter((element) => element.kind === 'amount' || (element.kind === 'time' && !element.stays));
  let rest = '';
  let from = 0;
  for (const { start, end } of shown) {
    rest += `${text.slice(from, start)} `;
    from = end;
  }
  return tidy(rest + text.slice(from));
}

/** Without marks at the edges that divided the words from what was before or after them. */
function tidy(text: string): string {
  const words = text.replace(/\s+/gu, ' ').replace(/^[\s,;:.|،؛·•+&/‐‑‒–—-]+|[\s,;:|،؛·•+&/‐‑‒–—-]+$/gu, '');
  return /[\p{L}\p{N}]/u.test(words) ? words : '';
}

/** A text of the column "When". */
export function readWhenText(text: string, hasUnit: boolean): WhenReading {
  return readSchedule(read(text), hasUnit);
}
