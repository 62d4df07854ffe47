/** Medicines from FHIR resources, STU3 to R5, in JSON, NDJSON or XML, read in this browser only. */
import { MEDICINES_MAX } from '../../../../src/protocol/note.ts';
import type { ComposerStrings } from '../../../ui/strings.ts';
import type { ImportedRow } from '../../reading/row-reading.ts';
import type { NotUnderstood, Why } from '../import-result.ts';
import { dayOf } from './dosage/format-values.ts';
import { type ReadPrescription, readPrescription } from './prescription.ts';
import { isWholeList, withdrawnFrom } from './source/list.ts';
import { parseText, withoutFence } from './source/parse-text.ts';
import { countPatients } from './source/patients.ts';
import { findResources, type IndexedResource, type ResourceIndex, shortAddress } from './source/resources.ts';
import { onceEach } from './versions.ts';

/** Largest text that is read, in UTF-16 code units; about 5 MB. */
export const FHIR_MAX = 5 * 1024 * 1024;

export interface FhirImport {
  readonly rows: readonly ImportedRow[];
  /** Taken over only when the doctor says so, such as one that was stopped. */
  readonly choices: readonly (NotUnderstood & { readonly row: ImportedRow })[];
  readonly refused: readonly NotUnderstood[];
}

/** Whether a text wants to be FHIR, so that it is read as such and not as lines. */
export function looksLikeFhir(text: string): boolean {
  const begin = withoutFence(text.slice(0, 10_000).replace(/^\uFEFF/, '')).trimStart();
  if (begin.startsWith('<')) return /\sxmlns(?::\w+)?=["']http:\/\/hl7\.org\/fhir["']/.test(begin);
  return /^[[{]/.test(begin) && text.includes('"resourceType"');
}

/**
 * Reads a Bundle, single resources, an array of them or one a line. Throws nothing: what cannot be read is named with the
 * reason. `now` is in milliseconds since the epoch; a prescription whose time is over is only a choice. A text with
 * prescriptions for two people is refused as a whole.
 */
export function readFhir(text: string, strings: ComposerStrings, now: number): FhirImport {
  if (text.length > FHIR_MAX) return nothing('too-large');
  const parsed = parseText(text);
  if (typeof parsed === 'string') return nothing(parsed);
  const index = findResources(parsed.values);
  if (index.resources.length === 0) return nothing('not-fhir');
  const broken = parsed.brokenLines.map((line): NotUnderstood => ({ what: `NDJSON ${String(line)}`, why: 'broken' }));
  return readAll(index, broken, dayOf(now), strings);
}

function nothing(why: Why): FhirImport {
  return { rows: [], choices: [], refused: [{ what: '', why }] };
}

function readAll(
  index: ResourceIndex,
  broken: readonly NotUnderstood[],
  today: string,
  strings: ComposerStrings,
): FhirImport {
  const prescriptions = index.resources.filter(
    ({ type }) => type === 'MedicationRequest' || type === 'MedicationStatement',
  );
  if (countPatients(prescriptions, index) > 1) return nothing('two-patients');
  const withdrawn = withdrawnFrom(index);
  const read = onceEach(
    prescriptions.map((resource) => ({
      resource,
      read: unlessWithdrawn(readPrescription(resource, index, today, strings), resource, withdrawn),
    })),
  );
  const rows = read.filter(({ kind }) => kind === 'row');
  const choices = read.filter(({ kind }) => kind === 'choice');
  const others = otherKinds(index);
  return {
    rows: rows.slice(0, MEDICINES_MAX).map(({ row }) => row),
    choices: choices
      .slice(0, MEDICINES_MAX)
      .flatMap(({ name, why, row }) => (why === null ? [] : [{ what: name, why, row }])),
    refused: [
      ...broken,
      ...read.flatMap(({ kind, name, why }) => (kind === 'refused' && why !== null ? [{ what: name, why }] : [])),
      ...[...rows.slice(MEDICINES_MAX), ...choices.slice(MEDICINES_MAX)].map(tooMany),
      ...(prescriptions.length === 0 ? [{ what: '', why: 'no-medicines' as const }] : []),
      ...(index.tooMany ? [{ what: '', why: 'too-many' as const }] : []),
      ...(others.length > 0 ? [{ what: strings.list(others), why: 'other-kind' as const }] : []),
    ],
  };
}

function tooMany({ name }: ReadPrescription): NotUnderstood {
  return { what: name, why: 'too-many' };
}

function unlessWithdrawn(
  read: ReadPrescription,
  { addresses }: IndexedResource,
  withdrawn: ReadonlySet<string>,
): ReadPrescription {
  const isWithdrawn = addresses.some((address) => withdrawn.has(shortAddress(address)));
  return isWithdrawn && read.kind === 'row' ? { ...read, kind: 'choice', why: 'stopped' } : read;
}

/** Kinds that belong to prescriptions, and say nothing about taking a medicine. */
const SUPPORTING = [
  ...['Bundle', 'Medication', 'MedicationRequest', 'MedicationStatement', 'Composition', 'Patient', 'Practitioner'],
  ...['PractitionerRole', 'Organization', 'Location', 'Coverage', 'Encounter', 'Device', 'Provenance', 'Parameters'],
];

function otherKinds(index: ResourceIndex): string[] {
  const kinds = new Map<string, number>();
  for (const resource of index.resources) {
    const { type } = resource;
    if (SUPPORTING.includes(type) || isWholeList(resource, index)) continue;
    kinds.set(type, (kinds.get(type) ?? 0) + 1);
  }
  return [...kinds].map(([type, count]) => (count === 1 ? type : `${type} × ${count}`));
}
