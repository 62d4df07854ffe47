/**
 * The text in the barcode of the German medication plan (bundeseinheitlicher Medikationsplan): the "Ultrakurzformat" of
 * the BMP specification, annex 3 to the agreement under section 31a SGB V, versions 2.2 to 2.8.
 */
import { XmlElement as ElementNode, parseXml, type XmlElement } from '@rgrove/parse-xml';
import type { ComposerStrings } from '../../ui/strings.ts';
import { type Cells, EMPTY_CELLS, join, oneLine, takenAt } from '../fields.ts';
import { readAmount } from '../reading/dose-amounts.ts';
import { plainWord } from '../reading/grammar/plain-word.ts';
import { readRow } from '../reading/read-row.ts';
import { createImportBuilder, type ImportBuilder, refuse } from './import-builder.ts';
import type { Import } from './import-result.ts';
import codes from './words/bmp-codes.json' with { type: 'json' };

type Codes = Readonly<Record<string, string>>;

const START = /^[^<]{0,20}(?:<\?xml[^>]{0,200}>\s*)?(?:<!DOCTYPE[^>]{0,200}>\s*)?<MP[\s>]/u;
/** The format of version 2.0, which had no XML. */
const WITHOUT_XML = /^MP\|(\d{3})\|/u;
const OPEN = /<MP[\s>]/u;
const CLOSE = '</MP>';
const VERSION_MIN = 22;
const VERSION_MAX = 28;
/** A line break in a text of the plan. */
const LINE_BREAK = /~/gu;

/** Whether a text is that of the barcode, perhaps with what a scanner puts before it. */
export function looksLikeBmp(text: string): boolean {
  const begin = text.slice(0, 1_000).trimStart();
  return START.test(begin) || WITHOUT_XML.test(begin);
}

/**
 * Reads every page that the text holds. The patient's and the doctor's names are not taken over. What is not in a
 * medicine's row is named.
 */
export function readBmp(text: string, strings: ComposerStrings): Import {
  const [, early] = WITHOUT_XML.exec(text.trimStart()) ?? [];
  if (early !== undefined) return refuse(early, 'plan-version');
  const pages = [...new Set(pagesIn(text))].map(parsePage);
  if (pages.length === 0 || pages.includes(null)) return refuse('', 'broken');
  const plans = pages.filter((page) => page !== null);
  if (new Set(plans.map(identity)).size > 1) return refuse('', 'two-plans');
  const builder = createImportBuilder();
  tellPages(builder, plans);
  for (const plan of plans) readPlan(builder, plan, strings);
  return builder.result();
}

/** Each page from its first to its last tag; a page that has no end is cut off there. */
function pagesIn(text: string): string[] {
  const parts = text.split(CLOSE);
  return parts.flatMap((part, place) => {
    const start = part.search(OPEN);
    const end = place < parts.length - 1 ? CLOSE : '';
    return start < 0 ? [] : [part.slice(start) + end];
  });
}

function parsePage(xml: string): XmlElement | null {
  try {
    return parseXml(xml).root;
  } catch {
    return null;
  }
}

function elements(parent: XmlElement): XmlElement[] {
  return parent.children.filter((child) => child instanceof ElementNode);
}

function attribute(element: XmlElement, name: string): string {
  return oneLine((element.attributes[name] ?? '').replace(LINE_BREAK, ' '));
}

/** Which plan a page is of, whose, and from when: pages of two plans do not belong together. */
function identity(plan: XmlElement): string {
  const [patient, author] = ['P', 'A'].map((wanted) => elements(plan).find(({ name }) => name === wanted));
  const printed = author === undefined ? '' : attribute(author, 't');
  return JSON.stringify([attribute(plan, 'U'), Object.entries(patient?.attributes ?? {}).sort(), printed]);
}

/** A text with a semicolon between two lines of which numbers would meet words of the other line. */
function lines(element: XmlElement, name: string): string {
  const all = (element.attributes[name] ?? '').replace(/(?<=\p{N})~+|~+(?=\p{N})/gu, '; ');
  return oneLine(all.replace(LINE_BREAK, ' '));
}

function tellPages(builder: ImportBuilder, plans: readonly XmlElement[]): void {
  const here = new Set(plans.map((plan) => attribute(plan, 'a')));
  const total = plans.map((plan) => Number(attribute(plan, 'z') || 1)).find((pages) => pages > here.size);
  if (total !== undefined) builder.refuse(`${[...here].join(', ')} / ${total}`, 'plan-page');
  const version = plans.map((plan) => attribute(plan, 'v')).find((each) => !isKnownVersion(each));
  if (version !== undefined) builder.refuse(version, 'plan-version');
}

