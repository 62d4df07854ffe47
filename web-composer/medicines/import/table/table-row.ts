/** A row of a table under a header, as cells of the list of medicines. Every word and number of it is kept. */
import { type Cells, EMPTY_CELLS, join } from '../../fields.ts';
import { readAmount, readChain } from '../../reading/dose-amounts.ts';
import { plainWord } from '../../reading/grammar/plain-word.ts';
import type { Why } from '../import-result.ts';
import { readStatus, type Status, saysNo, saysYes, statusIn } from '../status-words.ts';
import { isStrength } from '../strength.ts';
import { type Column, isDayTime, type Role } from './column-headers.ts';
import { isSurelyPast } from './past-date.ts';
import { type Cell, isBareNumber, type Placed, readTimes, type Times, withUnit } from './table-times.ts';

export interface TableRow {
  readonly cells: Cells;
  /** Why the row is only a choice; null for a medicine that is taken now. */
  readonly why: Why | null;
  /** Whether the row has no name, so that no plan may be read from it. */
  readonly isLiteral: boolean;
}

/** A column behind the last one of the header. */
const BEYOND: Column = { role: null, header: '', unit: '' };
const DASHES = /^[-–—]+$/u;

/**
 * Columns that GLIR does not know, days, "as needed" and ends go to "When" as `Header: value`, where every word has to be
 * understood before there is a plan; what says nothing about the taking goes to the remarks.
 */
export function readTableRow(row: readonly string[], columns: readonly Column[], now: number): TableRow {
  const all = row.map((value, place): Cell => ({ column: columns[place] ?? BEYOND, place, value }));
  const cells = all.filter(({ column, value }) => value !== '' && (isTime(column.role) || !DASHES.test(value)));
  const name = readName(cells);
  if (!/\p{L}/u.test(name) || isStrength(name)) return nameless(cells);
  const { why, remarks, when } = readStatuses(cells);
  const read = readDosage(cells);
  const { chain, words } = read.times;
  const further = [...words, ...cells.flatMap((cell) => inWhen(cell, now)), ...when].sort(
    (one, other) => one.place - other.place,
  );
  return {
    cells: {
      name,
      strength: read.strength,
      dose: read.dose,
      when: join([chain, ...read.when, ...further.map(({ text }) => text)], ', '),
      duration: read.duration,
      remarks: join([...cells.flatMap((cell) => inRemarks(cell, now)), ...remarks], ', '),
    },
    why,
    isLiteral: false,
  };
}

/** A row of several cells whose medicine is not said: all of it stays together, and nothing of it becomes a plan. */
function nameless(cells: readonly Cell[]): TableRow {
  const { why } = readStatuses(cells);
  return { cells: { ...EMPTY_CELLS, when: cells.map(labelled).join(' | ') }, why, isLiteral: true };
}

function labelled({ column, value }: Cell): string {
  return join([column.header, value], ': ');
}

function values(cells: readonly Cell[], role: Role): string[] {
  return cells.filter(({ column }) => column.role === role).map(withUnit);
}

function isTime(role: Role | null): boolean {
  return role !== null && (isDayTime(role) || role === 'otherTime');
}

/** `Ramipril-ratio (Ramipril)`: the trade name first, each further name once, in brackets. */
function readName(cells: readonly Cell[]): string {
  const [main = '', ...others] = [...values(cells, 'name'), ...values(cells, 'brand'), ...values(cells, 'substance')];
  const further = others.filter((other) => plainWord(other) !== plainWord(main));
  return further.length === 0 ? main : `${main} (${further.join(', ')})`;
}

interface ReadDosage {
  readonly strength: string;
  readonly dose: string;
  readonly times: Times;
  readonly when: readonly string[];
  readonly duration: string;
}

function readDosage(cells: readonly Cell[]): ReadDosage {
  const { strength, dose, when } = sortDosage(cells);
  const unit = join(values(cells, 'unit'), ' ');
  // A unit beside a whole dose, such as "5 mg" and "tablet", is that of the amounts.
  const isForDose = dose === '' || isBareNumber(dose);
  const fullDose = isForDose ? join([dose, unit], ' ') : dose;
  const times = readTimes(
    cells.filter(({ column }) => isTime(column.role)),
    fullDose,
  );
  return {
    strength,
    dose: fullDose,
    times: isForDose || times.chain === '' ? times : { ...times, chain: join([times.chain, unit], ' ') },
    when: isForDose || times.chain !== '' || unit === '' ? when : [...when, unit],
    duration: join([...values(cells, 'duration'), ...cells.flatMap(inDays)], ', '),
  };
}

