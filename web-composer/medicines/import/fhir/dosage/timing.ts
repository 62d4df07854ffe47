/** FHIR's Timing (https://hl7.org/fhir/R4/datatypes.html#Timing): when, how often and how long, in words. */
import { DAY_TIMES, type DayTime } from '../../../../../src/protocol/note.ts';
import type { ComposerStrings } from '../../../../ui/strings.ts';
import { join } from '../../../fields.ts';
import type { FhirElement } from '../source/element.ts';
import table from '../words/timing-codes.json' with { type: 'json' };
import {
  dayText,
  durationText,
  lengthRangeText,
  lengthText,
  momentText,
  numberText,
  type ReadPeriod,
  readConcept,
  readPeriod,
  says,
} from './format-values.ts';
import { type Often, oftenText, readOften, sameOften } from './timing-often.ts';

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

/** Events before or after which something may lie some minutes. */
const BESIDE_EVENT = /^(?:AC|PC|ACM|PCM|ACD|PCD|ACV|PCV|HS|WAKE)$/;

/** What a Timing says. */
export interface ReadTiming {
  /** The times of the day, when it says nothing but "each day at these times"; otherwise null. */
  readonly times: readonly DayTime[] | null;
  /** When and how often, in words; '' when it says nothing of it. */
  readonly words: string;
  /** The words of its own that the code has beside its meaning. */
  readonly own: string;
  /** How often a day, where it says so; `not-daily` for another period than a day; null where it says neither. */
  readonly aDay: number | 'not-daily' | null;
  readonly duration: Duration;
}

/** How long: a period, or another length. */
export type Duration = ReadPeriod;

export const NO_DURATION: Duration = { text: '', left: '', started: '', isToCome: false };

const NO_TIMING: ReadTiming = { times: null, words: '', own: '', aDay: null, duration: NO_DURATION };

/** `today` is a day such as `2026-05-31`. */
export function readTiming(timing: FhirElement | null, today: string, strings: ComposerStrings): ReadTiming {
  if (timing === null) return NO_TIMING;
  const repeat = timing.skip('id').one('repeat')?.skip('id') ?? null;
  const events = timing.texts('event').map((event) => momentText(event, strings));
  const read = repeat === null ? NO_REPEAT : readRepeat(repeat, strings);
  const duration = boundsOf(repeat, today, strings);
  const code = readCode(timing, read, strings);
  const onEvents = events.length === 0 ? '' : strings.t('medicines.fhir.onDates', { dates: strings.list(events) });
  return {
    times: code.agrees && onEvents === '' ? read.times : null,
    words: join([read.words, code.words, onEvents], ', '),
    own: code.own,
    aDay: repeat === null || !code.agrees ? null : read.aDay,
    duration,
  };
}

interface ReadRepeat {
  readonly times: readonly DayTime[] | null;
  readonly words: string;
  readonly often: Often | null;
  readonly when: readonly string[];
  readonly aDay: ReadTiming['aDay'];
}

const NO_REPEAT: ReadRepeat = { times: null, words: '', often: null, when: [], aDay: null };

function readRepeat(repeat: FhirElement, strings: ComposerStrings): ReadRepeat {
  const when = repeat.texts('when');
  const clock = repeat.texts('timeOfDay').map((time) => time.replace(/^(\d{2}:\d{2}):00(?:\.0+)?$/, '$1'));
  const days = weekdays(repeat, strings);
  const often = readOften(repeat);
  const others = [countText(repeat, strings), lastingText(repeat, strings)].filter((text) => text !== '');
  const offset = repeat.number('offset') ?? 0;
  const isOnlyWhen = days.length + clock.length + others.length + offset === 0 && !repeat.has('boundsRange');
  const isSaid = isSaidByPlaces(often, when.length + clock.length, days.length);
  if (days.length === 0 && isOtherCount(often, when)) repeat.reject('frequency', String(often?.frequency));
  if (often?.unit === 'h' && when.some((code) => TIMES.has(code))) repeat.reject('when', when.join(', '));
  const words = [
    days.length > 0 ? strings.t('medicines.fhir.on', { days: strings.list(days) }) : '',
    isSaid ? '' : oftenText(repeat, often, strings),
    ...when.map((code) => eventText(repeat, code, offset, strings)),
    clock.length > 0 ? strings.t('medicines.fhir.at', { times: strings.list(clock) }) : '',
    ...others,
  ];
  if (offset !== 0 && !when.some((code) => BESIDE_EVENT.test(code))) repeat.reject('offset', String(offset));
  return {
    times: isOnlyWhen && isEachDay(often, when.length) ? dayTimes(when) : null,
    words: join(words, ', '),
    often,
    when,
    aDay: days.length > 0 ? null : countADay(often, when, clock.length),
  };
}

