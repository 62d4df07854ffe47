/** Chains of amounts such as `1-0-½-0`: morning, noon, evening and night. */
import { type Amount, amountAt, type FoundAmount, isNone } from './amount.ts';
import { isWhole } from './numbers.ts';
import type { Token } from './tokens.ts';

export interface Chain {
  /**
   * `whole`: three or four amounts that are surely a chain. `withUnit`: large numbers without a zero, which are a chain
   * when a unit says that they are amounts. `range`: two growing numbers. `broken`: looks like a chain and is none.
   */
  readonly kind: 'whole' | 'withUnit' | 'range' | 'broken';
  readonly amounts: readonly Amount[];
  readonly found: readonly FoundAmount[];
  /** The first token behind it. */
  readonly next: number;
}

/** What the numbers and dashes are that begin at `at`; null when a dash joins no two amounts there. */
export function chainAt(text: string, tokens: readonly Token[], at: number): Chain | null {
  const found: FoundAmount[] = [];
  const dashes: number[] = [];
  let next = at;
  let amount = amountInChain(text, tokens, next);
  while (amount !== null) {
    found.push(amount);
    next = amount.next;
    if (tokens[next]?.kind !== 'dash') break;
    amount = amountInChain(text, tokens, next + 1);
    if (amount !== null) dashes.push(next);
  }
  if (found.length < 2) return null;
  const styles = new Set(dashes.map((dash) => styleOf(tokens, dash)));
  const isOpen = [at - 1, next].some(
    (edge) => tokens[edge]?.kind === 'dash' && (styles.has(styleOf(tokens, edge)) || touches(tokens, edge, next)),
  );
  const kind = isOpen || styles.size > 1 ? 'broken' : kindOf(found);
  return {
    kind,
    amounts: withSharedUnit(found),
    found,
    next: isOpen && tokens[next]?.kind === 'dash' ? next + 1 : next,
  };
}

/** In a chain numbers are written as digits. */
function amountInChain(text: string, tokens: readonly Token[], at: number): FoundAmount | null {
  return tokens[at]?.kind === 'number' ? amountAt(text, tokens, at) : null;
}

/** `-1-0-1`, `1-0-1-`: a dash at the edge without a space may stand for an amount that is missing. */
function touches(tokens: readonly Token[], dash: number, next: number): boolean {
  const [left, right] = dash === next ? [dash - 1, dash] : [dash, dash + 1];
  return tokens[left]?.end === tokens[right]?.start;
}

/** In `1-2 - 0 - 1-2` the dashes are not all alike: those without spaces make ranges. */
function styleOf(tokens: readonly Token[], at: number): string {
  const dash = tokens[at];
  const isSpaced = tokens[at - 1]?.end !== dash?.start || tokens[at + 1]?.start !== dash?.end;
  return `${dash?.text} ${isSpaced}`;
}

function kindOf(found: readonly FoundAmount[]): Chain['kind'] {
  if (found.length === 2) return isRange(found) ? 'range' : 'broken';
  if (found.length > 4 || found.every(isNone) || hasSomeTimes(found)) return 'broken';
  if (found.some(({ number, unit }) => unit === null && /\p{Nd}{4}/u.test(number))) return 'broken';
  // Dates have no zero in them, and amounts above nine are told apart from a date by one, or by a unit.
  const isLarge = found.some(({ number }) => isWhole(number) && number.length > 1);
  const isPlain = found.every(({ unit }) => unit === null);
  return isLarge && isPlain && !found.some(isNone) ? 'withUnit' : 'whole';
}

function isRange([low, high]: readonly FoundAmount[]): boolean {
  return low !== undefined && high !== undefined && !isNone(low) && Number(low.value) < Number(high.value);
}

/** `1-0-1-1x`: the last may say how often. Only when all amounts have an `x` it is a chain. */
function hasSomeTimes(found: readonly FoundAmount[]): boolean {
  const taken = found.filter((amount) => !isNone(amount));
  return taken.some(({ isTimes }) => isTimes) && !taken.every(({ isTimes }) => isTimes);
}

/** A unit behind the last amount alone is meant for all of them: `1-0-1 tablets`. */
function withSharedUnit(found: readonly FoundAmount[]): Amount[] {
  const unit = found.at(-1)?.unit ?? null;
  if (unit === null || found.slice(0, -1).some((amount) => amount.unit !== null)) return [...found];
  return found.map((amount) => ({
    ...amount,
    unit,
    text: amount.unit === null ? `${amount.text} ${unit.text}` : amount.text,
  }));
}
