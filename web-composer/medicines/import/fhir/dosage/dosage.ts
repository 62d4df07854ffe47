/** One Dosage of FHIR (https://hl7.org/fhir/R4/dosage.html), in the words of the page. */
import type { DayTime } from '../../../../../src/protocol/note.ts';
import type { ComposerStrings } from '../../../../ui/strings.ts';
import { join } from '../../../fields.ts';
import type { FhirElement } from '../source/element.ts';
import { limitsOf, readDose } from './dose.ts';
import { conceptText, durationText, says, unique, wordsOnly } from './format-values.ts';
import { type Duration, NO_DURATION, readTiming } from './timing.ts';

export interface ReadDosage {
  readonly dose: string;
  /** The times of the day, when the structure says nothing but "this much at these times of each day". */
  readonly times: readonly DayTime[] | null;
  /** How often and when, in words. */
  readonly often: readonly string[];
  /** That it is taken only when needed, in words; '' otherwise. It stands in `often` as well. */
  readonly needed: string;
  /** How often a day, where the structure says it; `not-daily` for another period than a day. */
  readonly aDay: number | 'not-daily' | null;
  /** How fast, and how much at most, in words. */
  readonly limits: readonly string[];
  /** Texts that a person wrote, which may say anything. */
  readonly texts: readonly string[];
  readonly duration: Duration;
  /** Route, place and way of taking it. */
  readonly how: readonly string[];
}

const NOTHING: ReadDosage = {
  dose: '',
  times: null,
  often: [],
  needed: '',
  aDay: null,
  limits: [],
  texts: [],
  duration: NO_DURATION,
  how: [],
};

/** The shortest time between two doses (HL7 Germany), and R5's reasons for taking it in R4. */
const GAP = 'http://ig.fhir.de/igs/medication/StructureDefinition/MindestabstandZwischenGaben';
const NEEDED_FOR = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Dosage.asNeededFor';
/** The whole of the instruction once more (Oracle Health, formerly Cerner). */
const CLINICAL = 'https://fhir-ehr.cerner.com/r4/StructureDefinition/clinical-instruction';

/**
 * `today` is a day such as `2026-05-31`. With a modifierExtension only its own text is taken: such an extension can turn
 * the meaning of everything else round
 * (https://hl7.org/fhir/R4/extensibility.html#modifierExtension). What is not taken is named by `dosage.unread()`.
 */
export function readDosage(dosage: FhirElement, today: string, strings: ComposerStrings): ReadDosage {
  const gaps = dosage.modifiers(GAP).map((gap) => durationText(gap.one('valueDuration'), strings));
  const { text, dispensing } = ownText(dosage.skip('id'));
  if (dosage.isModified()) {
    const limits = gaps.map((period) => strings.t('medicines.fhir.gap', { period }));
    return { ...NOTHING, limits, texts: unique([text, dispensing]) };
  }
  const timing = readTiming(dosage.one('timing'), today, strings);
  const dose = readDose(dosage, strings);
  const needed = asNeededText(dosage, strings);
  const limits = [
    dose.rate === '' ? '' : strings.t('medicines.fhir.rate', { rate: dose.rate }),
    ...limitsOf(dosage, strings),
    ...gaps.filter((period) => period !== '').map((period) => strings.t('medicines.fhir.gap', { period })),
  ].filter((each) => each !== '');
  const often = [timing.words, needed].filter((each) => each !== '');
  const said = join([dose.text, ...often, ...limits], ' ');
  const texts = unique([
    text,
    timing.own,
    ...dosage
      .extensions(CLINICAL)
      .map((each) => wordsOnly(each.lines('valueString')))
      .filter((each) => !says(`${text} ${dispensing}`, each)),
    wordsOnly(dosage.lines('patientInstruction')),
    ...dosage.many('additionalInstruction').map((each) => conceptText(each)),
  ]);
  return {
    dose: dose.text,
    times: dose.isPlain && needed === '' && limits.length === 0 ? timing.times : null,
    often,
    needed,
    aDay: timing.aDay,
    limits,
    texts: texts.filter(
      (each, place) => !says(said, each) && !texts.some((other, at) => at < place && says(other, each)),
    ),
    duration: timing.duration,
    how: unique([...['route', 'site', 'method'].map((name) => conceptText(dosage.one(name))), dispensing]),
  };
}

/** How much is dispensed, at the end of a text: "Disp-60 tablet, R-0" (Epic), "# 60 tab(s), 0 Refill(s)" (Oracle Health). */
const DISPENSING = /^(.*?)[,;.]?\s+((?:Disp-\s?\d|#\s?\d)[^#]*?\b(?:R-\d|Refill).*)$/i;

/**
 * The text without the arrows that German prescriptions put around it, and apart from it what is dispensed, which is no
 * dose. "Dj" only says that there is a plan elsewhere.
 */
function ownText(dosage: FhirElement): { text: string; dispensing: string } {
  const whole = wordsOnly(dosage.lines('text').replace(/^>>\s*([^<>]*?)\s*<<$/, '$1'));
  if (/^dj\.?$/i.test(whole)) dosage.reject('text', whole);
  const [, text, dispensing] = DISPENSING.exec(whole) ?? [];
  return text === undefined || dispensing === undefined ? { text: whole, dispensing: '' } : { text, dispensing };
}

/** R4 says it with `asNeededBoolean` or `asNeededCodeableConcept`, R5 with `asNeeded` and `asNeededFor`. */
function asNeededText(dosage: FhirElement, strings: ComposerStrings): string {
  const concept = dosage.one('asNeededCodeableConcept');
  const reasons = dosage.many('asNeededFor');
  const extended = dosage.extensions(NEEDED_FOR).map((each) => each.one('valueCodeableConcept'));
  const is = [dosage.flag('asNeededBoolean'), dosage.flag('asNeeded')].includes(true);
  if (!is && concept === null && reasons.length + extended.length === 0) return '';
  const names = unique([concept, ...reasons, ...extended].map((each) => conceptText(each)));
  if (names.length === 0) return strings.t('medicines.fhir.asNeeded');
  return strings.t('medicines.fhir.asNeededFor', { reason: strings.list(names) });
}

/** The whole of a dosage in one phrase, in the order in which one says it. */
export function phrase({ dose, often, limits, texts, duration, how }: ReadDosage): string {
  return join([dose, ...often, ...limits, ...texts, duration.text, ...how], ', ');
}
