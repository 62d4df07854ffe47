/** The name and the strength of what a FHIR resource prescribes. */
import type { ComposerStrings } from '../../../ui/strings.ts';
import { oneLine } from '../../fields.ts';
import { conceptOrCode, conceptText, ratioText } from './format-values.ts';
import { type ResourceIndex, resolve, type Scope } from './resources.ts';
import { type Medication, medicationSchema, type Prescription, type Reference } from './schemas.ts';

interface NameAndStrength {
  name: string;
  strength: string;
}

const AT_THE_END =
  /^(\p{L}.*?),? +(\p{Nd}[\p{Nd}.,/ ]*(?:mg|g|µg|μg|mcg|ml|%|iu|ie|i\.e\.|ui|mmol)(?:\/(?:\p{Nd}+ ?)?ml)?)$/iu;

/** From the code in the prescription, or the Medication that it refers to: contained, in the same text, or only named. */
export function nameAndStrength(
  prescription: Prescription,
  scope: Scope,
  index: ResourceIndex,
  strings: ComposerStrings,
): NameAndStrength {
  const { medicationCodeableConcept: concept, medicationReference: reference } = prescription;
  const medication = reference === undefined ? null : medicationOf(reference, scope, index);
  const name = conceptText(concept) || conceptText(medication?.code) || oneLine(reference?.display ?? '');
  const strength = medication === null ? '' : strengthOf(medication, scope, index, strings);
  const known = name || ingredientNames(medication, scope, index) || conceptOrCode(concept ?? medication?.code);
  if (strength !== '') return { name: known, strength: has(known, strength) ? '' : strength };
  const [, before, last] = AT_THE_END.exec(known) ?? [];
  return before === undefined || last === undefined ? { name: known, strength: '' } : { name: before, strength: last };
}

function has(name: string, strength: string): boolean {
  const tight = (text: string): string => text.replace(/\s+/g, '').toLowerCase();
  return tight(name).includes(tight(strength));
}

function medicationOf({ reference }: Reference, scope: Scope, index: ResourceIndex): Medication | null {
  if (reference === undefined) return null;
  const read = medicationSchema.safeParse(resolve(reference, scope, index));
  return read.success && read.data.resourceType === 'Medication' ? read.data : null;
}

/** Strengths of all ingredients, or '' when one has none: half a strength would be a wrong one. */
function strengthOf(
  { ingredient = [] }: Medication,
  scope: Scope,
  index: ResourceIndex,
  strings: ComposerStrings,
): string {
  const parts = ingredient.map(({ strength, ...item }) => ({
    strength: strength === undefined ? '' : ratioText(strength, strings),
    name: itemName(item, scope, index),
  }));
  if (parts.length === 0 || parts.some(({ strength }) => strength === '')) return '';
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only.strength;
  return parts.map(({ name, strength }) => `${name} ${strength}`.trim()).join(' + ');
}

type Item = Omit<NonNullable<Medication['ingredient']>[number], 'strength'>;

function itemName({ itemCodeableConcept, itemReference }: Item, scope: Scope, index: ResourceIndex): string {
  const own = conceptText(itemCodeableConcept);
  if (own !== '' || itemReference === undefined) return own;
  return conceptText(medicationOf(itemReference, scope, index)?.code) || oneLine(itemReference.display ?? '');
}

function ingredientNames(medication: Medication | null, scope: Scope, index: ResourceIndex): string {
  const names = (medication?.ingredient ?? []).map((item) => itemName(item, scope, index));
  return names.filter((name) => name !== '').join(' + ');
}
