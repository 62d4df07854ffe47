/** A table of medicines from a spreadsheet, a CSV file or Markdown, as rows of the list. */
import { type Cells, EMPTY_CELLS, join } from '../../fields.ts';
import { isTotal } from '../headings.ts';
import { createImportBuilder, type ImportBuilder } from '../import-builder.ts';
import type { Import } from '../import-result.ts';
import { isStrength } from '../strength.ts';
import { type Column, readHeader } from './column-headers.ts';
import { readTableRow } from './table-row.ts';

export type Grid = readonly (readonly string[])[];

/** How many rows may stand above the header: titles, dates, a patient's name. */
const ABOVE_MAX = 10;

/**
 * Reads a table that has a header; null when it has none. `byCommas` says that commas separate the cells: then a row with
 * more cells than the header, or with a number cut in two, stays whole. `now` in ms.
 */
export function readTable(grid: Grid, byCommas: boolean, now: number): Import | null {
  const start = grid.slice(0, ABOVE_MAX).findIndex((row) => readHeader(row, !byCommas) !== null);
  const [header = [], ...rows] = grid.slice(start);
  let columns = start < 0 ? null : readHeader(header, !byCommas);
  if (columns === null) return null;
  const builder = createImportBuilder();
  for (const row of grid.slice(0, start)) addAbove(builder, row);
  for (const row of rows) {
    const next = readHeader(row);
    if (next === null) addRow(builder, row, { columns, byCommas, now });
    else columns = next;
  }
  return builder.result();
}

function filled(row: readonly string[]): string[] {
  return row.filter((cell) => cell !== '');
}

function addAbove(builder: ImportBuilder, row: readonly string[]): void {
  const [only = '', ...others] = filled(row);
  if (others.length === 0 && builder.heading(only)) return;
  if (only !== '') builder.refuse(filled(row).join(' '), 'not-a-medicine');
}

interface Table {
  readonly columns: readonly Column[];
  readonly byCommas: boolean;
  readonly now: number;
}

function addRow(builder: ImportBuilder, row: readonly string[], { columns, byCommas, now }: Table): void {
  const [first = '', ...others] = filled(row);
  if (others.length === 0 && builder.heading(first)) return;
  if (isTotal(first)) return builder.refuse(filled(row).join(' '), 'not-a-medicine');
  if (byCommas && isShifted(row, columns)) return builder.add(asOneText(row));
  const { cells, ...about } = readTableRow(row, columns, now);
  builder.add(cells, about);
}

/** Whether a comma inside a number may have been taken for one between cells: `Bisoprolol 1,25 mg`. */
function isShifted(row: readonly string[], columns: readonly Column[]): boolean {
  if (row.length > columns.length) return true;
  return row.some((cell, place) => /(?:^|\s)\p{Nd}{1,3}$/u.test(row[place - 1] ?? '') && isStrength(cell));
}

/** The row as it was written: behind its name where that is clear, otherwise all of it as the name. */
function asOneText(row: readonly string[]): Cells {
  const [name = '', second = '', ...others] = row;
  const isNameClear = /^\p{L}/u.test(name) && !isNumberCut(name, second);
  if (isNameClear) return { ...EMPTY_CELLS, name, when: asWritten([second, ...others]) };
  return { ...EMPTY_CELLS, name: asWritten(row) };
}

function asWritten(cells: readonly string[]): string {
  return cells.reduce((text, cell) => join([text, cell], isNumberCut(text, cell) ? ',' : ', '), '');
}

function isNumberCut(before: string, after: string): boolean {
  return /\p{Nd}$/u.test(before) && /^\p{Nd}/u.test(after);
}
