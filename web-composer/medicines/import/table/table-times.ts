/** The amounts of a table's row at the times of the day, as one text for "When". */
import { DAY_TIMES } from '../../../../src/protocol/note.ts';
import { join } from '../../fields.ts';
import { readAmount } from '../../reading/dose-amounts.ts';
import { type Column, isDayTime } from './column-headers.ts';

/** A cell that says something, its column and the column's place in the table. */
export interface Cell {
  readonly column: Column;
  readonly place: number;
  readonly value: string;
}

/** Words at their place in the table. */
export interface Placed {
  readonly place: number;
  readonly text: string;
}

/** The amounts of a row: as a chain where that says all of them, otherwise in words, in the table's order. */
export interface Times {
  readonly chain: string;
  readonly words: readonly Placed[];
}

const NONE = /^(?:[-–—/]+|\p{Nd}{1,3}(?:[.,]\p{Nd}{1,3})?)$/u;
const BARE_NUMBER = /^[\p{Nd}½¼¾⅓⅔⅛.,/]+$/u;
const ZERO = /^[0٠۰０.,]+$/u;
const TICK = /^[xX×✓✔☑✗●•]$/u;

/** Whether a cell in a column for a time says that nothing is taken then. */
export function saysNone(value: string): boolean {
  return NONE.test(value) && (ZERO.test(value) || !/\p{Nd}/u.test(value));
}

/**
 * `1-0-½-0` when all the amounts are clear and each has its place in the plan of the day; otherwise every time with what
 * its cell says, in the header's words: "Manhã 1", "Tarde 2", "Noite 1". A tick says no amount: it is the dose's, when the
 * row has one.
 */
export function readTimes(cells: readonly Cell[], dose: string): Times {
  const taken = cells.filter(({ value }) => !saysNone(value));
  if (cells.length === 0) return { chain: '', words: [] };
  const isPlan = taken.every(({ column, value }) => isDayTime(column.role ?? '') && readAmount(value) !== null);
  if (isPlan) return { chain: chainOf(taken), words: [] };
  const isTicked = taken.every(({ value }) => TICK.test(value)) && dose !== '' && readAmount(dose) !== null;
  const words = taken.map((cell) => ({ place: cell.place, text: isTicked ? cell.column.header : inWords(cell) }));
  return { chain: '', words };
}

function chainOf(taken: readonly Cell[]): string {
  return DAY_TIMES.map((time) => {
    const found = taken.find(({ column }) => column.role === time);
    return found === undefined ? '0' : withUnit(found);
  }).join('-');
}

function inWords(cell: Cell): string {
  const { header } = cell.column;
  return join([header, withUnit(cell)], /\p{N}$/u.test(header) ? ': ' : ' ');
}

/** The value with the unit that its header names. */
export function withUnit({ column, value }: Cell): string {
  return BARE_NUMBER.test(value) ? join([value, column.unit], ' ') : value;
}

export function isBareNumber(text: string): boolean {
  return BARE_NUMBER.test(text);
}
