/** Concepts, quantities and lengths of FHIR as a person writes them. */
import type { ComposerStrings } from '../../../ui/strings.ts';
import { join, oneLine } from '../../fields.ts';
import type { Concept, Quantity, Range, Ratio } from './schemas.ts';

/** UCUM's and FHIR's units of time, as Intl knows them. */
const TIME_UNITS: ReadonlyMap<string, string> = new Map([
  ['min', 'minute'],
  ['h', 'hour'],
  ['d', 'day'],
  ['wk', 'week'],
  ['mo', 'month'],
  ['a', 'year'],
  ['s', 'second'],
]);

/** Units that only count pieces; they say nothing to a patient. */
const PIECES = /^(?:1|\{.*\}|piece|pieces|each|ea|unit|tab|tbl|tablet|tablets|cap|capsule|capsules|stk|stück)$/i;

/** A concept's own text, or the first name of its codes. */
export function conceptText(concept: Concept | undefined): string {
  const named = concept?.coding?.find(({ display }) => display !== undefined);
  return oneLine(concept?.text ?? named?.display ?? '');
}

/** The same, or the bare code. */
export function conceptOrCode(concept: Concept | undefined): string {
  return conceptText(concept) || oneLine(concept?.coding?.find(({ code }) => code !== undefined)?.code ?? '');
}

export function numberText(value: number, strings: ComposerStrings): string {
  return new Intl.NumberFormat(strings.locale, { maximumFractionDigits: 6, useGrouping: false }).format(value);
}

function unitText({ unit, code }: Quantity): string {
  const name = oneLine(unit ?? code ?? '');
  return name === '1' ? '' : name.replace(/^\{(.*)\}$/, '$1');
}

/** `1 tablet`, `0.5 ml`, `< 5 mg`; '' when there is no value. */
export function quantityText(quantity: Quantity | undefined, strings: ComposerStrings): string {
  if (quantity?.value === undefined) return '';
  return join([quantity.comparator, numberText(quantity.value, strings), unitText(quantity)], ' ');
}

export function rangeText({ low, high }: Range, strings: ComposerStrings): string {
  const from = quantityText(low, strings);
  const to = quantityText(high, strings);
  if (from === '' || to === '') return to === '' ? from : strings.t('medicines.fhir.atMost', { dose: to });
  const sameUnit = low !== undefined && high !== undefined && unitText(low) === unitText(high);
  const first = sameUnit && low.value !== undefined ? numberText(low.value, strings) : from;
  return strings.t('medicines.fhir.fromTo', { from: first, to });
}

/** `400 mg`, or `250 mg / 5 ml` where the second part is more than one piece. */
export function ratioText({ numerator, denominator }: Ratio, strings: ComposerStrings): string {
  const part = quantityText(numerator, strings);
  if (part === '' || denominator?.value === undefined) return part;
  const unit = denominator.unit ?? denominator.code ?? '1';
  if (denominator.value === 1 && PIECES.test(unit)) return part;
  return `${part} / ${denominator.value === 1 && unitText(denominator) !== '' ? unitText(denominator) : quantityText(denominator, strings)}`;
}

/** `8 hours`; with a value of 1 only the unit's name cannot be had from Intl, so it is `1 day`. '' for an unknown unit. */
export function lengthText(value: number | undefined, unit: string | undefined, strings: ComposerStrings): string {
  const known = TIME_UNITS.get(unit ?? '');
  if (value === undefined || known === undefined) return '';
  return new Intl.NumberFormat(strings.locale, { style: 'unit', unit: known, unitDisplay: 'long' }).format(value);
}

/** The length of a Duration: by its code where it has one, otherwise as its unit says. */
export function durationText(duration: Quantity, strings: ComposerStrings): string {
  return lengthText(duration.value, duration.code ?? duration.unit, strings) || quantityText(duration, strings);
}

/** A FHIR date or instant as a day, such as `17 August 2021`, or as a month or a year where it says no more. */
export function dateText(date: string, strings: ComposerStrings): string {
  const [, year, month, day] = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:T.*)?$/.exec(date) ?? [];
  if (year === undefined) return oneLine(date);
  const at = Date.UTC(Number(year), Number(month ?? 1) - 1, Number(day ?? 1), 12);
  return new Intl.DateTimeFormat(strings.locale, {
    timeZone: 'UTC',
    year: 'numeric',
    ...(month === undefined ? {} : { month: 'long' }),
    ...(day === undefined ? {} : { day: 'numeric' }),
  }).format(at);
}

const MONDAY = Date.UTC(2024, 0, 1, 12);
const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** The name of a day of the week from FHIR's code; the code itself when it is none. */
export function dayText(code: string, strings: ComposerStrings): string {
  const place = WEEK.indexOf(code);
  if (place < 0) return oneLine(code);
  const format = new Intl.DateTimeFormat(strings.locale, { timeZone: 'UTC', weekday: 'long' });
  return format.format(MONDAY + place * 24 * 60 * 60 * 1000);
}
