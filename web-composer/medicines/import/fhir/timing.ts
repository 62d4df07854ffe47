/** FHIR's Timing.repeat (https://hl7.org/fhir/R4/datatypes.html#Timing): when, how often and how long, in words. */
import { DAY_TIMES, type DayTime } from '../../../../src/protocol/note.ts';
import type { ComposerStrings } from '../../../ui/strings.ts';
import { join, oneLine } from '../../fields.ts';
import { dateText, dayText, durationText, lengthText, numberText, rangeText } from './format-values.ts';
import type { Repeat } from './schemas.ts';

/** The event codes that are one of the four times, and nothing more. */
const TIMES: ReadonlyMap<string, DayTime> = new Map([
  ['MORN', 'morning'],
  ['NOON', 'noon'],
  ['EVE', 'evening'],
  ['NIGHT', 'night'],
]);

/** Event codes that the plan has no time for. */
const EVENTS = [
  'AFT',
  'AC',
  'C',
  'PC',
  'ACM',
  'CM',
  'PCM',
  'ACD',
  'CD',
  'PCD',
  'ACV',
  'CV',
  'PCV',
  'HS',
  'WAKE',
] as const;
type Event = (typeof EVENTS)[number];

/** Times at which something is taken each day, and words about meals that stand beside them. */
export interface Daily {
  readonly times: readonly DayTime[];
  readonly beside: string;
}

/**
 * The times of the day, when `repeat` says nothing but "each day at these times", with the words about meals that may
 * stand beside them; null for everything else.
 */
export function dailyTimes(repeat: Repeat, strings: ComposerStrings): Daily | null {
  const { when = [], frequency, frequencyMax, period, periodMax, periodUnit, dayOfWeek = [], timeOfDay = [] } = repeat;
  const times = when.map((code) => TIMES.get(code)).filter((time) => time !== undefined);
  const meals = when.filter((code) => code === 'AC' || code === 'C' || code === 'PC');
  if (times.length === 0 || times.length + meals.length !== when.length || new Set(times).size !== times.length)
    return null;
  const daily = (period ?? 1) === 1 && (periodUnit ?? 'd') === 'd' && periodMax === undefined;
  const once = frequencyMax === undefined && (frequency === undefined || frequency === 1 || frequency === times.length);
  if (!daily || !once || dayOfWeek.length > 0 || timeOfDay.length > 0 || hasMore(repeat)) return null;
  return {
    times: DAY_TIMES.filter((time) => times.includes(time)),
    beside: meals.map((code) => eventText(code, strings)).join(', '),
  };
}

/** Whether there is something that `repeatText` has no words for. */
export function hasMore({ count, countMax, duration, durationMax, offset, periodMax }: Repeat): boolean {
  return [count, countMax, duration, durationMax, offset, periodMax].some((value) => value !== undefined);
}

/** How often and when: `3 times a day, before meals`. '' when it says nothing. */
export function repeatText(repeat: Repeat, strings: ComposerStrings): string {
  const { when = [], timeOfDay = [], dayOfWeek = [] } = repeat;
  const clock = timeOfDay.map((time) => time.replace(/^(\d{2}:\d{2}):\d{2}(?:\.\d+)?$/, '$1'));
  const days = dayOfWeek.map((day) => dayText(day, strings));
  // "Once a day" beside times of the day would count twice.
  const often = when.length + clock.length > 0 && isDaily(repeat) ? '' : frequencyText(repeat, strings);
  return join(
    [
      days.length > 0 ? strings.t('medicines.fhir.on', { days: strings.list(days) }) : '',
      days.length > 0 && isOnceEachDay(repeat, days.length) ? '' : often,
      when.map((code) => eventText(code, strings)).join(', '),
      clock.length > 0 ? strings.t('medicines.fhir.at', { times: strings.list(clock) }) : '',
    ],
    ', ',
  );
}

/** Once on each of these days of every week, which naming the days says already. */
function isOnceEachDay({ period = 1, periodUnit, frequency = 1, frequencyMax }: Repeat, days: number): boolean {
  return period === 1 && periodUnit === 'wk' && frequency <= days && frequencyMax === undefined;
}

function isDaily({ period, periodUnit, frequency, frequencyMax, when = [], timeOfDay = [] }: Repeat): boolean {
  const times = Math.max(1, when.length, timeOfDay.length);
  const often = frequency === undefined || frequency === 1 || frequency === times;
  return frequencyMax === undefined && often && (period ?? 1) === 1 && (periodUnit ?? 'd') === 'd';
}

function frequencyText(repeat: Repeat, strings: ComposerStrings): string {
  const { frequency, frequencyMax, period = 1, periodUnit = 'd' } = repeat;
  if (repeat.period === undefined && frequency === undefined) return '';
  const count = frequency ?? 1;
  const aDay = period === 1 && periodUnit === 'd';
  const every = lengthText(period, periodUnit, strings) || join([String(period), oneLine(periodUnit)], ' ');
  if (frequencyMax !== undefined && frequencyMax !== frequency) {
    const to = { from: numberText(count, strings), to: numberText(frequencyMax, strings) };
    const range = strings.t('medicines.fhir.fromTo', to);
    return strings.t(aDay ? 'medicines.fhir.rangeADay' : 'medicines.fhir.rangeEvery', { range, period: every });
  }
  if (aDay) return strings.t('medicines.fhir.timesADay', { count });
  return strings.t(count === 1 ? 'medicines.fhir.every' : 'medicines.fhir.timesEvery', { count, period: every });
}

function eventText(code: string, strings: ComposerStrings): string {
  const time = TIMES.get(code);
  if (time !== undefined) return strings.t(`medicines.${time}`);
  return isEvent(code) ? strings.t(`medicines.at.${code}`) : oneLine(code);
}

function isEvent(code: string): code is Event {
  return EVENTS.some((event) => event === code);
}

/** How long, from the bounds: `7 days`, `until 17 August 2021`. */
export function boundsText({ boundsDuration, boundsRange, boundsPeriod }: Repeat, strings: ComposerStrings): string {
  if (boundsDuration !== undefined) return durationText(boundsDuration, strings);
  if (boundsRange !== undefined) return rangeText(boundsRange, strings);
  const from = boundsPeriod?.start === undefined ? '' : dateText(boundsPeriod.start, strings);
  const to = boundsPeriod?.end === undefined ? '' : dateText(boundsPeriod.end, strings);
  if (from !== '' && to !== '') return strings.t('medicines.fhir.between', { from, to });
  if (to !== '') return strings.t('medicines.fhir.until', { date: to });
  return from === '' ? '' : strings.t('medicines.fhir.from', { date: from });
}
