/** FHIR's Dosage (https://hl7.org/fhir/R4/dosage.html) as dose, plan of the day, when, how long and remarks. */
import { AMOUNT_UNSAID, type Medicine } from '../../src/protocol/note.ts';
import type { ComposerWords } from '../ui/strings.ts';
import type { Dosage } from './fhir-schemas.ts';
import { conceptOrCode, conceptText, durationText, quantityText, rangeText } from './fhir-texts.ts';
import { boundsText, type Daily, dailyTimes, hasMore, repeatText } from './fhir-timing.ts';
import { join, NO_PLAN, oneLine } from './fields.ts';

type Said = Pick<Medicine, 'dose' | 'plan' | 'when' | 'duration' | 'remarks'>;

/** What the dosages say, and whether all of it is in there. */
export interface ReadDosage extends Said {
  readonly whole: boolean;
}

/**
 * Several dosages make one plan only when each is "daily at these times", no time comes twice and all last equally long.
 * Otherwise every one is written out in words, one after the other. Their own texts are kept word for word.
 */
export function readDosages(dosages: readonly Dosage[], words: ComposerWords): ReadDosage {
  const inOrder = [...dosages].sort((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0));
  const remarks = unique(inOrder.flatMap((dosage) => remarksOf(dosage, words))).join(', ');
  const whole = inOrder.every(isWhole);
  const planned = inOrder.length > 0 && whole ? asPlan(inOrder, words) : null;
  if (planned !== null) return { ...planned, remarks, whole };
  const [only] = inOrder;
  if (only !== undefined && inOrder.length === 1) return { ...asWords(only, words), remarks, whole };
  const steps = inOrder.map((dosage) => {
    const { dose, when, duration } = asWords(dosage, words);
    return join([dose, when, duration], ', ');
  });
  return { dose: '', plan: NO_PLAN, when: unique(steps).join('; '), duration: '', remarks, whole };
}

function asPlan(dosages: readonly Dosage[], words: ComposerWords): Omit<Said, 'remarks'> | null {
  const plan = { ...NO_PLAN };
  const durations = new Set<string>();
  const beside: string[] = [];
  for (const dosage of dosages) {
    const daily = dailyOf(dosage, words);
    if (daily === null || daily.times.some((time) => plan[time] !== '')) return null;
    if (daily.beside !== '' && dosages.length > 1) return null;
    for (const time of daily.times) plan[time] = doseOf(dosage, words) || AMOUNT_UNSAID;
    durations.add(daily.duration);
    beside.push(daily.beside, oneLine(dosage.text ?? ''));
  }
  if (durations.size !== 1) return null;
  return { dose: '', plan, when: unique(beside).join(', '), duration: [...durations].join('') };
}

function dailyOf(dosage: Dosage, words: ComposerWords): (Daily & { duration: string }) | null {
  const repeat = dosage.timing?.repeat;
  if (repeat === undefined || isAsNeeded(dosage)) return null;
  const daily = dailyTimes(repeat, words);
  return daily === null ? null : { ...daily, duration: boundsText(repeat, words) };
}

/** One dosage in words: its own text where it has one, which then says everything. */
function asWords(dosage: Dosage, words: ComposerWords): Omit<Said, 'remarks'> {
  const { text, timing } = dosage;
  const repeat = timing?.repeat;
  const duration = repeat === undefined ? '' : boundsText(repeat, words);
  const said = oneLine(text ?? '');
  if (said !== '') return { dose: '', plan: NO_PLAN, when: said, duration };
  if (isModified(dosage)) return { dose: '', plan: NO_PLAN, when: '', duration: '' };
  const often = repeat === undefined ? conceptOrCode(timing?.code) : repeatText(repeat, words);
  return {
    dose: doseOf(dosage, words),
    plan: NO_PLAN,
    when: join([often, asNeededText(dosage, words)], ', '),
    duration,
  };
}

/** '' where several doses stand side by side: which of them counts is not ours to choose. */
function doseOf({ doseAndRate = [] }: Dosage, words: ComposerWords): string {
  if (doseAndRate.length > 1) return '';
  const [first] = doseAndRate;
  if (first?.doseRange !== undefined) return rangeText(first.doseRange, words);
  return quantityText(first?.doseQuantity, words);
}

function isAsNeeded({ asNeededBoolean, asNeededCodeableConcept }: Dosage): boolean {
  return asNeededBoolean === true || asNeededCodeableConcept !== undefined;
}

function asNeededText(dosage: Dosage, words: ComposerWords): string {
  if (!isAsNeeded(dosage)) return '';
  const reason = conceptText(dosage.asNeededCodeableConcept);
  return reason === '' ? words.t('medicines.fhir.asNeeded') : words.t('medicines.fhir.asNeededFor', { reason });
}

function remarksOf(dosage: Dosage, words: ComposerWords): string[] {
  const { maxDosePerPeriod, maxDosePerAdministration } = dosage;
  const most = quantityText(maxDosePerPeriod?.numerator, words);
  const period = maxDosePerPeriod?.denominator;
  const atOnce = quantityText(maxDosePerAdministration, words);
  return [
    oneLine(dosage.patientInstruction ?? ''),
    ...(dosage.additionalInstruction ?? []).map(conceptText),
    most === '' || period === undefined
      ? ''
      : words.t('medicines.fhir.atMostIn', { dose: most, period: durationText(period, words) }),
    atOnce === '' ? '' : words.t('medicines.fhir.atOnce', { dose: atOnce }),
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