function isKnownVersion(version: string): boolean {
  return /^\d{3}$/u.test(version) && Number(version) >= VERSION_MIN && Number(version) <= VERSION_MAX;
}

function readPlan(builder: ImportBuilder, plan: XmlElement, strings: ComposerStrings): void {
  for (const element of elements(plan)) {
    if (element.name === 'S') readSection(builder, element, strings);
    else if (element.name === 'O') builder.refuse(observations(element), 'plan-patient');
    else if (element.name !== 'P' && element.name !== 'A') builder.refuse(unknown(element), 'broken');
  }
}

const OBSERVATIONS: Codes = {
  ai: 'Allerg./Unv.',
  p: 'schwanger',
  b: 'stillend',
  w: 'Gew.',
  h: 'Größe',
  c: 'Krea.',
};

function observations(element: XmlElement): string {
  return Object.keys(element.attributes)
    .map((name) => join([OBSERVATIONS[name], attribute(element, name)], ': '))
    .join(', ');
}

/** An element that the specification does not have, as a text. */
function unknown(element: XmlElement): string {
  const attributes = Object.keys(element.attributes).map((name) => `${name}: ${attribute(element, name)}`);
  return join([element.name, ...attributes, element.text.trim()], ' ');
}

function readSection(builder: ImportBuilder, section: XmlElement, strings: ComposerStrings): void {
  const heading = sectionHeading(section);
  for (const element of elements(section)) {
    if (element.name === 'M') addMedicine(builder, element, heading, strings);
    else if (element.name === 'R') builder.add(readRecipe(element, heading));
    else if (element.name === 'X') builder.refuse(join([heading.text, lines(element, 't')], ': '), 'plan-note');
    else builder.refuse(unknown(element), 'broken');
  }
}

interface SectionHeading {
  readonly text: string;
  /** What the heading adds to "When", and to the remarks, of each medicine under it. */
  readonly when: string;
  readonly remark: string;
}

const headingsAboutRoute: ReadonlySet<string> = new Set(
  codes.headingsAboutRoute.map((code) => plainWord((codes.headings as Codes)[code] ?? '')),
);

/** A heading about the way of giving, or "for good", says nothing against a daily plan; every other one has to be read. */
function sectionHeading(section: XmlElement): SectionHeading {
  const code = attribute(section, 'c');
  const coded = code === '' ? '' : ((codes.headings as Codes)[code] ?? `Zwischenüberschrift: ${code}`);
  const text = join([coded, attribute(section, 't')], ', ');
  const isAboutRoute = headingsAboutRoute.has(plainWord(text));
  const when = code === '411' && text === coded ? 'bei Bedarf' : text;
  return { text, when: isAboutRoute ? '' : when, remark: isAboutRoute ? text : '' };
}

/** A prescription that the pharmacy makes: its text says everything. */
function readRecipe(element: XmlElement, heading: SectionHeading): Cells {
  return {
    ...EMPTY_CELLS,
    name: attribute(element, 't'),
    when: join([heading.when, ...unknownAttributes(element, ['t', 'x'])], ', '),
    remarks: join([lines(element, 'x'), heading.remark], ', '),
  };
}

const MEDICINE = ['p', 'a', 'f', 'fd', 'm', 'd', 'v', 'h', 't', 'du', 'dud', 'i', 'r', 'x', 'wo'];

function addMedicine(
  builder: ImportBuilder,
  element: XmlElement,
  heading: SectionHeading,
  strings: ComposerStrings,
): void {
  const { name, strength, isNamed } = readNames(element);
  const unit = readUnit(element);
  const form = readForm(element);
  const { dose, when } = readSchedule(
    element,
    unit.text,
    [
      heading.when,
      ...unknownAttributes(element, MEDICINE),
      ...elements(element).flatMap((child) =>
        child.name === 'W' ? unknownAttributes(child, ['w', 's']) : [unknown(child)],
      ),
    ],
    strings,
  );
  const reason = lines(element, 'r');
  const pzn = attribute(element, 'p');
  const remarks = join(
    [
      lines(element, 'i'),
      lines(element, 'x'),
      reason && `Grund: ${reason}`,
      form && `Form: ${form}`,
      isNamed && pzn && `PZN: ${pzn}`,
      heading.remark,
    ].filter((text) => typeof text === 'string'),
    ', ',
  );
  const unread = [isNamed ? '' : strings.t('medicines.name'), unit.unread].filter((text) => text !== '');
  builder.add({ ...EMPTY_CELLS, name, strength, dose, when, remarks }, { unread });
}

