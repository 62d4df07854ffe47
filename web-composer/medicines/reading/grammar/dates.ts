/** Dates in a text, as numbers or with the month's name in the languages of the pages. */
import { lazy } from '../../../../web-shared/lazy.ts';
import { plainWord } from './plain-word.ts';
import type { Token } from './tokens.ts';

const LANGUAGES = ['en', 'de', 'fr', 'it', 'es', 'pt', 'ar', 'uk'];

/** `2026-02-01`, `01.02.2026`, `1.2.`, `1/2/2026`, `01-02-2026`. */
const IN_NUMBERS =
  /\p{Nd}{4}[-./]\p{Nd}{1,2}[-./]\p{Nd}{1,2}(?!\p{Nd})|\p{Nd}{1,2}[-./]\p{Nd}{1,2}[-./]\p{Nd}{4}(?!\p{Nd})|\p{Nd}{1,2}\.\p{Nd}{1,2}\.(?:\p{Nd}{2})?(?!\p{Nd})|\p{Nd}{1,2}\/\p{Nd}{1,2}\/\p{Nd}{2}(?!\p{Nd})/uy;

/** Words that stand between a day, a month and a year. */
const BETWEEN = new Set(['.', ',', 'of', 'de', 'di', 'del', 'do', 'р', 'року']);

const months = lazy(() => {
  const names = new Set<string>();
  for (const language of LANGUAGES) {
    for (const month of ['long', 'short'] as const) {
      const alone = new Intl.DateTimeFormat(language, { month, timeZone: 'UTC' });
      const withDay = new Intl.DateTimeFormat(language, { day: 'numeric', month, timeZone: 'UTC' });
      for (let index = 0; index < 12; index += 1) {
        const date = new Date(Date.UTC(2026, index, 15));
        const parts = [...alone.formatToParts(date), ...withDay.formatToParts(date)];
        for (const { type, value } of parts) if (type === 'month') names.add(plainWord(value).replaceAll('.', ''));
      }
    }
  }
  return names;
});

/** The first token behind the date that begins at `at`, or null when none begins there. */
export function dateEndAt(text: string, tokens: readonly Token[], at: number): number | null {
  const token = tokens[at];
  if (token?.kind === 'number') {
    IN_NUMBERS.lastIndex = token.start;
    const found = IN_NUMBERS.exec(text)?.[0];
    if (found !== undefined) {
      const end = tokens.findIndex(({ start }) => start >= token.start + found.length);
      return end === -1 ? tokens.length : end;
    }
  }
  return withMonthEnd(tokens, at);
}

/** `1 February 2026`, `1. Februar`, `February 1, 2026`. */
function withMonthEnd(tokens: readonly Token[], at: number): number | null {
  let end: number | null = null;
  let kinds = '';
  for (let place = at; place < at + LONGEST; place += 1) {
    const kind = kindOf(tokens[place]);
    if (kind === null || (kind === '' && place === at)) break;
    kinds += kind;
    if (!PARTS.test(kinds)) break;
    if (kind !== '' && /^(?:DM|MD)/.test(kinds)) end = place + 1;
  }
  return end;
}

const LONGEST = 8;
/** The beginning of a day, a month and a year in one of their orders; the year may look like a day. */
const PARTS = /^(?:DM?[DY]?|MD?[DY]?)$/;

/** Day, month or year, '' for what may stand between them, null for anything else. */
function kindOf(token: Token | undefined): 'D' | 'M' | 'Y' | '' | null {
  if (token === undefined) return null;
  if (token.kind === 'word' && months().has(token.plain)) return 'M';
  if (BETWEEN.has(token.plain)) return '';
  if (token.kind !== 'number') return null;
  if (/^\p{Nd}{4}$/u.test(token.text)) return 'Y';
  return /^\p{Nd}{1,2}$/u.test(token.text) ? 'D' : null;
}