/** "With meals" may be any number of times. */
function countADay(often: Often | null, when: readonly string[], clocks: number): ReadTiming['aDay'] {
  const places = when.some((code) => /^(?:AC|C|PC)$/.test(code)) ? 0 : when.length + clocks;
  if (often === null) return places === 0 ? null : places;
  const { frequency, frequencyMax, period = 1, periodMax, unit } = often;
  if (unit === 'wk' || unit === 'mo' || unit === 'a' || (unit === 'd' && period > 1)) return 'not-daily';
  const isDay = unit === 'd' && period === 1 && periodMax === undefined && frequencyMax === undefined;
  return isDay ? (frequency ?? Math.max(1, places)) : null;
}

/** Whether days and times of the day say already how often it is: "once a day" beside them would count twice. */
function isSaidByPlaces(often: Often | null, places: number, days: number): boolean {
  const isWithoutPeriod = often !== null && often.unit === '';
  if (places > 0 && !(isWithoutPeriod && days > 0)) return isEachDay(often, places);
  return days > 0 && isOnceOnEach(often, days);
}

/** Whether it is to be taken another number of times a day than at these times; "with meals" may be any number. */
function isOtherCount(often: Often | null, when: readonly string[]): boolean {
  if (often?.frequency === undefined || when.length === 0 || when.some((code) => /^(?:AC|C|PC)$/.test(code)))
    return false;
  const isDay = often.period === 1 && often.unit === 'd' && often.periodMax === undefined;
  return isDay && often.frequencyMax === undefined && often.frequency !== when.length;
}

/** The times of the plan, when all of these are times of the plan and none stands there twice. */
function dayTimes(when: readonly string[]): readonly DayTime[] | null {
  const times = when.map((code) => TIMES.get(code));
  if (times.length === 0 || times.includes(undefined) || new Set(times).size !== times.length) return null;
  return DAY_TIMES.filter((time) => times.includes(time));
}

/** Whether it is nothing but "each day", at as many places of the day as there are. */
function isEachDay(often: Often | null, places: number): boolean {
  if (often === null) return true;
  const { frequency, frequencyMax, period, periodMax, unit } = often;
  const isDay =
    (period ?? 1) === 1 && periodMax === undefined && (unit === 'd' || (unit === '' && period === undefined));
  return isDay && frequencyMax === undefined && (frequency === undefined || frequency === places);
}

/** Once on each of these days of every week, which naming the days says already. */
function isOnceOnEach(often: Often | null, days: number): boolean {
  if (often === null) return true;
  const { frequency, frequencyMax, period, periodMax, unit } = often;
  const isWeek = period === 1 && periodMax === undefined && unit === 'wk';
  return isWeek && frequencyMax === undefined && (frequency === undefined || frequency === days);
}

function weekdays(repeat: FhirElement, strings: ComposerStrings): string[] {
  return repeat.texts('dayOfWeek').map((code) => {
    const name = dayText(code, strings);
    if (name === null) repeat.reject('dayOfWeek', code);
    return name ?? code;
  });
}

function countText(repeat: FhirElement, strings: ComposerStrings): string {
  const [count, most] = [repeat.number('count'), repeat.number('countMax')];
  if (count === undefined && most === undefined) return '';
  if (count === undefined || most === undefined || count === most) {
    const number = numberText(count ?? most ?? 0, strings);
    return strings.t(count === undefined ? 'medicines.fhir.inAllAtMost' : 'medicines.fhir.inAll', { number });
  }
  const range = { from: numberText(count, strings), to: numberText(most, strings) };
  return strings.t('medicines.fhir.inAll', { number: strings.t('medicines.fhir.fromTo', range) });
}

/** How long each time takes, such as an infusion. */
function lastingText(repeat: FhirElement, strings: ComposerStrings): string {
  const [length, most] = [repeat.number('duration'), repeat.number('durationMax')];
  const unit = repeat.text('durationUnit');
  if (length === undefined && most === undefined) {
    if (unit !== '') repeat.reject('durationUnit', unit);
    return '';
  }
  const to = lengthText(most ?? length, unit, strings);
  if (to === '') repeat.reject('duration', join([String(length ?? ''), String(most ?? ''), unit], ' '));
  if (to === '') return '';
  if (length === undefined)
    return strings.t('medicines.fhir.lasting', { period: strings.t('medicines.fhir.atMost', { dose: to }) });
  const from = numberText(length, strings);
  const period = most === undefined || most === length ? to : strings.t('medicines.fhir.periodRange', { from, to });
  return strings.t('medicines.fhir.lasting', { period });
}

