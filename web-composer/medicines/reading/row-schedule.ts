/** Decides whether the columns of a row together say a plan of the day. */
import { AMOUNT_UNSAID, type DayTime } from '../../../src/protocol/note.ts';
import { type Cells, type Field, type Plan, takenAt } from '../fields.ts';
import type { DoseReading } from './dose.ts';
import { together } from './dose-and-schedule.ts';
import { durationMark } from './duration.ts';
import {
  misplacedSchedule,
  notDailyIn,
  otherAmountIn,
  otherFrequencyIn,
  otherScheduleIn,
  otherStrength,
  type Readings,
  scheduleInName,
} from './free-text.ts';
import type { Amount } from './grammar/amount.ts';
import { read } from './grammar/elements.ts';
import { misreadNumbers } from './misread-digits.ts';
import type { ImportedSchedule, Mark } from './row-reading.ts';
import { notUnderstood, readSchedule, type Schedule } from './schedule.ts';

export interface RowSchedule {
  /** Null when there is none, or when `marks` forbid it. */
  readonly plan: Plan | null;
  /** The words beside the plan; without one the whole text. */
  readonly when: string;
  readonly marks: readonly Mark[];
}

export interface Row {
  readonly cells: Cells;
  readonly readings: Readings;
  readonly dose: DoseReading;
}

/** Columns in which the doctor writes freely. */
const FREE = ['name', 'strength', 'remarks'] as const;
/** Columns in which a number and a unit say how much. */
const MEASURED = ['name', 'strength', 'dose', 'when'] as const;

export function scheduleOf(row: Row): RowSchedule {
  const { cells, readings, dose } = row;
  const text = cells.when.trim();
  const isMeasured = dose.kind === 'unit' || (dose.kind === 'amount' && dose.amount.unit !== null);
  const when = readSchedule(readings.when, isMeasured);
  switch (when.kind) {
    case 'words':
      return { plan: null, when: text, marks: withoutSchedule(row) };
    case 'schedule':
      return checked(row, when.schedule, text);
    case 'unclear': {
      const { reason, words, proposal } = when;
      const mark: Mark = { reason, field: 'when', words, proposal: proposal === null ? null : { when: proposal } };
      return { plan: null, when: text, marks: [mark] };
    }
  }
}

/** The same for a schedule that an import brought. `literal` says all of it in words. */
export function importedScheduleOf(row: Row, imported: ImportedSchedule, literal: string): RowSchedule {
  const times = takenAt(imported.plan);
  if (times.length === 0) return { plan: null, when: literal, marks: withoutSchedule(row) };
  const rest = read(imported.when);
  const besides = readSchedule(rest, false);
  const unclear = besides.kind === 'unclear' ? besides : notUnderstood(rest);
  const isOther = besides.kind === 'schedule' && besides.schedule.times.some((time) => !times.includes(time));
  const stray = rest.amounts.length > 0 ? ('not-understood' as const) : null;
  const reason = unclear?.reason ?? stray ?? (isOther ? ('contradiction' as const) : null);
  const notDaily = notDailyIn('when', row.readings.when);
  if (notDaily !== null) return { plan: null, when: literal, marks: [notDaily] };
  if (reason !== null) {
    const words = unclear?.words ?? imported.when.trim();
    return { plan: null, when: literal, marks: [{ reason, field: 'when', words, proposal: null }] };
  }
  const amounts = new Map(times.map((time): [DayTime, Amount | null] => [time, importedAmount(imported.plan[time])]));
  const schedule = { times, amounts, rest: imported.when.trim(), isChain: false };
  return checked(row, schedule, literal, rest);
}

function importedAmount(text: string): Amount | null {
  if (text === AMOUNT_UNSAID) return null;
  const { amounts } = read(text);
  const [first, second] = amounts;
  const isWhole = first !== undefined && second === undefined && first.text === text.trim();
  return isWhole ? first : { text, number: text, value: text, unit: null, isTimes: false };
}

function checked(row: Row, schedule: Schedule, literal: string, when = row.readings.when): RowSchedule {
  const { cells, readings, dose } = row;
  const result = together(schedule, dose, cells);
  const marks = [
    ...FREE.map((field) => notDailyIn(field, readings[field])),
    'mark' in result ? result.mark : null,
    durationMark(readings.duration),
    otherStrength(readings.name, readings.strength),
    'plan' in result ? otherAmountIn('name', readings.name, result.plan) : null,
    'plan' in result ? otherAmountIn('strength', readings.strength, result.plan) : null,
    ...misread(cells),
  ].filter((mark) => mark !== null);
  if ('mark' in result || marks.length > 0) return { plan: null, when: literal, marks };
  const { plan } = result;
  const all: Readings = { ...readings, when };
  const fields: Field[] = [...FREE, 'dose', 'when', 'duration'];
  const contradictions = fields.flatMap((field) => {
    const isFree = FREE.some((each) => each === field);
    const other = isFree ? otherScheduleIn(field, all[field], plan, schedule.times) : null;
    return otherFrequencyIn(field, all[field], schedule.times) ?? other ?? [];
  });
  return contradictions.length > 0
    ? { plan: null, when: literal, marks: contradictions }
    : { plan, when: schedule.rest, marks: [] };
}

/** `1,000` beside `1000`: the one says what the other means. */
function isInThousands(number: string, plain: string): boolean {
  return /^[1-9]\d{0,2}(?:[.,' ]\d{3})+$/u.test(number) && number.replace(/\D/gu, '') === plain;
}

/** What is amiss in a row without a schedule, which is no fault by itself. */
function withoutSchedule(row: Row): Mark[] {
  const { cells, readings } = row;
  const misplaced = misplacedSchedule(cells, readings) ?? scheduleInDose(row);
  if (misplaced !== null) return [misplaced];
  const inName = scheduleInName(readings.name, isBare(cells));
  return [...(inName === null ? [] : [inName]), ...misread(cells), ...twoDoses(row)];
}

/** A row of which only the name is known: a pasted line, or one that was typed into the first cell. */
function isBare({ dose, when, duration }: Cells): boolean {
  return [dose, when, duration].every((text) => text.trim() === '');
}

function misread(cells: Cells): Mark[] {
  return MEASURED.flatMap((field) => misreadNumbers(field, cells));
}

/** A chain under "Dose" beside words under "When". */
function scheduleInDose({ cells, dose }: Row): Mark | null {
  if (dose.kind !== 'schedule') return null;
  const words = cells.dose.trim();
  return {
    reason: 'not-understood',
    field: 'dose',
    words,
    proposal: { dose: '', when: `${words} ${cells.when.trim()}` },
  };
}

function twoDoses({ cells, readings, dose }: Row): Mark[] {
  const isChoice = dose.kind === 'several' && dose.isChoice;
  const { amount } = dose.kind === 'amount' ? dose : { amount: null };
  const isOther = (other: Amount): boolean =>
    amount?.unit != null &&
    other.unit?.name === amount.unit.name &&
    other.value !== amount.value &&
    // "1-0-0 tablets" says of no time that another dose is taken.
    other.value !== '0' &&
    !isInThousands(other.number, amount.number) &&
    !isInThousands(amount.number, other.number);
  if (!isChoice && !readings.when.amounts.some(isOther)) return [];
  return [{ reason: 'two-doses', field: 'dose', words: cells.dose.trim(), proposal: null }];
}
