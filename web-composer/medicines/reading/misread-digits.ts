/** Letters that stand where a digit belongs, as scanned or hastily typed texts have them: `1.O mg`, `l0 mg`, `1-O-l`. */
import type { Cells, Field } from '../fields.ts';
import { unitAt } from './grammar/phrases.ts';
import { tokensOf } from './grammar/tokens.ts';
import type { Mark } from './row-reading.ts';

const PART = String.raw`\(?(?:\p{N}{1,2}|[lIoOxX?])\)?`;
/** Three or four parts with dashes between them, which nothing else is joined to. */
const CHAIN = new RegExp(
  String.raw`(?<![\p{L}\p{N}‐-—-])${PART}(?:\s?[-‐‑‒–—]\s?${PART}){2,3}(?![\p{L}\p{N}‐-—-])`,
  'gu',
);
/** A number with a letter in it. */
const NUMBER = /(?<![\p{L}\p{N}.,])(?=[.,lIoO]*\p{Nd})(?=[.,\p{Nd}]*[lIoO])[\p{Nd}lIoO]+(?:[.,][\p{Nd}lIoO]+)?/gu;

/** A chain with something else than amounts in it, and the text with digits instead where that is clear. */
export function otherChainIn(text: string): { readonly proposal: string | undefined } | null {
  const found = [...text.matchAll(CHAIN)].find(([chain]) => /\p{N}/u.test(chain) && /[^\p{N}\s‐-—-]/u.test(chain));
  if (found === undefined) return null;
  const [chain] = found;
  const isClear = !/[()xX?]/.test(chain);
  const behind = text.slice(found.index + chain.length);
  return { proposal: isClear ? `${text.slice(0, found.index)}${inDigits(chain)}${behind}` : undefined };
}

/** Numbers before a unit in which a letter stands for a digit. */
export function misreadNumbers(field: Field, cells: Cells): Mark[] {
  const text = cells[field];
  return [...text.matchAll(NUMBER)].flatMap(({ 0: words, index }): Mark[] => {
    const behind = text.slice(index + words.length);
    if (unitAt(tokensOf(behind), 0) === null) return [];
    const proposal = { [field]: `${text.slice(0, index)}${inDigits(words)}${behind}`.trim() };
    return [{ reason: 'not-understood', field, words, proposal }];
  });
}

function inDigits(text: string): string {
  return text.replace(/[oO]/g, '0').replace(/[lI]/g, '1');
}
