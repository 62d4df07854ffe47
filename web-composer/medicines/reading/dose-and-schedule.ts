/** Puts the dose and the schedule of the day together, or says why they do not go together. */
import { AMOUNT_UNSAID, DAY_TIMES } from '../../../src/protocol/note.ts';
import { type Cells, NO_PLAN, type Plan } from '../fields.ts';
import type { DoseReading } from './dose.ts';
import type { Amount } from './grammar/amount.ts';
import { read } from './grammar/elements.ts';
import type { Mark, MarkReason } from './row-reading.ts';
import type { Schedule } from './schedule.ts';

export type Together = { readonly plan: Plan } | { readonly mark: Mark };

/** The plan of the day, or the mark that says why there is none. */
export function together(schedule: Schedule, dose: DoseReading, cells: Cells): Together {
  const amounts = [...schedule.amounts.values()].filter((amount) => amount !== null);
  switch (dose.kind) {
    case 'unclear':
      return { mark: { reason: dose.reason, field: 'dose', words: dose.words, proposal: null } };
    case 'several':
      return amiss('two-doses', cells, null);
    case 'schedule':
      return amiss('contradiction', cells, null);
    case 'strength':
      return amiss('contradiction', cells, cells.strength.trim() === '' ? asStrength(cells) : null);
    case 'unit':
      if (amounts.some(({ unit }) => unit !== null && unit.name !== dose.unit.name)) {
        return amiss('contradiction', cells, null);
      }
      return { plan: planOf(schedule, (amount) => withUnit(amount, dose.unit.text)) };
    case 'amount':
      return withAmount(schedule, amounts, dose, cells);
    case 'none':
    case 'words':
      return { plan: planOf(schedule, (amount) => amount?.text ?? AMOUNT_UNSAID) };
  }
}

function withAmount(
  schedule: Schedule,
  amounts: readonly Amount[],
  dose: Extract<DoseReading, { kind: 'amount' }>,
  cells: Cells,
): Together {
  if (dose.isPerDay && schedule.times.length > 1) return amiss('contradiction', cells, null);
  const agrees =
    amounts.every((amount) => isSame(amount, dose.amount)) && !isOtherStrength(amounts, dose.amount, cells);
  if (agrees) return { plan: planOf(schedule, () => dose.amount.text) };
  const isOther = amounts.some(({ unit }) => unit !== null && unit.name === dose.amount.unit?.name);
  return isOther
    ? amiss('two-doses', cells, null)
    : amiss('contradiction', cells, proposalFor(schedule, amounts, dose.amount, cells));
}

function isSame(amount: Amount, dose: Amount): boolean {
  return amount.value === dose.value && (amount.unit === null || amount.unit.name === dose.unit?.name);
}

/** With tablets of 0.5 mg a chain of ones and a dose of 1 mg may mean one tablet or two. */
function isOtherStrength(amounts: readonly Amount[], dose: Amount, { strength }: Cells): boolean {
  const isMeasured = dose.unit !== null && !dose.unit.counts;
  const isBare = amounts.some(({ unit }) => unit === null);
  return isMeasured && isBare && read(strength).amounts.some(({ value }) => value !== dose.value);
}

function planOf({ times, amounts }: Schedule, text: (amount: Amount | null) => string): Plan {
  const plan = { ...NO_PLAN };
  for (const time of times) plan[time] = text(amounts.get(time) ?? null);
  return plan;
}

function withUnit(amount: Amount | null, unit: string): string {
  if (amount === null) return unit;
  return amount.unit === null ? `${amount.text} ${unit}` : amount.text;
}

function amiss(reason: MarkReason, cells: Cells, proposal: Partial<Cells> | null): { mark: Mark } {
  return { mark: { reason, field: 'dose', words: cells.dose.trim(), proposal } };
}

function asStrength({ dose }: Cells): Partial<Cells> {
  return { strength: dose.trim(), dose: '' };
}

/** What the doctor most likely means, where that is one thing. */
function proposalFor(
  schedule: Schedule,
  amounts: readonly Amount[],
  dose: Amount,
  cells: Cells,
): Partial<Cells> | null {
  if (amounts.some(({ unit }) => unit !== null)) return null;
  const { unit } = dose;
  const strength = cells.strength.trim();
  if (unit === null) return null;
  if (!unit.counts) {
    if (strength === '') return asStrength(cells);
    return strength === cells.dose.trim() ? { dose: '' } : null;
  }
  if (dose.value === '1') return { dose: unit.text };
  if (!schedule.isChain || amounts.some(({ value }) => value !== '1')) return null;
  const places = DAY_TIMES.map((time) => (schedule.times.includes(time) ? dose.text : '0'));
  return { when: `${places.join('-')} ${schedule.rest}`.trim(), dose: '' };
}
