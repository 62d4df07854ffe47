/** FHIR's Dosage (https://hl7.org/fhir/R4/dosage.html) as dose, plan of the day, when, how long and remarks. */
import { AMOUNT_UNSAID, type Medicine } from '../../../../src/protocol/note.ts';
import type { ComposerStrings } from '../../../ui/strings.ts';
import { join, NO_PLAN, oneLine } from '../../fields.ts';
import { conceptOrCode, conceptText, durationText, quantityText, rangeText } from './format-values.ts';
import type { Dosage } from './schemas.ts';
import { boundsText, type Daily, dailyTimes, hasMore, repeatText } from './timing.ts';

type DosageFields = Pick<Medicine, 'dose' | 'plan' | 'when' | 'duration' | 'remarks'>;

/** What the dosages say, and whether all of it is in there. */
export interface ReadDosage extends DosageFields {
  readonly whole: boolean;
}

/**
 * Several dosages make one plan only when each is "daily at these times", no time comes twice and all last equally long.
 * Otherwise every one is written out in words, one after the other. Their own texts are kept word for word.
 */
export function readDosages(dosages: readonly Dosage[], strings: ComposerStrings): ReadDosage {
  const inOrder = [...dosages].sort((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0));
  const remarks = unique(inOrder.flatMap((dosage) => remarksOf(dosage, strings))).join(', ');
  const whole = inOrder.every(isWhole);
  const planned = inOrder.length > 0 && whole ? asPlan(inOrder, strings) : null;
  if (planned !== null) return { ...planned, remarks, whole };
  const [only] = inOrder;
  if (only !== undefined && inOrder.length === 1) return { ...asWords(only, strings), remarks, whole };
  const steps = inOrder.map((dosage) => {
    const { dose, when, duration } = asWords(dosage, strings);
    return join([dose, when, duration], ', ');
  });
  return { dose: '', plan: NO_PLAN, when: unique(steps).join('; '), duration: '', remarks, whole };
}

function asPlan(dosages: readonly Dosage[], strings: ComposerStrings): Omit<DosageFields, 'remarks'> | null {
  const plan = { ...NO_PLAN };
  const durations = new Set<string>();
  const beside: string[] = [];
  for (const dosage of dosages) {
    const daily = dailyOf(dosage, strings);
    if (daily === null || daily.times.some((time) => plan[time] !== '')) return null;
    if (daily.beside !== '' && dosages.length > 1) return null;
    for (const time of daily.times) plan[time] = doseOf(dosage, strings) || AMOUNT_UNSAID;
    durations.add(daily.duration);
    beside.push(daily.beside, oneLine(dosage.text ?? ''));
  }
  if (durations.size !== 1) return null;
  return { dose: '', plan, when: unique(beside).join(', '), duration: [...durations].join('') };
}

function dailyOf(dosage: Dosage, strings: ComposerStrings): (Daily & { duration: string }) | null {
  const repeat = dosage.timing?.repeat;
  if (repeat === undefined || isAsNeeded(dosage)) return null;
  const daily = dailyTimes(repeat, strings);
  return daily === null ? null : { ...daily, duration: boundsText(repeat, strings) };
}

/** One dosage in words: its own text where it has one, which then says everything. */
function asWords(dosage: Dosage, strings: ComposerStrings): Omit<DosageFields, 'remarks'> {
  const { text, timing } = dosage;
  const repeat = timing?.repeat;
  const duration = repeat === undefined ? '' : boundsText(repeat, strings);
  const ownText = oneLine(text ?? '');
  if (ownText !== '') return { dose: '', plan: NO_PLAN, when: ownText, duration };
  if (isModified(dosage)) return { dose: '', plan: NO_PLAN, when: '', duration: '' };
  const often = repeat === undefined ? conceptOrCode(timing?.code) : repeatText(repeat, strings);
  return {
    dose: doseOf(dosage, strings),
    plan: NO_PLAN,
    when: join([often, asNeededText(dosage, strings)], ', '),
    duration,
  };
}

/** '' where several doses stand side by side: which of them counts is not ours to choose. */
function doseOf({ doseAndRate = [] }: Dosage, strings: ComposerStrings): string {
  if (doseAndRate.length > 1) return '';
  const [first] = doseAndRate;
  if (first?.doseRange !== undefined) return rangeText(first.doseRange, strings);
  return quantityText(first?.doseQuantity, strings);
}

function isAsNeeded({ asNeededBoolean, asNeededCodeableConcept }: Dosage): boolean {
  return asNeededBoolean === true || asNeededCodeableConcept !== undefined;
}

function asNeededText(dosage: Dosage, strings: ComposerStrings): string {
  if (!isAsNeeded(dosage)) return '';
  const reason = conceptText(dosage.asNeededCodeableConcept);
  return reason === '' ? strings.t('medicines.fhir.asNeeded') : strings.t('medicines.fhir.asNeededFor', { reason });
}

function remarksOf(dosage: Dosage, strings: ComposerStrings): string[] {
  const { maxDosePerPeriod, maxDosePerAdministration } = dosage;
  const most = quantityText(maxDosePerPeriod?.numerator, strings);
  const period = maxDosePerPeriod?.denominator;
  const atOnce = quantityText(maxDosePerAdministration, strings);
  return [
    oneLine(dosage.patientInstruction ?? ''),
    ...(dosage.additionalInstruction ?? []).map(conceptText),
    most === '' || period === undefined
      ? ''
      : strings.t('medicines.fhir.atMostIn', { dose: most, period: durationText(period, strings) }),
    atOnce === '' ? '' : strings.t('medicines.fhir.atOnce', { dose: atOnce }),
    conceptText(dosage.route),
    conceptText(dosage.site),
  ];
}

/**
 * Whether nothing in it is beyond what is read here. With a modifierExtension only the dosage's own text may be used: it
 * can turn the meaning round (https://hl7.org/fhir/R4/extensibility.html#modifierExtension).
 */
function isWhole(dosage: Dosage): boolean {
  const { text, timing, doseAndRate = [], maxDosePerLifetime } = dosage;
  if (isModified(dosage) || hasRate(doseAndRate)) return false;
  if (oneLine(text ?? '') !== '') return true;
  const { event = [], repeat } = timing ?? {};
  const beyond = event.length > 0 || (repeat !== undefined && hasMore(repeat));
  return !beyond && maxDosePerLifetime === undefined && doseAndRate.length < 2;
}

function isModified({ modifierExtension = [], timing }: Dosage): boolean {
  return modifierExtension.length + (timing?.modifierExtension ?? []).length > 0;
}

function hasRate(doses: NonNullable<Dosage['doseAndRate']>): boolean {
  return doses.some((dose) => [dose.rateRatio, dose.rateRange, dose.rateQuantity].some((rate) => rate !== undefined));
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts.filter((text) => text !== ''))];
}
