/** Splits the text of a cell into numbers, words, dashes and marks. Each knows where it stands in the text. */
import { plainWord } from './plain-word.ts';

export interface Token {
  readonly kind: 'number' | 'word' | 'dash' | 'mark';
  readonly text: string;
  /** The form in which words are compared: lower case, no accents, no full stops. */
  readonly plain: string;
  /** Places in the text, in UTF-16 units; `end` is the first behind the token. */
  readonly start: number;
  readonly end: number;
}

/** Digits that GLIR reads: ASCII, full width, Arabic, Persian, Devanagari. */
export const DIGIT = '[0-9０-９٠-٩۰-۹०-९]';
export const VULGAR = '[¼½¾⅓⅔⅛⅜⅝⅞⅕]';
/** Lines through or around a letter are no accents: what is struck out is not read. */
const MARK_OF_LETTER = String.raw`(?:(?![\u0334-\u0338\u20d0-\u20ff])\p{M})`;
const LETTER = String.raw`(?:[\p{L}]${MARK_OF_LETTER}*)`;

const TOKEN = new RegExp(
  [
    String.raw`(?<number>${DIGIT}{1,2}[/⁄]${DIGIT}{1,2}(?![/⁄]?${DIGIT})|${DIGIT}+(?:[.,٫]${DIGIT}+)*${VULGAR}?|${VULGAR}|(?<!\S)[.,]${DIGIT}+)(?!\p{M})`,
    String.raw`(?<word>${LETTER}+(?:[.'’]${LETTER}+)*\.?)`,
    '(?<dash>[-‐‑‒–—―−﹣－])',
    // An override of the direction turns around what the reader sees.
    String.raw`(?<mark>[^\s\p{Cf}]|[\u202d\u202e])`,
  ].join('|'),
  'gu',
);

/** Spaces and invisible signs are left out; every other character stands in a token. */
export function tokensOf(text: string): Token[] {
  return [...text.matchAll(TOKEN)].map((found) => {
    const [whole] = found;
    const kind = kindOf(found.groups ?? {});
    return { kind, text: whole, plain: plainOf(kind, whole), start: found.index, end: found.index + whole.length };
  });
}

function kindOf(groups: Readonly<Record<string, string | undefined>>): Token['kind'] {
  if (groups['number'] !== undefined) return 'number';
  if (groups['word'] !== undefined) return 'word';
  return groups['dash'] === undefined ? 'mark' : 'dash';
}

function plainOf(kind: Token['kind'], text: string): string {
  if (kind === 'dash') return '-';
  return kind === 'word' ? plainWord(text).replaceAll('.', '').replaceAll('’', "'") : text;
}
