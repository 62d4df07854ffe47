/** The columns of the medicines' table, and medicines as rows of plain texts. */
import { AMOUNT_UNSAID, DAY_TIMES, type DayTime, type Medicine } from '../../src/protocol/note.ts';

/** The columns in their order; `when` also holds the plan of the day, as the doctor writes it. */
export const FIELDS = ['name', 'strength', 'dose', 'when', 'duration', 'remarks'] as const;
export type Field = (typeof FIELDS)[number];

/** A row of the table, as it is typed or pasted. */
export type Cells = Readonly<Record<Field, string>>;

export type Plan = Medicine['plan'];

export const NO_PLAN: Plan = { morning: '', noon: '', evening: '', night: '' };

export const EMPTY_CELLS: Cells = { name: '', strength: '', dose: '', when: '', duration: '', remarks: '' };

/** The times at which something is taken, in the day's order. */
export function takenAt(plan: Plan): DayTime[] {
  return DAY_TIMES.filter((time) => plan[time] !== '');
}

export function isBlank(cells: Cells): boolean {
  return FIELDS.every((field) => cells[field].trim() === '');
}

/** One line without control characters, as an input can hold it. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim();
}

export function join(parts: readonly (string | undefined)[], between: string): string {
  return parts.filter((part) => part !== undefined && part !== '').join(between);
}

const BARE_NUMBER = /^[\p{Nd}½¼¾⅓⅔.,/ ]+$/u;
const DIGIT = /[\p{Nd}½¼¾⅓⅔]/u;

/**
 * What the patient is told to take at one time of the day: the amount with the unit from the column "Dose" when that
 * column names only a unit; the dose when there is no amount; the mark for "not said" when there is neither.
 */
export function amountWith(amount: string, dose: string): string {
  if (amount === '') return dose === '' ? AMOUNT_UNSAID : dose;
  const unitOnly = dose !== '' && !DIGIT.test(dose);
  return unitOnly && BARE_NUMBER.test(amount) ? `${amount} ${dose}` : amount;
}
