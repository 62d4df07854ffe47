/** One line of text about one medicine, such as "Ibuprofen 400 mg 1-0-1 5 days after meals", as cells. */

import { type Cells, EMPTY_CELLS } from '../fields.ts';
import { isUnit, readAmount, readChain } from '../reading/dose-amounts.ts';
import { plainWord } from '../reading/grammar/plain-word.ts';
import { type Found, isLength, strengthsIn } from './strength.ts';
import sentence from './words/sentence-words.json' with { type: 'json' };

/** Bullets, numbers and empty check boxes. A ticked or crossed box says something, so it stays. */
const BULLET = /^\s*(?:[-–—*+•·▪◦‣●○■□►→☐]|\(?\p{Nd}{1,2}[.)]|\[ ?\])+(?:\s+\[ ?\])?\s+/u;
const LEADING = /^(?:[\s,;:،]|[–—-](?=\s))+/u;
const TRAILING = /[\s,;:،]+$|\s[–—-]$/u;

const AMOUNT = String.raw`(?:\p{Nd}{1,2}/\p{Nd}{1,2}|\p{Nd}{1,4}(?:[.,]\p{Nd}{1,3})?[½¼¾⅓⅔⅛]?|[½¼¾⅓⅔⅛])`;
const DASH = ' ?[-‐‑‒–—] ?';
/** Amounts with a dash between them, however many, that nothing else is joined to. */
const AMOUNTS = new RegExp(
  String.raw`(?<![\p{L}\p{N}.,/½¼¾⅓⅔⅛‐-—-])${AMOUNT}(?:${DASH}${AMOUNT})+(?![\p{L}\p{N}/½¼¾⅓⅔⅛]|[.,]\p{Nd}|${DASH}[\p{N}½¼¾⅓⅔⅛])`,
  'gu',
);
/** A chain is for a day with three or four amounts; two are a range. */
const RANGE = 2;
const DAY = [3, 4];

const LINE_MAX = 300;
const NAME_WORDS_MAX = 7;
const sentenceWords: ReadonlySet<string> = new Set(Object.values(sentence.words).flat().map(plainWord));

export function withoutBullet(line: string): string {
  return line.replace(BULLET, '').trim();
}

/** What stands before the strength or the schedule of a line; null when it has neither. */
export function beforeAmounts(line: string): string | null {
  const text = trimInvisible(withoutBullet(line));
  const [strength] = strengthsIn(text);
  const start = Math.min(strength?.start ?? text.length, onlyChain(text)?.start ?? text.length);
  return start < text.length ? trim(text.slice(0, start)) : null;
}

/** Marks of direction and joiners at the edges, which come along when a text is copied. */
function trimInvisible(text: string): string {
  return text.replace(/^[\u00AD\u200B-\u200F\u2060\uFEFF\s]+|[\u00AD\u200B-\u200F\u2060\uFEFF\s]+$/gu, '');
}

/** Splits a line where it is clear what is what; otherwise the whole line is the name. No word and no number is changed. */
export function readLine(line: string): Cells {
  const text = trimInvisible(withoutBullet(line));
  return split(text) ?? { ...EMPTY_CELLS, name: text };
}

function split(text: string): Cells | null {
  if (text.length > LINE_MAX) return null;
  const chain = onlyChain(text);
  const strengths = strengthsIn(text);
  const [strength] = strengths;
  if (chain === undefined || strengths.length > 1) return null;
  if (strength === undefined) return chain === null ? null : chainAlone(text, chain);
  if (chain !== null && strength.start > chain.start) return null;
  const { start, end } = withBrackets(text, strength);
  const name = trim(text.slice(0, start));
  if (!isName(name)) return null;
  return { ...EMPTY_CELLS, name, strength: text.slice(start, end), ...schedule(text.slice(end), end, chain) };
}

/** `Ramipril (5 mg)`: brackets around the strength belong to it. */
function withBrackets(text: string, { start, end }: Found): Pick<Found, 'start' | 'end'> {
  const isInside = text[start - 1] === '(' && text[end] === ')';
  return isInside ? { start: start - 1, end: end + 1 } : { start, end };
}

/** The one chain of a day in a text, null when there is none, undefined when its numbers are not clear. */
function onlyChain(text: string): Found | null | undefined {
  const runs = [...text.matchAll(AMOUNTS)].filter(([found]) => countAmounts(found) > RANGE);
  const [run] = runs;
  if (run === undefined) return null;
  const found = run[0];
  if (runs.length > 1 || !DAY.includes(countAmounts(found)) || readChain(found) === null) return undefined;
  return { text: found, start: run.index, end: run.index + found.length };
}

function countAmounts(run: string): number {
  return run.split(/[-‐‑‒–—]/u).length;
}

/** `Torasemid 10 1/2-0-0`. After a small number a fraction could belong to it, as in "1 1/2": then nothing is split. */
function chainAlone(text: string, chain: Found): Cells | null {
  const name = trim(text.slice(0, chain.start));
  const startsWithFraction = /^(?:\p{Nd}+\/|[½¼¾⅓⅔⅛])/u.test(chain.text);
  if (!isName(name) || (startsWithFraction && /(?:^|[\s,])\p{Nd}$/u.test(name))) return null;
  return { ...EMPTY_CELLS, name, ...schedule(text.slice(chain.start), chain.start, chain) };
}

/** What stands behind the name and the strength: whole and in its order under "When", unless it is clearly something else. */
function schedule(rest: string, start: number, chain: Found | null): Partial<Cells> {
  const whole = trim(rest);
  if (chain === null) {
    if (isLength(whole)) return { duration: whole };
    return isDose(whole) ? { dose: whole } : { when: whole };
  }
  const before = trim(rest.slice(0, chain.start - start));
  const after = trim(rest.slice(chain.end - start));
  const dose = isDose(before) ? before : '';
  if (dose === '' && before !== '') return { when: whole };
  return isLength(after)
    ? { dose, when: chain.text, duration: after }
    : { dose, when: trim(rest.slice(chain.start - start)) };
}

/** An amount with its unit, or a unit: a bare number could be anything. */
function isDose(text: string): boolean {
  return isUnit(text) || (/\p{L}/u.test(text) && readAmount(text) !== null);
}

function isName(text: string): boolean {
  const words = text.split(/\s+/u);
  // A comma within a number divides nothing.
  const signs = text.replace(/(?<=\p{Nd}),(?=\p{Nd})/gu, '');
  if (!/^\p{L}/u.test(text) || /[,;:،!?|]|\p{L}{4}\.\s/u.test(signs) || /\([^)]*$/u.test(text)) return false;
  return words.length <= NAME_WORDS_MAX && !words.some((word) => sentenceWords.has(plainWord(word)));
}

function trim(text: string): string {
  return text.replace(LEADING, '').replace(TRAILING, '').trim();
}
