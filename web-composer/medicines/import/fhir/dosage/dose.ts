/** How much is taken at a time, how fast, and at most. */
import type { ComposerStrings } from '../../../../ui/strings.ts';
import { join } from '../../../fields.ts';
import type { FhirElement } from '../source/element.ts';
import {
  conceptText,
  durationText,
  quantityText,
  rangeText,
  ratioText,
  readQuantity,
  unique,
} from './format-values.ts';

export interface ReadDose {
  readonly text: string;
  /** Whether it is one plain amount, which may stand in a plan of the day. */
  readonly isPlain: boolean;
  /** How fast it is given, in words. */
  readonly rate: string;
}

/** The kinds of doses of HL7 (http://terminology.hl7.org/CodeSystem/dose-rate-type): who worked them out. */
const KINDS = ['ordered', 'calculated'];
/** Epic's kind for the same dose in tablets, millilitres …: what the patient takes. */
const TO_TAKE = 'admin-amount';

/** Several doses that say the same are one; different ones all stand there, and are named as unread. */
export function readDose(dosage: FhirElement, strings: ComposerStrings): ReadDose {
  // Until STU3 the dose stood in the Dosage itself.
  const all = [...dosage.many('doseAndRate'), dosage].map((each) => readOne(each, each === dosage, strings));
  const texts = unique(all.map(({ text }) => text));
  const rates = unique(all.map(({ rate }) => rate));
  const inBoth = texts.length === 2 ? inBothUnits(all) : null;
  if (texts.length > 1 && inBoth === null) dosage.reject('doseAndRate', texts.join(' / '));
  return {
    text: inBoth ?? texts.join(' / '),
    isPlain: rates.length === 0 && (texts.length <= 1 || inBoth !== null) && all.every(({ isPlain }) => isPlain),
    rate: rates.join(' / '),
  };
}

/** `1 tablet (20 mg)`: one dose in two units. Null for two doses. */
function inBothUnits(all: readonly ReadEntry[]): string | null {
  const said = all.filter(({ text }) => text !== '');
  const taken = said.find(({ isToTake }) => isToTake);
  const meant = said.find(({ isToTake, text }) => !isToTake && text !== taken?.text);
  const isOne = said.every(({ isPlain, unit }) => isPlain && unit !== '') && taken?.unit !== meant?.unit;
  return taken !== undefined && meant !== undefined && isOne ? `${taken.text} (${meant.text})` : null;
}

interface ReadEntry extends ReadDose {
  readonly unit: string;
  readonly isToTake: boolean;
}

function readOne(entry: FhirElement, isDosage: boolean, strings: ComposerStrings): ReadEntry {
  const quantity = readQuantity(entry.one('doseQuantity') ?? entry.one('doseSimpleQuantity'), strings);
  const range = rangeText(entry.one('doseRange'), strings);
  const rate = [
    ratioText(entry.one('rateRatio'), strings),
    rangeText(entry.one('rateRange'), strings),
    quantityText(entry.one('rateQuantity') ?? entry.one('rateSimpleQuantity'), strings),
  ];
  const type = isDosage ? null : entry.skip('id').one('type');
  const isToTake = type?.peekCodes().includes(TO_TAKE) === true;
  const kind = conceptText(type, [...KINDS, TO_TAKE]);
  const dose = join([quantity?.text, range], ' / ');
  return {
    unit: quantity?.unit ?? '',
    isToTake,
    text: join([kind, dose], ': '),
    isPlain: range === '' && kind === '' && (quantity === null || (quantity.comparator === '' && quantity.value > 0)),
    rate: join(rate, ' / '),
  };
}

/** The most that may be taken: at a time, in a period, in a lifetime. */
export function limitsOf(dosage: FhirElement, strings: ComposerStrings): string[] {
  const perPeriod = dosage.many('maxDosePerPeriod').map((ratio) => {
    const dose = quantityText(ratio.skip('id').one('numerator'), strings);
    const period = durationText(ratio.one('denominator'), strings);
    if (dose === '' && period !== '') ratio.reject('denominator', period);
    if (dose === '') return '';
    return period === ''
      ? strings.t('medicines.fhir.atMost', { dose })
      : strings.t('medicines.fhir.atMostIn', { dose, period });
  });
  const atOnce = quantityText(dosage.one('maxDosePerAdministration'), strings);
  const ever = quantityText(dosage.one('maxDosePerLifetime'), strings);
  return [
    ...perPeriod,
    atOnce === '' ? '' : strings.t('medicines.fhir.atOnce', { dose: atOnce }),
    ever === '' ? '' : strings.t('medicines.fhir.atMostEver', { dose: ever }),
  ].filter((text) => text !== '');
}