function eventText(repeat: FhirElement, code: string, offset: number, strings: ComposerStrings): string {
  const time = TIMES.get(code);
  if (time !== undefined) return strings.t(`medicines.${time}`);
  if (!isEvent(code)) {
    repeat.reject('when', code);
    return code;
  }
  const event = strings.t(`medicines.at.${code}`);
  if (offset === 0 || !BESIDE_EVENT.test(code)) return event;
  const length = lengthText(offset, 'min', strings);
  return code === 'WAKE'
    ? strings.t('medicines.fhir.offsetWake', { length })
    : strings.t('medicines.fhir.offset', { length, event });
}

function isEvent(code: string): code is Event {
  return EVENTS.some((event) => event === code);
}

/** How long, from the bounds: `7 days`, `until 17 August 2021`. */
function boundsOf(repeat: FhirElement | null, today: string, strings: ComposerStrings): Duration {
  const lengths = [
    durationText(repeat?.one('boundsDuration') ?? null, strings),
    lengthRangeText(repeat?.one('boundsRange') ?? null, strings),
  ];
  const period = readPeriod(repeat?.one('boundsPeriod') ?? null, today, strings);
  const withLengths = (text: string): string => join([...lengths, text], ', ');
  return { ...period, text: withLengths(period.text), left: withLengths(period.left) };
}

const codes = new Map<string, Omit<Often, 'unit'> & { periodUnit: string }>(Object.entries(table.codes));
const events = new Map<string, string>(Object.entries(table.events));

/**
 * What the code of a Timing says beside its structure (https://hl7.org/fhir/R4/datatypes-definitions.html#Timing.code):
 * nothing where it says the same; otherwise both stand there, and the code is named to the doctor.
 */
function readCode(
  timing: FhirElement,
  read: ReadRepeat,
  strings: ComposerStrings,
): { words: string; own: string; agrees: boolean } {
  const concept = timing.one('code');
  const { text, codes: all, systems } = readConcept(concept);
  const code = all.find((each, place) => isAbbreviation(each, systems[place] ?? ''));
  if (concept === null) return { words: '', own: '', agrees: true };
  if (code === undefined) return withoutMeaning(concept, text, all);
  const meaning = meaningOf(code, strings);
  const isSame = agrees(code, read);
  if (!isSame && read.words !== '') concept.reject('coding', code);
  const own = isNameOf(text, code, systems) || says(join([read.words, meaning], ', '), text) ? '' : text;
  return { words: isSame && read.words !== '' ? '' : meaning, own, agrees: isSame };
}

function withoutMeaning(concept: FhirElement, text: string, all: readonly string[]): ReturnType<typeof readCode> {
  const [code = ''] = all;
  const literal = text || (/\p{L}/u.test(code) ? code : '');
  if (text === '' && code !== '') concept.reject('coding', literal);
  return { words: '', own: literal, agrees: literal !== '' || all.length === 0 };
}

function isAbbreviation(code: string, system: string): boolean {
  return (codes.has(code) || events.has(code)) && (system === '' || table.systems.includes(system));
}

/** Whether a text is the code itself, or the name that HL7 gives it. */
function isNameOf(text: string, code: string, systems: readonly string[]): boolean {
  const isStandard = systems.some((system) => table.systems.includes(system));
  return text.toUpperCase() === code || (isStandard && /\bat institution specified times?\b/i.test(text));
}

function meaningOf(code: string, strings: ComposerStrings): string {
  const event = events.get(code);
  if (event === 'MORN') return strings.t('medicines.morning');
  if (event !== undefined) return isEvent(event) ? strings.t(`medicines.at.${event}`) : '';
  const often = codes.get(code);
  return often === undefined ? '' : oftenText(null, { ...often, unit: often.periodUnit }, strings);
}

function agrees(code: string, { often, when, words }: ReadRepeat): boolean {
  if (words === '') return true;
  const event = events.get(code);
  if (event !== undefined) return when.length === 1 && when[0] === event;
  const meaning = codes.get(code);
  if (meaning === undefined) return false;
  const said = often ?? { frequency: when.length, period: 1, unit: 'd' };
  return sameOften(said, { ...meaning, unit: meaning.periodUnit }, when.length);
}
