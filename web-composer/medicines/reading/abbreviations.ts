/** Abbreviations and ways to write numbers that patients may misread, each with a proposal in words. */
import type { ComposerStrings } from '../../ui/strings.ts';
import type { Cells, Field } from '../fields.ts';
import type { Readings } from './free-text.ts';
import { type FoundAbbreviation, isAbbreviated, type Reading } from './grammar/elements.ts';
import type { AbbreviationKind } from './grammar/phrases.ts';
import type { Mark } from './row-reading.ts';

/** Letters that mean morphine or magnesium sulphate: only the doctor knows which. */
const SULPHATES = /(?<![\p{L}\p{N}])(?:MSO4|MgSO4|MS(?!\s+\p{L}))(?![\p{L}\p{N}])/u;

/** In free text a few small letters may be another word: only capitals and full stops make an abbreviation of them. */
const SHORT = 3;

const HOW_OFTEN: readonly AbbreviationKind[] = [
  'onceADay',
  'twiceADay',
  'threeTimesADay',
  'fourTimesADay',
  'everyOtherDay',
  'onceAWeek',
  'threeTimesAWeek',
  'everyHours',
  'everyDays',
  'whenNeeded',
];

export function abbreviationMarks(readings: Readings, strings: ComposerStrings): Mark[] {
  const inName = SULPHATES.exec(readings.name.text)?.[0];
  return [
    ...(inName === undefined ? [] : [mark('name', inName, null)]),
    ...inWholeLine(readings, strings),
    ...numberMarks('strength', readings.strength),
    ...bareUnits(readings.strength, strings),
    ...(['dose', 'when', 'duration', 'remarks'] as const).flatMap((field) => [
      ...numberMarks(field, readings[field]),
      ...inCell(field, readings[field], strings),
    ]),
  ];
}

/** One mark for each kind in a cell, with a proposal that replaces all of that kind. */
function inCell(field: Field, { text, abbreviations, elements }: Reading, strings: ComposerStrings): Mark[] {
  const all = abbreviations.filter(({ start, end }) => isSurelyOne(field, text.slice(start, end)));
  return [...Map.groupBy(all, ({ kind }) => kind).values()].map((same) => {
    const words = text.slice(same[0]?.start, same[0]?.end);
    const isEyeOrDay = /^o\.?d\.?$/i.test(words) && isOfDrops(elements);
    return mark(field, words, isEyeOrDay ? null : { [field]: inWords(text, same, strings) });
  });
}

/** How often, within the name of a row that has nothing else: a line that was pasted whole. */
function inWholeLine(readings: Readings, strings: ComposerStrings): Mark[] {
  const isAlone = [readings.dose, readings.when, readings.duration].every(({ text }) => text.trim() === '');
  const { name } = readings;
  const abbreviations = name.abbreviations.filter(({ kind }) => HOW_OFTEN.includes(kind));
  return isAlone ? inCell('name', { ...name, abbreviations }, strings) : [];
}

function isSurelyOne(field: Field, words: string): boolean {
  return (field !== 'remarks' && field !== 'name') || words.length > SHORT || isAbbreviated(words);
}

function inWords(text: string, found: readonly FoundAbbreviation[], strings: ComposerStrings): string {
  const lastFirst = found.toSorted((a, b) => b.start - a.start);
  return lastFirst.reduce((said, each) => replaced(said, each, saidInWords(each, strings)), text);
}

/** OD is the right eye as well. */
function isOfDrops(elements: Reading['elements']): boolean {
  return elements.some(
    (element) =>
      (element.kind === 'amount' && element.amount.unit?.name === 'drop') ||
      (element.kind === 'loneUnit' && element.unit.name === 'drop'),
  );
}

function saidInWords({ kind, number }: FoundAbbreviation, strings: ComposerStrings): string {
  const count = Number(number.replace(',', '.'));
  return strings.t(`medicines.say.${kind}`, Number.isFinite(count) && number !== '' ? { count } : { count: 2 });
}

function replaced(text: string, { start, end }: { start: number; end: number }, words: string): string {
  const before = text.slice(0, start);
  const after = text.slice(end);
  const spaceBefore = /[\p{L}\p{N}]$/u.test(before) ? ' ' : '';
  const spaceAfter = /^[\p{L}\p{N}]/u.test(after) ? ' ' : '';
  return `${before}${spaceBefore}${words}${spaceAfter}${after}`;
}

/** `1.0 mg` can be read as 10 mg, and `.5 mg` as 5 mg. */
function numberMarks(field: Field, { text, amounts }: Reading): Mark[] {
  return amounts.flatMap(({ number, start }) => {
    const plain = plainer(number);
    if (plain === null) return [];
    return [mark(field, number, { [field]: replaced(text, { start, end: start + number.length }, plain) })];
  });
}

/** `10 U` can be read as 100. Of a concentration such as `100 U/ml` nobody takes the number for the dose. */
function bareUnits({ text }: Reading, strings: ComposerStrings): Mark[] {
  const found = /(?<number>\p{Nd})\s?(?<unit>[Uu])(?![\p{L}\p{N}./])/u.exec(text);
  if (found === null) return [];
  const end = found.index + found[0].length;
  const place = { start: end - 1, end };
  return [mark('strength', found.groups?.['unit'] ?? '', { strength: replaced(text, place, unitsIn(text, strings)) })];
}

function unitsIn(text: string, strings: ComposerStrings): string {
  return strings.t('medicines.say.units', { count: /(?<!\p{Nd})1\s?[Uu]/u.test(text) ? 1 : 2 });
}

function plainer(number: string): string | null {
  if (/^[.,]\d+$/.test(number)) return `0${number}`;
  return /^[1-9]\d*[.,]0{1,2}$/.test(number) ? number.replace(/[.,]0+$/, '') : null;
}

function mark(field: Field, words: string, proposal: Partial<Cells> | null): Mark {
  return { reason: 'abbreviation', field, words, proposal };
}
