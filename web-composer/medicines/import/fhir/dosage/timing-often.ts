/** How often a Timing repeats, in words: `3 times a day`, `every 6 to 8 hours`. */
import type { ComposerStrings } from '../../../../ui/strings.ts';
import { join } from '../../../fields.ts';
import type { FhirElement } from '../source/element.ts';
import { lengthText, numberText } from './format-values.ts';

/** So many times in each period of so many units. */
export interface Often {
  readonly frequency?: number | undefined;
  readonly frequencyMax?: number | undefined;
  readonly period?: number | undefined;
  readonly periodMax?: number | undefined;
  /** `h`, `d`, `wk` …; '' when it is not said. */
  readonly unit: string;
}

/** Null when it says nothing of it. */
export function readOften(repeat: FhirElement): Often | null {
  const often = {
    frequency: repeat.number('frequency'),
    frequencyMax: repeat.number('frequencyMax'),
    period: repeat.number('period'),
    periodMax: repeat.number('periodMax'),
    unit: repeat.text('periodUnit'),
  };
  const { unit, ...numbers } = often;
  return unit === '' && Object.values(numbers).every((number) => number === undefined) ? null : often;
}

/** Whether both mean the same; `places` is at how many times of the day it is taken, 0 when none is named. */
export function sameOften(said: Often, other: Often, places: number): boolean {
  if (said.frequencyMax !== undefined || said.periodMax !== undefined) return false;
  const frequency = said.frequency ?? Math.max(1, places);
  const isBare = said.period === undefined && said.unit === '' && places > 0;
  const [period, unit] = isBare ? [1, 'd'] : [said.period ?? 1, said.unit];
  return frequency === (other.frequency ?? 1) && period === other.period && unit === other.unit;
}

/** In words. What it cannot say is named as unread in `repeat`, where there is one. */
export function oftenText(repeat: FhirElement | null, often: Often | null, strings: ComposerStrings): string {
  if (often === null) return '';
  const { frequency, frequencyMax, period, periodMax, unit } = often;
  const hasPeriod = period !== undefined || periodMax !== undefined || unit !== '';
  const count = { least: frequency ?? (frequencyMax === undefined ? 1 : undefined), most: frequencyMax };
  if (!hasPeriod) {
    repeat?.reject('frequency', join([numbered(frequency, strings), numbered(frequencyMax, strings)], '–'));
    return strings.t('medicines.fhir.times', { number: rangeOf(count, strings) });
  }
  const every = everyText(often, strings);
  if (every === '') {
    repeat?.reject('period', [frequency, frequencyMax, period, periodMax, unit].filter(Boolean).join(' '));
    return '';
  }
  const isDay = (period ?? 1) === 1 && periodMax === undefined && unit === 'd';
  return counted(count, every, isDay, strings);
}

interface Count {
  readonly least: number | undefined;
  readonly most: number | undefined;
}

function counted({ least, most }: Count, period: string, isDay: boolean, strings: ComposerStrings): string {
  if (least !== undefined && (most === undefined || most === least) && isCount(least)) {
    if (isDay) return strings.t('medicines.fhir.timesADay', { count: least });
    return strings.t(least === 1 ? 'medicines.fhir.every' : 'medicines.fhir.timesEvery', { count: least, period });
  }
  const range = rangeOf({ least, most }, strings);
  return strings.t(isDay ? 'medicines.fhir.rangeADay' : 'medicines.fhir.rangeEvery', { range, period });
}

/** A number that the sentences of every language can count with. */
function isCount(number: number): boolean {
  return Number.isInteger(number) && number > 0 && number < 1000;
}

function rangeOf({ least, most }: Count, strings: ComposerStrings): string {
  if (least === undefined) return strings.t('medicines.fhir.atMost', { dose: numbered(most, strings) });
  if (most === undefined || most === least) return numbered(least, strings);
  return strings.t('medicines.fhir.fromTo', { from: numbered(least, strings), to: numbered(most, strings) });
}

/** `8 hours`, `6 to 8 hours`; '' for an unknown unit. */
function everyText({ period, periodMax, unit }: Often, strings: ComposerStrings): string {
  const to = lengthText(periodMax ?? period ?? 1, unit, strings);
  if (to === '' || periodMax === undefined || periodMax === period) return to;
  if (period === undefined) return strings.t('medicines.fhir.atMost', { dose: to });
  return strings.t('medicines.fhir.periodRange', { from: numbered(period, strings), to });
}

function numbered(number: number | undefined, strings: ComposerStrings): string {
  return number === undefined ? '' : numberText(number, strings);
}
