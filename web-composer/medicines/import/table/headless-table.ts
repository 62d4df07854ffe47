/** Cells of a spreadsheet without a header. Nothing is guessed: only what no other reading fits gets a place of its own. */
import { type Cells, EMPTY_CELLS, join } from '../../fields.ts';
import { readChain } from '../../reading/dose-amounts.ts';
import { createImportBuilder } from '../import-builder.ts';
import type { Import } from '../import-result.ts';
import { readLine } from '../paste-line.ts';
import { isStrength, strengthsIn } from '../strength.ts';
import type { Grid } from './table.ts';
import { saysNone } from './table-times.ts';

/** What is taken at one time, when it stands alone in a cell; larger numbers could be packs, days or masses. */
const SMALL_AMOUNT = /^(?:[0-4٠-٤０-４](?:[.,][0-9]{1,2})?[½¼¾⅓⅔]?|[½¼¾⅓⅔]|1\/[2-4]|[-–])$/u;
/** Amounts of a day are three or four cells side by side. */
const DAY = [3, 4];

export function readHeadlessTable(grid: Grid): Import {
  const run = dayColumns(grid);
  const builder = createImportBuilder();
  for (const row of grid) {
    const filled = row.filter((cell) => cell !== '');
    const [only = ''] = filled;
    if (filled.length > 1) builder.add(readRow(row, run));
    else if (only !== '' && !builder.heading(only)) builder.add(readLine(only));
  }
  return builder.result();
}

interface Run {
  readonly start: number;
  readonly end: number;
}

/**
 * The columns that hold the amounts of a day: in every row three or four small amounts side by side, not one more, right
 * behind the strength, and at least one of them "none".
 */
function dayColumns(grid: Grid): Run | null {
  const rows = grid.filter((row) => row.filter((cell) => cell !== '').length > 1);
  const [first = []] = rows;
  const start = first.findIndex((cell) => SMALL_AMOUNT.test(cell));
  if (start < 1) return null;
  const length = first.slice(start).findIndex((cell) => !SMALL_AMOUNT.test(cell));
  const end = length < 0 ? first.length : start + length;
  const isDay = rows.every((row) => isDayOf(row, { start, end }));
  const hasNone = rows.some((row) => row.slice(start, end).some(saysNone));
  return DAY.includes(end - start) && isDay && hasNone ? { start, end } : null;
}

function isDayOf(row: readonly string[], { start, end }: Run): boolean {
  const amounts = row.slice(start, end);
  const isWhole = amounts.length === end - start && amounts.every((cell) => SMALL_AMOUNT.test(cell));
  const before = row[start - 1] ?? '';
  return isWhole && !/^\p{N}/u.test(row[end] ?? '') && (isStrength(before) || endsInStrength(before));
}

function endsInStrength(text: string): boolean {
  return strengthsIn(text).some(({ end }) => end === text.length);
}

function readRow(row: readonly string[], run: Run | null): Cells {
  const [name = '', second = '', ...others] = row;
  if (!/\p{L}/u.test(name)) return { ...EMPTY_CELLS, when: inOrder(row) };
  const cells = { ...EMPTY_CELLS, name };
  const hasStrength = isStrength(second);
  const strength = hasStrength ? second : '';
  if (run === null || run.start > (hasStrength ? 2 : 1))
    return { ...cells, strength, when: inOrder(hasStrength ? others : [second, ...others]) };
  const chain = row
    .slice(run.start, run.end)
    .map((cell) => (saysNone(cell) ? '0' : cell))
    .join('-');
  return { ...cells, strength, when: join([chain, ...row.slice(run.end)], ', ') };
}

/** All cells one behind the other. Numbers are kept apart by a line, so that no two of them read as one schedule. */
function inOrder(cells: readonly string[]): string {
  const filled = cells.filter((cell) => cell !== '');
  const hasLooseNumber = filled.some((cell) => /^\p{N}/u.test(cell) && readChain(cell) === null);
  return filled.join(hasLooseNumber ? ' | ' : ', ');
}
