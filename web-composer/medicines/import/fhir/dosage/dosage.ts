/** One Dosage of FHIR (https://hl7.org/fhir/R4/dosage.html), in the words of the page. */
import type { DayTime } from '../../../../../src/protocol/note.ts';
import type { ComposerStrings } from '../../../../ui/strings.ts';
import { join, oneLine } from '../../../fields.ts';
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
  limits: [],
  texts: [],
  duration: NO_DURATION,
  how: [],
};

/** The shortest time between two doses (HL7 Germany), and R5's reasons for taking it in R4. */
const GAP = 'http://ig.fhir.de/igs/medication/StructureDefinition/MindestabstandZwischenGaben';
const NEEDED_FOR = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Dosage.asNeededFor';

/**
 * `today` is a day such as `2026-05-31`. With a modifierExtension only its own text is taken: such an extension can turn the meaning of everything else round
 * (https://hl7.org/fhir/R4/extensibility.html#modifierExtension). What is not taken is named by `dosage.unread()`.
 */
export function readDosage(dosage: FhirElement, today: string, strings: ComposerStrings): ReadDosage {
  const gaps = dosage.modifiers(GAP).map((gap) => durationText(gap.one('valueDuration'), strings));
  const text = wordsOnly(oneLine(dosage.skip('id').text('text')));
  if (dosage.isModified()) {
    const limits = gaps.map((period) => strings.t('medicines.fhir.gap', { period }));
    return { ...NOTHING, limits, texts: unique([text]) };
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
    wordsOnly(dosage.text('patientInstruction')),
    ...dosage.many('additionalInstruction').map((each) => conceptText(each)),
  ]);
  return {
    dose: dose.text,
    times: dose.isPlain && needed === '' && limits.length === 0 ? timing.times : null,
    often,
    limits,
    texts: texts.filter(
      (each, place) => !says(said, each) && !texts.some((other, at) => at < place && says(other, each)),
    ),
    duration: timing.duration,
    how: unique(['route', 'site', 'method'].map((name) => conceptText(dosage.one(name)))),
  };
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
