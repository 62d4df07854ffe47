/** Text from the clipboard or from a file: cells of a spreadsheet, a table in Markdown or CSV, or lines. */
import Papa from 'papaparse';
import { browserClock } from '../../../web-shared/clock.ts';
import { oneLine } from '../fields.ts';
import type { Import } from './import-result.ts';
import { readLines } from './paste-lines.ts';
import { readHeadlessTable } from './table/headless-table.ts';
import { type Grid, readTable } from './table/table.ts';

/** A table of fewer columns without a header looks like a sentence. */
const HEADLESS_COLUMNS_MIN = 3;
const RULE = /^\s*\|?(?:\s*:?-{2,}:?\s*\|)+\s*(?::?-{2,}:?)?\s*$/u;

/**
 * Reads medicines from text. Nothing is left out: what is not understood stays word for word in the row or is named.
 * By `now`, in ms, what starts later is told from what has started.
 */
export function readPasted(pasted: string, now = browserClock.now()): Import {
  const text = pasted
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .replace(/[\u00A0\u2000-\u200A\u202F\u205F\u3000]/g, ' ')
    .replace(/^sep=.\n/i, '')
    .replace(/\n+$/, '');
  if (text.includes('\t')) {
    const grid = separated(text, '\t');
    return readTable(grid, false, now) ?? readHeadlessTable(grid);
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (isMarkdownTable(lines)) {
    const grid = markdownCells(lines);
    return readTable(grid, false, now) ?? readHeadlessTable(grid);
  }
  return (lines.length > 1 ? readDelimited(text, now) : null) ?? readLines(text);
}

/** Cells between semicolons or commas. Commas also stand in numbers and sentences: there only a header tells a table. */
function readDelimited(text: string, now: number): Import | null {
  const bySemicolons = separated(text, ';');
  const read = readTable(bySemicolons, false, now);
  if (read !== null) return read;
  const [first = []] = bySemicolons;
  const isEven = first.length >= HEADLESS_COLUMNS_MIN && bySemicolons.every(({ length }) => length === first.length);
  return isEven ? readHeadlessTable(bySemicolons) : readTable(separated(text, ','), true, now);
}

function separated(text: string, delimiter: string): Grid {
  const read = Papa.parse<string[]>(text, { delimiter, skipEmptyLines: 'greedy' });
  // A quotation mark that never ends would swallow the rows after it: then it is a mark like any other.
  const quotes = read.errors.some(({ type }) => type === 'Quotes');
  const { data } = quotes ? Papa.parse<string[]>(text, { delimiter, quoteChar: '\0', skipEmptyLines: 'greedy' }) : read;
  return data.map((row) => row.map(oneLine));
}

function isMarkdownTable(lines: readonly string[]): boolean {
  const withBars = lines.filter((line) => line.includes('|'));
  return withBars.length > 1 && (withBars.some((line) => RULE.test(line)) || withBars.length * 2 > lines.length);
}

function markdownCells(lines: readonly string[]): Grid {
  return lines
    .filter((line) => !RULE.test(line))
    .map((line) => {
      const cells = line.trim().replace(/^\|/, '').replace(/\|$/, '').split('|');
      return cells.map((cell) => oneLine(cell).replace(/^\*\*(.*)\*\*$/u, '$1'));
    });
}
