/** Concepts, quantities, lengths and dates of FHIR as a person writes them. What has no words is named as unread. */
import type { ComposerStrings } from '../../../../ui/strings.ts';
import { join, oneLine } from '../../../fields.ts';
import { plainWord } from '../../../reading/grammar/plain-word.ts';
import { type FhirElement, isBareCode } from '../source/element.ts';
import { dateFormat, numberFormat } from './intl-formats.ts';
import { unitName } from './unit-names.ts';

/** UCUM's and FHIR's units of time, as Intl knows them. */
const TIME_UNITS: ReadonlyMap<string, string> = new Map([
  ['s', 'second'],
  ['min', 'minute'],
  ['h', 'hour'],
  ['d', 'day'],
  ['wk', 'week'],
  ['mo', 'month'],
  ['a', 'year'],
]);

/** Units that only count pieces; they say nothing to a patient. */
const PIECES = /^(?:1|\{.*\}|piece|pieces|each|ea|unit|tab|tbl|tablet|tablets|cap|capsule|capsules|stk|stück)$/i;
/** SNOMED CT's names of what kind of thing a name is. */
const KIND_OF_THING = / \((?:unit of presentation|qualifier value|substance)\)$/;

/** A text of at least one letter or digit; '' for dashes, and for a bare code. */
export function wordsOnly(text: string): string {
  return /[\p{L}\p{N}]/u.test(text) && !isBareCode(text) ? text : '';
}

/**
 * A concept's own text, or the first name of its codes. A code without any name is named as unread. '' for the codes in
 * `silent`, which say nothing to a patient.
 */
export function conceptText(concept: FhirElement | null, silent: readonly string[] = []): string {
  const { text, codes } = readConcept(concept);
  if (codes.some((code) => silent.includes(code)) || silent.includes(text.toLowerCase())) return '';
  if (text === '') for (const code of codes) concept?.reject('coding', isBareCode(code) ? '' : code);
  return text;
}

export interface ReadConcept {
  /** Its own text, or the first name of its codes. */
  readonly text: string;
  readonly displays: readonly string[];
  readonly codes: readonly string[];
  readonly systems: readonly string[];
}

/** The same, where the caller knows what to do with the codes. */
export function readConcept(concept: FhirElement | null): ReadConcept {
  if (concept === null) return { text: '', displays: [], codes: [], systems: [] };
  const own = wordsOnly(concept.text('text'));
  const codings = concept.many('coding').map((coding) => ({
    display: wordsOnly(coding.text('display').replace(KIND_OF_THING, '')),
    code: coding.text('code'),
    system: coding.skip('id', 'version', 'userSelected').text('system'),
  }));
  concept.skip('id');
  return {
    text: own || (codings.find(({ display }) => display !== '')?.display ?? ''),
    displays: codings.map(({ display }) => display),
    codes: codings.map(({ code }) => code).filter((code) => code !== ''),
    systems: codings.map(({ system }) => system),
  };
}

/** R5's CodeableReference: what its concept says, or the name that the reference gives. */
export function conceptOrReferenceText(value: FhirElement): string {
  const reference = value.one('reference');
  return conceptText(value.one('concept')) || referenceText(reference);
}

/** The name of what a reference points to; addresses say nothing to a patient. */
export function referenceText(reference: FhirElement | null): string {
  return wordsOnly(reference?.skip('reference', 'type', 'identifier', 'id').text('display') ?? '');
}

export function numberText(value: number, strings: ComposerStrings): string {
  return numberFormat(strings.locale).format(value);
}

/** A quantity in words, and its parts. */
export interface ReadQuantity {
  readonly value: number;
  readonly number: string;
  readonly unit: string;
  /** Such as `<`; '' for "exactly". */
  readonly comparator: string;
  readonly text: string;
}

/** `1 tablet`, `0.5 ml`, `< 5 mg`; null when there is no value. A unit without a name is named as unread. */
export function readQuantity(quantity: FhirElement | null, strings: ComposerStrings): ReadQuantity | null {
  if (quantity === null) return null;
  const value = quantity.number('value');
  const comparator = quantity.text('comparator');
  const unit = unitText(quantity, strings);
  if (value === undefined) {
    if (unit !== '' || comparator !== '') quantity.reject('unit', join([comparator, unit], ' '));
    return null;
  }
  const number = numberText(value, strings);
  return { value, number, unit, comparator, text: join([comparator, number, unit], ' ') };
}

export function quantityText(quantity: FhirElement | null, strings: ComposerStrings): string {
  return readQuantity(quantity, strings)?.text ?? '';
}

