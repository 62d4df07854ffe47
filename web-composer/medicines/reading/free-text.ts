/** Looks through the columns in which the doctor writes freely for what forbids or contradicts a plan of the day. */
import { AMOUNT_UNSAID, DAY_TIMES, type DayTime } from '../../../src/protocol/note.ts';
import type { Cells, Field, Plan } from '../fields.ts';
import type { FoundAmount } from './grammar/amount.ts';
import { type Element, type Reading, timesIn } from './grammar/elements.ts';
import { valueOfNumber } from './grammar/numbers.ts';
import type { Mark, MarkReason } from './row-reading.ts';
import { readSchedule } from './schedule.ts';

export type Readings = Readonly<Record<Field, Reading>>;

/** Words for "not every day", "not now" or "only when needed", or null. */
export function notDailyIn(field: Field, { text, elements }: Reading): Mark | null {
  const found = elements.filter((element) => element.kind === 'notDaily' && element.everywhere);
  if (found.length === 0) return null;
  return mark('not-daily', field, found.map(({ start, end }) => text.slice(start, end)).join(', '));
}

/** How often a day, or at which meal, where that does not go with the times of the plan. */
export function otherFrequencyIn(field: Field, { text, elements }: Reading, times: readonly DayTime[]): Mark | null {
  const found = elements.filter(
    (element) =>
      (element.kind === 'aDay' && !isCountOf(element.count, field, times)) ||
      (element.kind === 'mealtime' && (times.length !== 1 || element.time !== times[0])),
  );
  if (found.length === 0) return null;
  return mark('contradiction', field, found.map(({ start, end }) => text.slice(start, end)).join(', '));
}

/** `5 mg daily` as a strength may be all of a day, which several times share. */
function isCountOf(count: number | null, field: Field, times: readonly DayTime[]): boolean {
  return count === null ? (field !== 'strength' && field !== 'name') || times.length === 1 : count === times.length;
}

/** A schedule, a time or an amount at a time in the remarks that is not the plan's. */
export function otherScheduleIn(field: Field, reading: Reading, plan: Plan, times: readonly DayTime[]): Mark | null {
  const contradicts =
    hasOtherChain(reading, plan) ||
    !saysTimes(field, timesIn(reading), times) ||
    amountsBesideTimes(reading.elements).some(([time, number]) => !startsWith(plan[time], number));
  return contradicts ? mark('contradiction', field, reading.text.trim()) : null;
}

/** In the name or the strength the times have to be all of them: "Ramipril morgens" beside `1-0-1` is another plan. */
function saysTimes(field: Field, named: readonly DayTime[], times: readonly DayTime[]): boolean {
  const isAll = named.length === 0 || field === 'remarks' || times.every((time) => named.includes(time));
  return isAll && named.every((time) => times.includes(time));
}

function hasOtherChain({ elements }: Reading, plan: Plan): boolean {
  return elements.some((element) => {
    if (element.kind !== 'chain') return false;
    const { kind, amounts } = element.chain;
    if (kind !== 'whole') return amounts.length > DAY_TIMES.length;
    return DAY_TIMES.some((time, place) => !startsWith(plan[time], amounts[place]?.number ?? '0'));
  });
}

/** Whether an amount of the plan has this number; no amount is the same as zero. */
function startsWith(amount: string, number: string): boolean {
  const [said = ''] = amount.split(' ');
  return valueOfNumber(amount === '' ? '0' : said) === valueOfNumber(number);
}

/** Numbers that stand directly before or behind a time: `2 in the evening`, `abends 2`. */
function amountsBesideTimes(elements: readonly Element[]): [DayTime, string][] {
  return elements.flatMap((element, at): [DayTime, string][] => {
    const next = elements[at + 1];
    if (element.kind === 'amount' && next?.kind === 'time') return [[next.time, element.amount.number]];
    return element.kind === 'time' && next?.kind === 'amount' ? [[element.time, next.amount.number]] : [];
  });
}