/** Where the cells of the columns for strength, dose and "dosage" go, which is decided cell by cell. */
function sortDosage(cells: readonly Cell[]): { strength: string; dose: string; when: string[] } {
  let strength = join(values(cells, 'strength'), ' ');
  let dose = join(values(cells, 'dose'), ' ');
  const when: string[] = [];
  for (const cell of cells.filter(({ column }) => column.role === 'dosage')) {
    const value = withUnit(cell);
    if (isStrength(value) && strength === '') strength = value;
    else if (isAmountWithUnit(value) && dose === '') dose = value;
    else when.push(isBareNumber(value) ? labelled(cell) : value);
  }
  const words = [...when, ...values(cells, 'when')];
  return readChain(dose) === null ? { strength, dose, when: words } : { strength, dose: '', when: [dose, ...words] };
}

function isAmountWithUnit(text: string): boolean {
  return /\p{L}/u.test(text) && readAmount(text) !== null;
}

/** The number of days in a column of days; any other text of it is about which days, and goes to "When". */
function inDays({ column, value }: Cell): string[] {
  return column.role === 'days' && isBareNumber(value) ? [`${value} ${column.header}`] : [];
}

function inWhen(cell: Cell, now: number): Placed[] {
  const text = whenText(cell, now);
  return text === '' ? [] : [{ place: cell.place, text }];
}

/** What a cell adds to "When" behind the schedule; '' for a cell of another column. */
function whenText(cell: Cell, now: number): string {
  const { column, value } = cell;
  switch (column.role) {
    case 'weekday':
      return /\p{L}/u.test(value) ? value : labelled(cell);
    case 'days':
      return isBareNumber(value) ? '' : value;
    case 'asNeeded':
      return saysNo(value) ? '' : labelled(cell);
    case 'start':
      return isSurelyPast(value, now) ? '' : labelled(cell);
    case null:
      return statusInHeader(column) === null ? labelled(cell) : '';
    case 'end':
      return labelled(cell);
    default:
      return '';
  }
}

function inRemarks(cell: Cell, now: number): string[] {
  const { column, value } = cell;
  if (column.role === 'remarks') return [value];
  const isOfPast = column.role === 'start' && isSurelyPast(value, now);
  return column.role === 'harmless' || isOfPast ? [labelled(cell)] : [];
}

/** What the columns of the status say: why the row is only a choice, and the words that are kept. */
function readStatuses(cells: readonly Cell[]): { why: Why | null; remarks: string[]; when: Placed[] } {
  const remarks: string[] = [];
  const when: Placed[] = [];
  let why: Why | null = null;
  for (const cell of cells.filter(({ column }) => isOfStatus(column))) {
    const status = statusOf(cell);
    // "Stopped: no" beside a plan would read as if it were stopped.
    if (status === 'active' && cell.column.role === null) continue;
    if (status === null) when.push({ place: cell.place, text: labelled(cell) });
    else remarks.push(labelled(cell));
    if (status !== null && status !== 'active') why ??= status;
  }
  return { why, remarks, when };
}

function isOfStatus(column: Column): boolean {
  return column.role === 'status' || column.role === 'active' || statusInHeader(column) !== null;
}

/** The status that a column's name says, such as "Discontinued", whose cells say yes or no. */
function statusInHeader({ role, header }: Column): Status | null {
  const status = role === null ? readStatus(header.replace(/\?$/, '')) : null;
  return status === 'active' ? null : status;
}

/** Null for words that GLIR does not know: they may mean anything. */
function statusOf({ column, value }: Cell): Status | null {
  const ofHeader = statusInHeader(column);
  if (ofHeader !== null) return saysYes(value) ? ofHeader : saysNo(value) ? 'active' : null;
  if (column.role === 'active' && saysYes(value)) return 'active';
  if (column.role === 'active' && saysNo(value)) return 'stopped';
  const status = readStatus(value) ?? statusIn(value);
  return status === 'active' && readStatus(value) === null ? null : status;
}
