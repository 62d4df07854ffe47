/** Medicines from FHIR R4 resources, read in this browser only. */
import * as z from 'zod/mini';
import { MEDICINES_MAX, type Medicine } from '../../../../src/protocol/note.ts';
import type { ComposerKey, ComposerStrings } from '../../../ui/strings.ts';
import { fitToLimits } from '../../fields.ts';
import { readDosages } from './dosage.ts';
import { nameAndStrength } from './medication.ts';
import { findResources, type ResourceIndex, type Scope } from './resources.ts';
import { type Prescription, prescriptionSchema } from './schemas.ts';

/** Largest text that is read, in UTF-16 code units; about 5 MB. */
export const FHIR_MAX = 5 * 1024 * 1024;

type WhyKey = Extract<ComposerKey, `medicines.why.${string}`>;
export type Why = WhyKey extends `medicines.why.${infer Reason}` ? Reason : never;

export interface NotUnderstood {
  /** A medicine's name, or kinds of resources; '' when it is about the whole text. */
  readonly what: string;
  readonly why: Why;
}

export interface FhirResult {
  readonly medicines: readonly Medicine[];
  readonly understood: number;
  readonly notUnderstood: readonly NotUnderstood[];
}

/** Whether a text wants to be FHIR, so that it is read as such and not as lines. */
export function looksLikeFhir(text: string): boolean {
  const begin = text.slice(0, 10_000).trimStart();
  if (/^<(?:\?xml|Bundle|Medication)/.test(begin)) return text.includes('http://hl7.org/fhir');
  return /^\uFEFF?[[{]/.test(begin) && text.includes('"resourceType"');
}

/**
 * Reads a Bundle, single resources, an array of them or one a line (NDJSON). Throws nothing: what cannot be read is named
 * with the reason. Prescriptions that are ended, on hold or forbidden are not taken over, but named.
 */
export function readFhir(text: string, strings: ComposerStrings): FhirResult {
  const nothing = (why: Why): FhirResult => ({ medicines: [], understood: 0, notUnderstood: [{ what: '', why }] });
  if (text.length > FHIR_MAX) return nothing('too-large');
  if (/^\s*</.test(text)) return nothing('xml');
  const parsed = parseJson(text);
  if (parsed === null) return nothing('not-json');
  const index = findResources(parsed);
  if (index.resources.length === 0) return nothing('not-fhir');
  return readAll(index, strings);
}

function readAll(index: ResourceIndex, strings: ComposerStrings): FhirResult {
  const medicines: Medicine[] = [];
  const notUnderstood: NotUnderstood[] = [];
  const prescriptions = index.resources.filter(
    ({ type }) => type === 'MedicationRequest' || type === 'MedicationStatement',
  );
  for (const { resource, scope } of prescriptions) {
    const { medicine, name, why } = readResource(resource, scope, index, strings);
    const full = medicine !== null && medicines.length >= MEDICINES_MAX;
    if (medicine !== null && !full) medicines.push(medicine);
    const reason = full ? 'too-many' : why;
    if (reason !== null) notUnderstood.push({ what: name, why: reason });
  }
  if (prescriptions.length === 0) notUnderstood.push({ what: '', why: 'no-medicines' });
  if (index.tooMany) notUnderstood.push({ what: '', why: 'too-many' });
  const others = otherKinds(index);
  if (others.length > 0) notUnderstood.push({ what: strings.list(others), why: 'other-kind' });
  return { medicines, understood: medicines.length, notUnderstood };
}

type ReadPrescription = { medicine: Medicine | null; name: string; why: Why | null };

function readResource(
  resource: unknown,
  scope: Scope,
  index: ResourceIndex,
  strings: ComposerStrings,
): ReadPrescription {
  const { data } = prescriptionSchema.safeParse(resource);
  if (data !== undefined) return readPrescription(data, scope, index, strings);
  return { medicine: null, name: roughName(resource), why: 'broken' };
}

function readPrescription(
  prescription: Prescription,
  scope: Scope,
  index: ResourceIndex,
  strings: ComposerStrings,
): ReadPrescription {
  const { name, strength } = nameAndStrength(prescription, scope, index, strings);
  const what = name || (prescription.id ?? prescription.resourceType);
  const refusal = whyNot(prescription);
  if (refusal !== null) return { medicine: null, name: what, why: refusal };
  if (name === '') return { medicine: null, name: what, why: 'no-name' };
  const { whole, ...dosage } = readDosages(prescription.dosageInstruction ?? prescription.dosage ?? [], strings);
  const { medicine, cut } = fitToLimits({ name, strength, ...dosage });
  return { medicine, name, why: whole ? (cut ? 'cut' : null) : 'dosage' };
}

const IMPORTED_STATUSES = ['active', 'draft', 'unknown', 'intended'];
const NAMED_STATUSES = ['entered-in-error', 'cancelled', 'stopped', 'on-hold', 'completed', 'not-taken'] as const;

function whyNot({ status, doNotPerform, modifierExtension = [] }: Prescription): Why | null {
  if (doNotPerform === true) return 'do-not-perform';
  if (modifierExtension.length > 0) return 'modifier';
  if (status === undefined || IMPORTED_STATUSES.includes(status)) return null;
  return NAMED_STATUSES.find((known) => known === status) ?? 'unknown-status';
}

const SUPPORTING = ['Bundle', 'Medication', 'MedicationRequest', 'MedicationStatement'];

function otherKinds({ resources }: ResourceIndex): string[] {
  const kinds = new Map<string, number>();
  for (const { type } of resources) if (!SUPPORTING.includes(type)) kinds.set(type, (kinds.get(type) ?? 0) + 1);
  return [...kinds].map(([type, count]) => (count === 1 ? type : `${type} × ${count}`));
}

const roughSchema = z.object({
  id: z.catch(z.optional(z.string()), undefined),
  medicationCodeableConcept: z.catch(z.optional(z.object({ text: z.string() })), undefined),
});

/** What a resource that cannot be read calls itself. */
function roughName(resource: unknown): string {
  const { data } = roughSchema.safeParse(resource);
  return data?.medicationCodeableConcept?.text ?? data?.id ?? '';
}

function parseJson(text: string): { value: unknown } | null {
  const json = text.replace(/^\uFEFF/, '');
  try {
    return { value: JSON.parse(json) };
  } catch {
    return parseLines(json);
  }
}

/** One resource a line, as bulk exports write it (https://hl7.org/fhir/R4/nd-json.html). */
function parseLines(text: string): { value: unknown[] } | null {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length < 2 || lines.some((line) => !line.trimStart().startsWith('{'))) return null;
  try {
    return { value: lines.map((line): unknown => JSON.parse(line)) };
  } catch {
    return null;
  }
}
