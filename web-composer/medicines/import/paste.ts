/** Text from the clipboard or from a file: cells of a spreadsheet, or lines that name a medicine each. */
import Papa from 'papaparse';
import { DAY_TIMES } from '../../../src/protocol/note.ts';
import { type Cells, FIELDS, type Field, isBlank, join, oneLine } from '../fields.ts';
import { readChain } from '../reading/dose-amounts.ts';
import { type Column, readHeader } from './column-headers.ts';
import { readLine } from './paste-line.ts';

/** `text`: nothing but a text for one cell. `rows`: whole medicines. `cells`: cells in the order of the table's columns. */
export type Pasted =
  | { readonly kind: 'text' }
  | { readonly kind: 'rows'; readonly rows: readonly Cells[] }
  | { readonly kind: 'cells'; readonly cells: readonly (readonly string[])[] };

const PASTED_MAX = 1_000_000;

/**
 * Reads pasted text. A table with a header goes by its names in any of the eight languages, one without by the order of
 * the columns; every other text of several lines is read line by line. Nothing is left out: what has no column of its own
 * ends up among the remarks or in the name.
 */
export function parsePasted(pasted: string): Pasted {
  const text = pasted
    .slice(0, PASTED_MAX)
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .replace(/\n+$/, '');
  if (text.includes('\t')) {
    const cells = table(text, '\t');
    const rows = withHeader(cells);
    if (rows !== null) return { kind: 'rows', rows };
    return cells.length === 1 && cells[0]?.length === 1 ? { kind: 'text' } : { kind: 'cells', cells };
  }
  if (!text.includes('\n')) return { kind: 'text' };
  for (const delimiter of [';', ',']) {
    const cells = separated(text, delimiter);
    if (cells === null) continue;
    const rows = withHeader(cells);
    if (rows !== null) return { kind: 'rows', rows };
    if (isTable(cells, delimiter)) return { kind: 'cells', cells };
  }
  const lines = text
    .split('\n')
    .map(oneLine)
    .filter((line) => line !== '');
  return { kind: 'rows', rows: lines.map(readLine) };
}

/** One pasted line as a medicine, when it says more than a name; otherwise null. */
export function parseOneLine(text: string): Cells | null {
  const cells = readLine(oneLine(text));
  return cells.when === '' && cells.strength === '' ? null : cells;
}

/** Cells in the columns' order from the first column on, as medicines; what is beyond the last column joins the remarks. */
export function cellsFrom(row: readonly string[], first: Field): Partial<Cells> {
  const fields = FIELDS.slice(FIELDS.indexOf(first));
  const cells: Partial<Record<Field, string>> = {};
  row.forEach((cell, place) => {
    const field = fields[place];
    if (field !== undefined) cells[field] = cell;
    else if (cell !== '') cells.remarks = join([cells.remarks, cell], ', ');
  });
  return cells;
}

/** Rows of a headless table as medicines, where a column of nothing but chains such as 1-0-1 is the column "When". */
export function rowsFrom(cells: readonly (readonly string[])[]): Partial<Cells>[] {
  const widest = cells.reduce((most, row) => Math.max(most, row.length), 0);
  const chained = Array.from({ length: widest }, (_, place) => place).find((place) => {
    const filled = cells.map((row) => row[place] ?? '').filter((cell) => cell !== '');
    return place > 0 && filled.length > 0 && filled.every((cell) => readChain(cell) !== null);
  });
  const at = FIELDS.indexOf('when');
  return cells.map((row) => {
    if (chained === undefined || chained > at) return cellsFrom(row, 'name');
    const before = cellsFrom(row.slice(0, chained), 'name');
    return { ...before, ...cellsFrom(row.slice(chained), 'when') };
  });
}

function table(text: string, delimiter: string): string[][] {
  const read = Papa.parse<string[]>(text, { delimiter, skipEmptyLines: 'greedy' });
  // A quotation mark that never ends would swallow the rows after it: then it is a mark like any other.
  const quotes = read.errors.some(({ type }) => type === 'Quotes');
  const { data } = quotes ? Papa.parse<string[]>(text, { delimiter, quoteChar: '\0', skipEmptyLines: 'greedy' }) : read;
  return data.map((row) => row.map(oneLine));
}

function separated(text: string, delimiter: string): string[][] | null {
  const [first = ''] = text.split('\n', 1);
  return first.includes(delimiter) ? table(text, delimiter) : null;
}

/** Commas also stand in sentences and in numbers, so a table without a header has to look like one in every row. */
function isTable(cells: readonly (readonly string[])[], delimiter: string): boolean {
  const width = cells[0]?.length ?? 0;
  return cells.length > 1 && width >= (delimiter === ',' ? 4 : 3) && cells.every((row) => row.length === width);
}

function withHeader(cells: readonly (readonly string[])[]): Cells[] | null {
  const [names = [], ...rows] = cells;
  const header = readHeader(names);
  if (header === null) return null;
  return rows.map((row) => fromHeader(row, header, names)).filter((row) => !isBlank(row));
}

function fromHeader(row: readonly string[], header: readonly (Column | null)[], names: readonly string[]): Cells {
  const get = (column: Column): string => row[header.indexOf(column)] ?? '';
  const name = get('name');
  const substance = get('substance');
  const others = row.map((cell, place) => {
    if (cell === '' || (header[place] ?? null) !== null) return '';
    return join([names[place], cell], ': ');
  });
  const chain = DAY_TIMES.some((time) => get(time) !== '') ? chainOf(DAY_TIMES.map(get)) : '';
  return {
    name: name !== '' && substance !== '' && name !== substance ? `${name} (${substance})` : name || substance,
    strength: get('strength'),
    dose: join([get('dose'), get('unit')], ' '),
    when: join([chain, get('when')], ' '),
    duration: get('duration'),
    remarks: join([get('remarks'), ...others], ', '),
  };
}

function chainOf(amounts: readonly string[]): string {
  return amounts.map((amount) => (amount === '' || amount === '-' ? '0' : amount)).join('-');
}
