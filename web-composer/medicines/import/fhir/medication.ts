/** The name and the strength of what a FHIR resource prescribes. */
import type { ComposerStrings } from '../../../ui/strings.ts';
import { join } from '../../fields.ts';
import {
  conceptText,
  quantityText,
  ratioText,
  readConcept,
  referenceText,
  says,
  unique,
  wordsOnly,
} from './dosage/format-values.ts';
import { FhirElement, isProperties } from './source/element.ts';
import { type ResourceIndex, resolve, type Scope } from './source/resources.ts';

export interface NamedMedicine {
  readonly name: string;
  readonly strength: string;
  /** What it comes as, such as "eye drops", where the name does not say it. */
  readonly form: string;
  /** The resource that the prescription refers to, to be asked for what was not read. */
  readonly medication: FhirElement | null;
}

/** What a Medication has that says nothing about taking it: how it is packed, made and sold. */
const SILENT = [
  ...['resourceType', 'id', 'meta', 'language', 'text', 'contained', 'identifier', 'amount'],
  ...['totalVolume', 'batch', 'manufacturer', 'marketingAuthorizationHolder', 'sponsor', 'definition', 'package'],
  ...['isBrand', 'isOverTheCounter', 'image'],
];

/** All that an ingredient has. */
const INGREDIENT = [
  ...['item', 'itemCodeableConcept', 'itemReference', 'strength', 'strengthRatio', 'strengthQuantity'],
  'strengthCodeableConcept',
];

const PZN = ['http://fhir.de/CodeSystem/ifa/pzn', 'urn:oid:1.2.276.0.76.4.6'];
const INGREDIENT_AMOUNT = 'https://fhir.kbv.de/StructureDefinition/KBV_EX_ERP_Medication_Ingredient_Amount';

const AT_THE_END =
  /^(\p{L}.*?),? +(\p{Nd}+(?:[.,]\p{Nd}+)?(?:\/\p{Nd}+(?:[.,]\p{Nd}+)?)? ?(?:mg|g|µg|μg|mcg|ml|%|iu|ie|i\.e\.|ui|mmol)(?:\/(?:\p{Nd}+ ?)?ml)?)$/iu;

/** From the code in the prescription, or the Medication that it refers to: contained, in the same text, or only named. */
export function readMedication(
  prescription: FhirElement,
  scope: Scope,
  index: ResourceIndex,
  strings: ComposerStrings,
): NamedMedicine {
  const { concept, reference } = conceptAndReference(prescription, 'medication');
  const medication = medicationOf(reference, scope, index);
  const code = medication?.one('code') ?? null;
  const ingredients = medication === null ? [] : ingredientsOf(medication, scope, index, strings);
  const form = conceptWords(medication?.one('form') ?? null) || conceptWords(medication?.one('doseForm') ?? null);
  const concepts = [readConcept(concept), readConcept(code)];
  const names = unique([...concepts.flatMap(({ text, displays }) => [text, ...displays]), referenceText(reference)]);
  const strength = strengthOf(ingredients);
  const own = bestName(names, strength);
  rejectStatus(medication);
  if (own !== '') {
    const others = names.filter((name) => hasOtherStrength(name, `${own} ${strength}`));
    if (others.length > 0) prescription.reject('medication', join(others, ', '));
    const named = split(withSubstances(own, ingredients), strength);
    return { ...named, form: says(own, form) ? '' : form, medication };
  }
  const made = substances(ingredients);
  if (made.name !== '') return { ...made, form, medication };
  const pzn = concepts.map(pznText).find((text) => text !== '') ?? '';
  if (pzn !== '') prescription.reject('medication', pzn);
  return { name: pzn, strength: '', form, medication };
}

/** The first name; where neither it nor an ingredient says how strong it is, with the first one that does. */
function bestName([first = '', ...others]: readonly string[], strength: string): string {
  const stronger = others.find((name) => strengthsIn(name).length > 0);
  if (stronger === undefined || strength !== '' || strengthsIn(first).length > 0) return first;
  return says(stronger, first) ? stronger : `${first} (${stronger})`;
}

const STRENGTH =
  /(\p{Nd}+(?:[.,]\p{Nd}+)*)\s?(mg|g|µg|μg|mcg|ug|%|iu|ie|i\.e\.|ui|units?|mmol|mval)(?![\p{L}\p{N}])/giu;

function strengthsIn(name: string): { number: string; unit: string }[] {
  return [...name.matchAll(STRENGTH)].map(([, number = '', unit = '']) => ({
    number: sameNumber(number),
    unit: unit.toLowerCase(),
  }));
}

/** Whether a name has a strength in a unit that stands in `all` as well, with a number that does not. */
function hasOtherStrength(name: string, all: string): boolean {
  const numbers = [...all.matchAll(/\p{Nd}+(?:[.,]\p{Nd}+)*/gu)].map(([number]) => sameNumber(number));
  const units = strengthsIn(all).map(({ unit }) => unit);
  return strengthsIn(name).some(({ number, unit }) => units.includes(unit) && !numbers.includes(number));
}

/** `1,000` and `1000` are the same here, as are `5.0` and `5`. */
function sameNumber(number: string): string {
  if (/^[1-9]\d{0,2}(?:[.,]\d{3})+$/.test(number)) return number.replace(/[.,]/g, '');
  return number.replaceAll(',', '.').replace(/\.0$/, '');
}