function unitText(quantity: FhirElement, strings: ComposerStrings): string {
  const unit = quantity.text('unit').replace(KIND_OF_THING, '');
  const code = quantity.text('code');
  quantity.skip('system', 'id');
  const named = wordsOnly(unit).replace(/^\{(.*)\}$/, '$1');
  const byCode = code === '' ? '' : unitName(code, strings.language);
  if (named === '' && byCode === null) quantity.reject('code', isBareCode(code) ? '' : code);
  if (named === '1') return '';
  if (named !== '' && isOtherUnit(unit, code, strings)) quantity.reject('code', code);
  return named || (byCode ?? '');
}

/** Whether unit and code are both known, and not the same: then nobody knows how much it is. */
function isOtherUnit(unit: string, code: string, { language }: ComposerStrings): boolean {
  const byUnit = unitName(unit, language);
  const byCode = unitName(code, language);
  return (
    byUnit !== null &&
    byCode !== null &&
    byCode !== '' &&
    byUnit !== byCode &&
    !areBothUnits([byUnit, byCode], language)
  );
}

/** Insulin and heparin are counted in units and in international units, which are the same. */
function areBothUnits(names: readonly string[], language: string): boolean {
  return names.every((name) => name === unitName('U', language) || name === unitName('[IU]', language));
}

/** `1 to 2 tablets`, `at least 1 tablet`, `at most 2 tablets`. */
export function rangeText(range: FhirElement | null, strings: ComposerStrings): string {
  const low = readQuantity(range?.skip('id').one('low') ?? null, strings);
  const high = readQuantity(range?.one('high') ?? null, strings);
  if (low === null || high === null) {
    if (low !== null) return strings.t('medicines.fhir.atLeast', { dose: low.text });
    return high === null ? '' : strings.t('medicines.fhir.atMost', { dose: high.text });
  }
  const isSameUnit = low.unit === high.unit && low.comparator === '';
  return strings.t('medicines.fhir.fromTo', { from: isSameUnit ? low.number : low.text, to: high.text });
}

/** `400 mg`, or `250 mg / 5 ml` where the second part is more than one piece. */
export function ratioText(ratio: FhirElement | null, strings: ComposerStrings): string {
  const numerator = readQuantity(ratio?.skip('id').one('numerator') ?? null, strings);
  const denominator = readQuantity(ratio?.one('denominator') ?? null, strings);
  if (numerator === null || denominator === null) {
    if (denominator !== null) ratio?.reject('denominator', denominator.text);
    return numerator?.text ?? '';
  }
  // Some systems write the same amount above and below, which says nothing of how strong it is.
  if (numerator.text === denominator.text) {
    ratio?.reject('numerator', `${numerator.text} / ${denominator.text}`);
    return '';
  }
  if (denominator.value !== 1) return `${numerator.text} / ${denominator.text}`;
  return denominator.unit === '' || PIECES.test(denominator.unit)
    ? numerator.text
    : `${numerator.text} / ${denominator.unit}`;
}

/** `8 hours`; with a value of 1 only the unit's name cannot be had from Intl, so it is `1 day`. '' for an unknown unit. */
export function lengthText(value: number | undefined, unit: string, strings: ComposerStrings): string {
  const known = TIME_UNITS.get(unit);
  if (value === undefined || known === undefined) return '';
  return numberFormat(strings.locale, known).format(value);
}

/** The length of a Duration: by its code where it has one, otherwise as its unit says. */
export function durationText(duration: FhirElement | null, strings: ComposerStrings): string {
  if (duration === null) return '';
  const code = duration.peek('code') || duration.peek('unit');
  if (!TIME_UNITS.has(code)) return quantityText(duration, strings);
  const value = duration.skip('code', 'unit', 'system', 'id').number('value');
  const comparator = duration.text('comparator');
  if (value === undefined) duration.reject('unit', code);
  return value === undefined ? '' : join([comparator, lengthText(value, code, strings)], ' ');
}

/** `5 days to 7 days`, `at least 5 days`, `at most 7 days`. */
export function lengthRangeText(range: FhirElement | null, strings: ComposerStrings): string {
  const from = durationText(range?.skip('id').one('low') ?? null, strings);
  const to = durationText(range?.one('high') ?? null, strings);
  if (from !== '' && to !== '') return strings.t('medicines.fhir.periodRange', { from, to });
  if (from !== '') return strings.t('medicines.fhir.atLeast', { dose: from });
  return to === '' ? '' : strings.t('medicines.fhir.atMost', { dose: to });
}

