/** What the column "Dose" says: a unit, an amount, or several. */
import type { Amount, Unit } from './grammar/amount.ts';
import type { Element, Reading } from './grammar/elements.ts';
import { notUnderstood, readSchedule, type Unclear } from './schedule.ts';

export type DoseReading =
  | { readonly kind: 'none' }
  /** Nothing but a unit, which joins the numbers of a schedule. */
  | { readonly kind: 'unit'; readonly unit: Unit }
  /** `isPerDay`: "2 tablets a day", which is not what is taken at one time. */
  | { readonly kind: 'amount'; readonly amount: Amount; readonly isPerDay: boolean }
  /** Such as "1 or 2 tablets". `isChoice` is false for a range. */
  | { readonly kind: 'several'; readonly isChoice: boolean }
  /** An amount in an amount, such as `250 mg/5 ml`: a strength. */
  | { readonly kind: 'strength' }
  /** A schedule, which belongs under "When". */
  | { readonly kind: 'schedule' }
  /** Words that change nothing. */
  | { readonly kind: 'words' }
  | Unclear;

export function readDose(reading: Reading): DoseReading {
  const { elements, text } = reading;
  if (text.trim() === '') return { kind: 'none' };
  const said = elements.filter(({ kind }) => kind !== 'quiet');
  const [first, second] = said;
  if (first?.kind === 'loneUnit' && second === undefined) return { kind: 'unit', unit: first.unit };
  const several = readSeveral(elements);
  if (several !== null) return several;
  const unclear = notUnderstood(reading);
  if (unclear !== null) return unclear;
  if (readSchedule(reading, false).kind !== 'words') return { kind: 'schedule' };
  return readSingle(elements);
}

function readSeveral(elements: readonly Element[]): DoseReading | null {
  const numbers = elements.filter(({ kind }) => kind === 'amount');
  if (elements.some(({ kind }) => kind === 'or') && numbers.length > 1) return { kind: 'several', isChoice: true };
  if (elements.some((element) => element.kind === 'chain' && element.chain.kind === 'range')) {
    return { kind: 'several', isChoice: false };
  }
  return null;
}

function readSingle(elements: readonly Element[]): DoseReading {
  const amounts = elements.flatMap((element) => (element.kind === 'amount' ? [element.amount] : []));
  const [first, second, third] = amounts;
  if (first === undefined) return { kind: 'words' };
  const isPerDay = elements.some((element) => element.kind === 'aDay' && element.count === null);
  if (second === undefined) {
    return isPerVolume(elements) ? { kind: 'strength' } : { kind: 'amount', amount: first, isPerDay };
  }
  if (third !== undefined) return { kind: 'several', isChoice: true };
  const counted = [first, second].filter(isCounted);
  const [only] = counted;
  if (only !== undefined && counted.length === 1) return { kind: 'amount', amount: only, isPerDay };
  const isSameUnit = first.unit?.name === second.unit?.name;
  return isSameUnit || counted.length > 1 ? { kind: 'several', isChoice: true } : { kind: 'strength' };
}

/** `1 tablet (5 mg)`: the tablet is counted, and the mg say what is in it. */
function isCounted({ unit }: Amount): boolean {
  return unit === null || unit.counts;
}

/** `5 mg/ml`. */
function isPerVolume(elements: readonly Element[]): boolean {
  const measured = elements.some((element) => element.kind === 'amount' && !isCounted(element.amount));
  return measured && elements.some((element) => element.kind === 'loneUnit' && !element.unit.counts);
}
