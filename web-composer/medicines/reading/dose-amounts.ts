/** Amounts and chains of them as texts, for what is pasted. */
import { amountAt, isNone, loneUnitAt } from './grammar/amount.ts';
import { chainAt } from './grammar/chain.ts';
import { tokensOf } from './grammar/tokens.ts';

export function isUnit(text: string): boolean {
  const tokens = tokensOf(text);
  return tokens.length > 0 && loneUnitAt(text, tokens, 0)?.phrase.end === tokens.length;
}

/** A number with or without a known unit; null for anything else. */
export function readAmount(text: string): string | null {
  const tokens = tokensOf(text);
  const amount = tokens[0]?.kind === 'number' ? amountAt(text, tokens, 0) : null;
  return amount !== null && amount.next === tokens.length ? amount.text : null;
}

/**
 * The three or four amounts of a chain such as `1-0-½` or `10 drops-0-10 drops-0`, with '' for none; null when it is
 * not one: a date, a range, a telephone number.
 */
export function readChain(text: string): string[] | null {
  const tokens = tokensOf(text);
  const chain = chainAt(text, tokens, 0);
  if (chain?.kind !== 'whole' || chain.next !== tokens.length) return null;
  return chain.amounts.map((amount) => (isNone(amount) ? '' : amount.text));
}
