/** One MedicationRequest or MedicationStatement, from STU3 to R5, as a row of the table. */
import type { ComposerStrings } from '../../../ui/strings.ts';
import { join, NO_PLAN } from '../../fields.ts';
import type { ImportedRow, ImportedSchedule } from '../../reading/row-reading.ts';
import { type DosageCells, readDosages } from './dosage/dosages.ts';
import {
  conceptOrReferenceText,
  conceptText,
  dateText,
  readPeriod,
  referenceText,
  unique,
  wordsOnly,
} from './dosage/format-values.ts';
import { hasEnded } from './ended.ts';
import { readMedication } from './medication.ts';
import { FhirElement } from './source/element.ts';
import type { IndexedResource, ResourceIndex } from './source/resources.ts';
import { type Verdict, verdictOn } from './status.ts';

export interface ReadPrescription extends Verdict {
  /** What it is called to the doctor. */
  readonly name: string;
  readonly row: ImportedRow;
}

/**
 * What says nothing about taking the medicine: addresses, who wrote it when and for whom, dispensing, billing. The
 * narrative in `text` repeats in HTML what the elements say. How many packs are dispensed is never a dose.
 */
const SILENT = [
  ...['resourceType', 'id', 'meta', 'language', 'text', 'contained', 'identifier', 'groupIdentifier', 'definition'],
  ...[
    'subject',
    'patient',
    'encounter',
    'context',
    'supportingInformation',
    'authoredOn',
    'dateWritten',
    'dateAsserted',
  ],
  ...['requester', 'prescriber', 'performer', 'performerType', 'recorder', 'informationSource', 'reportedBoolean'],
  ...['reportedReference', 'reported', 'basedOn', 'derivedFrom', 'partOf', 'priorPrescription', 'insurance'],
  ...['instantiatesCanonical', 'instantiatesUri', 'detectedIssue', 'eventHistory', 'statusChanged', 'device'],
  ...['relatedClinicalInformation', 'dispenseRequest', 'substitution'],
];

/** Categories and courses of HL7's own lists, which say where or for how long one treats. */
const SILENT_CODES = ['inpatient', 'outpatient', 'community', 'discharge', 'patientspecified', 'continuous', 'acute'];

const RENDERED = ['MedicationRequest', 'MedicationStatement'].map(
  (type) => `http://hl7.org/fhir/5.0/StructureDefinition/extension-${type}.renderedDosageInstruction`,
);

/** `today` is a day such as `2026-05-31`. */
export function readPrescription(
  { type, address, resource, scope }: IndexedResource,
  index: ResourceIndex,
  today: string,
  strings: ComposerStrings,
): ReadPrescription {
  const element = new FhirElement(resource, type);
  const meta = new FhirElement(resource, '').one('meta');
  const profiles = meta?.texts('profile') ?? [];
  const isShortened = meta?.many('tag').some((tag) => tag.text('code') === 'SUBSETTED') === true;
  const isSplit = profiles.some((profile) => profile.includes('/ch-emed/'));
  element.skip(...SILENT);
  // A server that was asked for a summary leaves elements out.
  if (isShortened) element.reject('meta.tag', 'SUBSETTED');
  const verdict = verdictOn(element, hasEnded(resource, today));
  const { name, strength, form, medication } = readMedication(element, scope, index, strings);
  const rendered = element.extensions(...RENDERED).map((each) => wordsOnly(each.lines('valueMarkdown')));
  const dosage = readDosages(
    [...element.many('dosageInstruction'), ...element.many('dosage')],
    { isSplit, rendered: join([...rendered, wordsOnly(element.lines('renderedDosageInstruction'))], ' '), today },
    strings,
  );
  const time = timeOf(element, dosage !== null && dosage.plan === null && !dosage.isText, today, strings);
  const others = remarksOf(element, strings);
  const what = name || address || type;
  const remarks = unique([...(dosage?.remarks ?? []), form, ...time.remarks, ...others]).join('; ');
  const duration = unique([dosage?.duration ?? '', time.duration]).join(', ');
  const isBroken = element.isBroken() || medication?.isBroken() === true;
  const unread = unreadOf(element, medication, dosage, strings);
  const cells = { name, strength, dose: dosage?.dose ?? '', when: dosage?.when ?? '', duration, remarks };
  const row = { cells, schedule: scheduleOf(dosage, time.isToCome || unread.length > 0), unread };
  return { ...refusalOf(verdict, name, isBroken), name: what, row };
}

function refusalOf(verdict: Verdict, name: string, isBroken: boolean): Verdict {
  if (verdict.kind === 'refused') return verdict;
  if (isBroken) return { kind: 'refused', why: 'broken' };
  return name === '' ? { kind: 'refused', why: 'no-name' } : verdict;
}

function unreadOf(
  element: FhirElement,
  medication: FhirElement | null,
  dosage: DosageCells | null,
  strings: ComposerStrings,
): string[] {
  const names = [...element.unread(), ...(medication?.unread() ?? [])];
  return unique([dosage === null ? strings.t('medicines.fhir.noDosage') : '', ...(dosage?.conflicts ?? []), ...names]);
}

/** A text is read like a typed cell; what came as structure stands as it is, with a plan only if nothing is left unread. */
function scheduleOf(dosage: DosageCells | null, isForbidden: boolean): ImportedSchedule | null {
  if (dosage === null || (dosage.isText && !isForbidden)) return null;
  const { plan, beside, when } = dosage;
  return plan === null || isForbidden ? { plan: NO_PLAN, when } : { plan, when: beside };
}

/** R4's `effective`: how long, or the day on which it was said. `isWhole` is for a row that says all of it in words. */
function timeOf(
  element: FhirElement,
  isWhole: boolean,
  today: string,
  strings: ComposerStrings,
): { duration: string; remarks: string[]; isToCome: boolean } {
  const periods = ['effectivePeriod', 'effectiveDosePeriod'].map((name) =>
    readPeriod(element.one(name), today, strings),
  );
  const day = element.text('effectiveDateTime');
  return {
    isToCome: periods.some((period) => period.isToCome),
    duration: unique(periods.map(({ text, left }) => (isWhole ? text : left))).join(', '),
    remarks: [
      ...periods.map(({ started }) => (isWhole ? '' : started)),
      day === '' ? '' : strings.t('medicines.fhir.date', { date: dateText(day, strings) }),
    ],
  };
}

function remarksOf(element: FhirElement, strings: ComposerStrings): string[] {
  const reasons = unique([
    ...element.many('reasonCode').map((each) => conceptText(each)),
    ...element.many('reasonReference').map(referenceText),
    ...element.many('reason').map(conceptOrReferenceText),
    conceptText(element.one('reasonCodeableConcept')),
  ]);
  const notes = element.many('note').map((note) => {
    const text = note.skip('id', 'authorString', 'authorReference', 'time').lines('text');
    return wordsOnly(text);
  });
  const kinds = [...element.many('category'), element.one('courseOfTherapyType')].map((concept) =>
    conceptText(concept, SILENT_CODES),
  );
  const priority = element.text('priority');
  if (priority !== '' && priority !== 'routine') element.reject('priority', priority);
  return [
    reasons.length === 0 ? '' : strings.t('medicines.fhir.reason', { reason: strings.list(reasons) }),
    ...element.many('statusReason').map((each) => conceptText(each)),
    ...element.many('reasonNotTaken').map((each) => conceptText(each)),
    ...kinds,
    ...notes,
  ];
}