function rejectStatus(medication: FhirElement | null): void {
  const status = medication?.text('status') ?? '';
  if (status !== '' && status !== 'active') medication?.reject('status', status);
}

/** R4 has `medicationCodeableConcept` or `medicationReference`, R5 one element `medication` with either inside. */
function conceptAndReference(
  element: FhirElement,
  name: 'medication' | 'item',
): { concept: FhirElement | null; reference: FhirElement | null } {
  const either = element.one(name);
  return {
    concept: element.one(`${name}CodeableConcept`) ?? either?.one('concept') ?? null,
    reference: element.one(`${name}Reference`) ?? either?.one('reference') ?? null,
  };
}

function conceptWords(concept: FhirElement | null): string {
  return readConcept(concept).text;
}

/** The number that German pharmacies know a medicine by, when there is no name. */
function pznText({ codes, systems }: ReturnType<typeof readConcept>): string {
  const place = systems.findIndex((system) => PZN.includes(system));
  return place < 0 ? '' : `PZN ${codes[place] ?? ''}`;
}

function split(name: string, strength: string): { name: string; strength: string } {
  if (strength !== '') return { name, strength: has(name, strength) ? '' : strength };
  const [, before, last] = AT_THE_END.exec(name) ?? [];
  // A number before it may belong to it, or be the strength of another substance.
  const isWhole = before !== undefined && last !== undefined && !/(?:^|[\s(])\p{N}|[\p{N}/+.,-]$/u.test(before);
  return isWhole ? { name: before, strength: last } : { name, strength: '' };
}

function has(name: string, part: string): boolean {
  const tight = (text: string): string => text.replace(/\s+/g, '').replaceAll(',', '.').toLowerCase();
  return tight(name).includes(tight(part));
}

function medicationOf(reference: FhirElement | null, scope: Scope, index: ResourceIndex): FhirElement | null {
  const address = reference?.text('reference') ?? '';
  const found = address === '' ? undefined : resolve(address, scope, index);
  if (!isProperties(found) || found['resourceType'] !== 'Medication') return null;
  return new FhirElement(found, 'Medication').skip(...SILENT);
}

interface Ingredient {
  readonly name: string;
  readonly strength: string;
}

function ingredientsOf(
  medication: FhirElement,
  scope: Scope,
  index: ResourceIndex,
  strings: ComposerStrings,
): Ingredient[] {
  // What only carries the medicine, such as lactose, is not what makes it strong.
  const active = medication.many('ingredient').filter((ingredient) => {
    const isActive = ingredient.skip('id').flag('isActive') !== false;
    if (!isActive) ingredient.skip(...INGREDIENT);
    return isActive;
  });
  return active.map((ingredient) => {
    const strength = ingredient.one('strength') ?? ingredient.one('strengthRatio');
    const free = strength?.extensions(INGREDIENT_AMOUNT).map((each) => each.text('valueString')) ?? [];
    return {
      name: ingredientName(ingredient, scope, index),
      strength: join(
        [
          strength === null || isSameTwice(strength) ? '' : ratioText(strength, strings),
          quantityText(ingredient.one('strengthQuantity'), strings),
          conceptText(ingredient.one('strengthCodeableConcept')),
          ...free,
        ],
        ' ',
      ),
    };
  });
}

/** One or none of the same above and below, as German pharmacies write it of what has no strength, says nothing. */
function isSameTwice(strength: FhirElement): boolean {
  const [above, below] = ['numerator', 'denominator'].map((name) => JSON.stringify(strength.peekAll(name)));
  if (above === undefined || above !== below || !/"value":"?[01]"?[,}]/.test(above)) return false;
  strength.skip('numerator', 'denominator');
  return true;
}

function ingredientName(ingredient: FhirElement, scope: Scope, index: ResourceIndex): string {
  const { concept, reference } = conceptAndReference(ingredient, 'item');
  const own = conceptWords(concept);
  const inside = own === '' ? medicationOf(reference, scope, index) : null;
  return own || conceptWords(inside?.one('code') ?? null) || referenceText(reference);
}

/** A medicine without a name of its own is what it is made of. */
function substances(ingredients: readonly Ingredient[]): { name: string; strength: string } {
  const [only] = ingredients;
  if (only !== undefined && ingredients.length === 1) return only;
  return { name: ingredients.map((each) => `${each.name} ${each.strength}`.trim()).join(' + '), strength: '' };
}

/** The name with the substances in brackets, unless it says them, or they stand beside their strengths. */
function withSubstances(name: string, ingredients: readonly Ingredient[]): string {
  const names = unique(ingredients.map((each) => wordsOnly(each.name)));
  const isBesideStrengths = ingredients.length > 1 && strengthOf(ingredients) !== '';
  return isBesideStrengths || names.every((each) => has(name, each)) ? name : `${name} (${names.join(' + ')})`;
}

/** Strengths of all ingredients; those of several with the names of what they belong to. */
function strengthOf(ingredients: readonly Ingredient[]): string {
  if (ingredients.every(({ strength }) => strength === '')) return '';
  const [only] = ingredients;
  if (only !== undefined && ingredients.length === 1) return only.strength;
  return ingredients.map(({ name, strength }) => `${name} ${strength}`.trim()).join(' + ');
}