function unknownAttributes(element: XmlElement, known: readonly string[]): string[] {
  return Object.keys(element.attributes)
    .filter((name) => !known.includes(name) && name !== 'xmlns')
    .map((name) => `${name}: ${attribute(element, name)}`);
}

/** The trade name with the substances in brackets, and the strengths in the substances' order. */
function readNames(element: XmlElement): { name: string; strength: string; isNamed: boolean } {
  const substances = elements(element)
    .filter(({ name }) => name === 'W')
    .map((each) => ({ name: attribute(each, 'w'), strength: attribute(each, 's') }));
  const trade = attribute(element, 'a');
  const pzn = attribute(element, 'p');
  const isPaired = substances.every(({ strength }) => strength !== '');
  // A strength that one substance lacks would be taken for that of another.
  const generic = substances.map(({ name, strength }) => (isPaired ? name : join([name, strength], ' ')));
  const name = withoutRepetition(trade, join(generic, ' + '));
  const strength = isPaired
    ? join(
        substances.map(({ strength: each }) => each),
        ' + ',
      )
    : '';
  if (name === '') return { name: pzn && `PZN ${pzn}`, strength, isNamed: false };
  return { name, strength: saysStrength(trade, strength) ? '' : strength, isNamed: true };
}

function withoutRepetition(trade: string, generic: string): string {
  if (trade === '' || generic === '') return trade || generic;
  return plainWord(trade).includes(plainWord(generic)) ? trade : `${trade} (${generic})`;
}

/** Whether a trade name says the strength already: `Metoprolol 47,5mg`. */
function saysStrength(trade: string, strength: string): boolean {
  if (strength === '') return false;
  const at = trade.replaceAll(' ', '').indexOf(strength.replaceAll(' ', ''));
  return at >= 0 && !/[\p{N}.,]/u.test(trade.replaceAll(' ', '').charAt(at - 1));
}

interface Read {
  readonly text: string;
  /** The name of what could not be read, with its code. */
  readonly unread: string;
}

function readUnit(element: XmlElement): Read {
  const code = attribute(element, 'du');
  const coded = (codes.units as Codes)[code];
  const text = join([coded, attribute(element, 'dud')], ' ');
  return { text, unread: code !== '' && coded === undefined ? `Einheit: ${code}` : '' };
}

/** In words, or as the code that it is: what it comes as says nothing against a plan. */
function readForm(element: XmlElement): string {
  const code = attribute(element, 'f');
  return join([(codes.forms as Codes)[code] ?? code, attribute(element, 'fd')], ' ');
}

const TIMES = ['m', 'd', 'v', 'h'];
const TIME_WORDS = ['morgens', 'mittags', 'abends', 'zur Nacht'];

/** The amounts of the day as a chain with the unit beside it; with any further words both stand in "When". */
function readSchedule(
  element: XmlElement,
  unit: string,
  further: readonly string[],
  strings: ComposerStrings,
): { dose: string; when: string } {
  const chain = chainOf(TIMES.map((time) => attribute(element, time)));
  const weekday = attribute(element, 'wo');
  const day = weekday === '' ? '' : ((codes.weekdays as Codes)[weekday] ?? `wo: ${weekday}`);
  const text = lines(element, 't');
  const words = join([text, ...further], ', ');
  if (day === '' && (words === '' || (chain === '' && isPlan(unit, words, strings)))) {
    return { dose: unit, when: chain || words };
  }
  if (day + chain + text === '') return { dose: unit, when: words };
  return { dose: '', when: join([withUnit(day, chain, text, unit), ...further], ', ') };
}

/** Whether a text is a plan of the day to which the unit belongs. */
function isPlan(dose: string, when: string, strings: ComposerStrings): boolean {
  const row = readRow({ ...EMPTY_CELLS, name: 'A', dose, when }, null, strings);
  return row !== null && takenAt(row.medicine.plan).length > 0;
}

/** The unit behind the number that it counts; in brackets behind words, of which it may be no part. */
function withUnit(day: string, chain: string, text: string, unit: string): string {
  if (chain !== '') return join([day, chain, unit, text], ' ');
  return join([day, text, /\p{N}$/u.test(text) ? unit : unit && `(${unit})`], ' ');
}

/** A missing amount is none (A 2.7 of the specification). */
function chainOf(amounts: readonly string[]): string {
  if (amounts.every((amount) => amount === '')) return '';
  if (amounts.every((amount) => amount === '' || readAmount(amount) !== null))
    return amounts.map((amount) => amount || '0').join('-');
  return amounts.flatMap((amount, place) => (amount === '' ? [] : [`${TIME_WORDS[place]} ${amount}`])).join(', ');
}