/** A schedule that stands in a column of its own kind beside an empty "When". */
export function misplacedSchedule(cells: Cells, readings: Readings): Mark | null {
  if (cells.when.trim() !== '') return null;
  for (const field of ['dose', 'strength', 'duration'] as const) {
    const { kind } = readSchedule(readings[field], false);
    if (kind === 'schedule') {
      const words = cells[field].trim();
      return { ...mark('not-understood', field, words), proposal: { [field]: '', when: words } };
    }
  }
  return null;
}

/**
 * A schedule within the name, such as a pasted line of which nothing is certain but that it names a time. Beside a dose or
 * a schedule of its own (`isAlone` is false) only a chain surely is one.
 */
export function scheduleInName({ text, elements }: Reading, isAlone: boolean): Mark | null {
  if (!elements.some((element) => (isAlone ? saysWhen(element) : element.kind === 'chain'))) return null;
  const found = elements.filter((element) => saysWhen(element) || (element.kind === 'notDaily' && element.everywhere));
  const isNotDaily = found.some(({ kind }) => kind === 'notDaily');
  const words = found.map(({ start, end }) => text.slice(start, end)).join(', ');
  return mark(isNotDaily ? 'not-daily' : 'not-understood', 'name', words);
}

function saysWhen(element: Element): boolean {
  switch (element.kind) {
    case 'chain':
      return true;
    case 'aDay':
      return element.count !== null;
    case 'notDaily':
      return element.isNotNow;
    case 'time':
      return element.sure;
    default:
      return false;
  }
}

/** From this number on, what is counted in a name is its pack: `Ibuprofen 600 mg 20 tablets`. */
const PACK_MIN = 5;
/** From this number of units on they are a strength; fewer are what is taken of an insulin. */
const UNITS_MIN = 100;
/** Further apart than this, two numbers with a dash are two substances: `50-1000 mg`. */
const RANGE_RATIO_MAX = 4;

/** An amount in the name or the strength that is not that of the plan: `Paracetamol 1-2 tablets`, `2 x 5 mg`. */
export function otherAmountIn(field: 'name' | 'strength', reading: Reading, plan: Plan): Mark | null {
  const { text, elements, amounts } = reading;
  const ofDay = DAY_TIMES.map((time) => plan[time]).filter((amount) => amount !== '' && amount !== AMOUNT_UNSAID);
  const isOther = amounts.some(
    (amount) =>
      isTaken(amount, text) && !ofDay.every((said) => valueOfNumber(said.split(' ')[0] ?? '') === amount.value),
  );
  const isChoice = elements.some((element) => element.kind === 'or') && amounts.length > 1;
  const isMultiple = /\p{Nd}\s*[x×]\s*\p{Nd}/u.test(text);
  return isOther || isChoice || isMultiple || elements.some(isRange) ? mark('two-doses', field, text.trim()) : null;
}

/** Whether an amount beside a plan reads as what is taken, rather than as a strength or a pack. */
function isTaken({ unit, value, isTimes, start, text: said }: FoundAmount, text: string): boolean {
  if (unit?.name === 'unit') {
    const isConcentration = /^\s*\//u.test(text.slice(start + said.length));
    return !isConcentration && !/[.,]\d{3}$/.test(value) && Number(value) < UNITS_MIN;
  }
  const isFirst = text.slice(0, start).trim() === '' && /^\S+ /u.test(text.slice(start));
  return (unit === null ? isTimes || isFirst : unit.counts) && Number(value) < PACK_MIN;
}

function isRange(element: Element): boolean {
  if (element.kind !== 'chain' || element.chain.kind !== 'range') return false;
  const [low, high] = element.chain.amounts;
  return high?.unit != null && Number(high.value) <= Number(low?.value) * RANGE_RATIO_MAX;
}

/** Two strengths of the same unit, one of them in the name. */
export function otherStrength(name: Reading, strength: Reading): Mark | null {
  const inName = name.amounts.filter(({ unit }) => unit !== null && !unit.counts);
  const isOther = strength.amounts.some(({ unit, value }) => {
    const same = inName.filter((other) => other.unit?.name === unit?.name);
    return unit !== null && same.length > 0 && same.every((other) => other.value !== value);
  });
  return isOther ? mark('two-doses', 'strength', strength.text.trim()) : null;
}

function mark(reason: MarkReason, field: Field, words: string): Mark {
  return { reason, field, words, proposal: null };
}
