/** Looks through the columns in which the doctor writes freely for what forbids or contradicts a plan of the day. */
import { DAY_TIMES, type DayTime } from '../../../src/protocol/note.ts';
import type { Cells, Field, Plan } from '../fields.ts';
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
      (element.kind === 'aDay' && element.count !== null && element.count !== times.length) ||
      (element.kind === 'mealtime' && (times.length !== 1 || element.time !== times[0])),
  );
  if (found.length === 0) return null;
  return mark('contradiction', field, found.map(({ start, end }) => text.slice(start, end)).join(', '));
}

/** A schedule, a time or an amount at a time in the remarks that is not the plan's. */
export function otherScheduleIn(field: Field, reading: Reading, plan: Plan, times: readonly DayTime[]): Mark | null {
  const contradicts =
    hasOtherChain(reading, plan) ||
    (field === 'remarks' && timesIn(reading).some((time) => !times.includes(time))) ||
    amountsBesideTimes(reading.elements).some(([time, number]) => !startsWith(plan[time], number));
  return contradicts ? mark('contradiction', field, reading.text.trim()) : null;
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

function mark(reason: MarkReason, field: Field, words: string): Mark {
  return { reason, field, words, proposal: null };
}