/** The day of a FHIR date or instant, on this device's calendar where the text says which clock it means. */
export function localDay(date: string): string {
  const [day = '', zone] = /^(\d{4}-\d{2}-\d{2})T.*?(Z|[+-]\d{2}:\d{2})?$/.exec(date)?.slice(1) ?? [];
  const at = Date.parse(date);
  if (zone !== undefined && !Number.isNaN(at)) return dayOf(at);
  return day || date;
}

/** The day of a moment on this device's calendar. */
export function dayOf(now: number): string {
  const at = new Date(now);
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** A FHIR date or instant as a day, such as `17 August 2021`, or as a month or a year where it says no more. */
export function dateText(date: string, strings: ComposerStrings): string {
  const [, year, month, day] = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(localDay(date)) ?? [];
  if (year === undefined) return oneLine(date);
  const at = Date.UTC(Number(year), Number(month ?? 1) - 1, Number(day ?? 1), 12);
  const format = dateFormat(strings.locale, {
    timeZone: 'UTC',
    year: 'numeric',
    ...(month === undefined ? {} : { month: 'long' }),
    ...(day === undefined ? {} : { day: 'numeric' }),
  });
  // Some languages write an abbreviation of "year" at the end, which says nothing.
  const parts = format.formatToParts(at);
  return (parts.at(-1)?.type === 'literal' ? parts.slice(0, -1) : parts).map(({ value }) => value).join('');
}

/** The same with the time of the day, on this device's clock where the text says which clock it means. */
export function momentText(moment: string, strings: ComposerStrings): string {
  const [, clock, zone] = /T(\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$/.exec(moment) ?? [];
  if (clock === undefined) return dateText(moment, strings);
  const at = new Date(moment);
  if (zone === undefined || Number.isNaN(at.getTime())) return `${dateText(moment, strings)}, ${clock}`;
  return dateFormat(strings.locale, { dateStyle: 'long', timeStyle: 'short' }).format(at);
}

/** From when until when, in words. */
export interface ReadPeriod {
  /** `from 1 May 2026 until 8 May 2026`, or what of it there is. */
  readonly text: string;
  /** What of it counts beside a plan of the day: nothing of a day that has come already. */
  readonly left: string;
  /** The day that has come already, as a remark; '' when there is none. */
  readonly started: string;
  /** Whether it begins on a day to come, so that it is no plan of today. */
  readonly isToCome: boolean;
}

/** `today` is a day such as `2026-05-31`. */
export function readPeriod(period: FhirElement | null, today: string, strings: ComposerStrings): ReadPeriod {
  const start = period?.skip('id').text('start') ?? '';
  const end = period?.text('end') ?? '';
  const text = betweenText(start, end, strings);
  const first = /^\d{4}(?:-\d{2}(?:-\d{2})?)?/.exec(localDay(start))?.[0] ?? '';
  const isToCome = first > today.slice(0, first.length);
  if (first === '' || isToCome) return { text, left: text, started: '', isToCome };
  const started = strings.t('medicines.fhir.start', { date: dateText(start, strings) });
  return { text, left: betweenText('', end, strings), started, isToCome };
}

function betweenText(start: string, end: string, strings: ComposerStrings): string {
  const [from, to] = [start, end].map((date) => (date === '' ? '' : dateText(date, strings)));
  if (from && to) return strings.t('medicines.fhir.between', { from, to });
  if (to) return strings.t('medicines.fhir.until', { date: to });
  return from ? strings.t('medicines.fhir.from', { date: from }) : '';
}

const MONDAY = Date.UTC(2024, 0, 1, 12);
const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** The name of a day of the week from FHIR's code; null when it is none. */
export function dayText(code: string, strings: ComposerStrings): string | null {
  const place = WEEK.indexOf(code);
  if (place < 0) return null;
  const format = dateFormat(strings.locale, { timeZone: 'UTC', weekday: 'long' });
  return format.format(MONDAY + place * 24 * 60 * 60 * 1000);
}

/** Whether `all` says `text` already, word for word and in this order; case, accents and punctuation do not count. */
export function says(all: string, text: string): boolean {
  const plain = (each: string): string => {
    const words = plainWord(each).replace(/[.,](?!\p{N})|[^\p{L}\p{N}.,/½¼¾⅓⅔<>≤≥±~≈%+?-]/gu, ' ');
    return ` ${words.replace(/ +/g, ' ').trim()} `;
  };
  return plain(all).includes(plain(text));
}

export function unique(texts: readonly string[]): string[] {
  return [...new Set(texts.filter((text) => text !== ''))];
}
