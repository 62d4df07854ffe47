/** The rows of the medicines' table. A blank one is always last, and never counts. */
import { MEDICINES_MAX, type Medicine } from '../../src/protocol/note.ts';
import { el } from '../../web-shared/ui/dom.ts';
import type { ComposerWords } from '../ui/strings.ts';
import type { Cells } from './fields.ts';
import { createRow, type Row } from './row.ts';

/** Undoes one change of the rows. */
export type Undo = () => void;

export interface Rows {
  readonly body: HTMLTableSectionElement;
  all(): readonly Row[];
  of(element: Element | null): Row | undefined;
  medicines(): Medicine[];
  /** Replaces every row. */
  set(medicines: readonly Medicine[]): void;
  /** Puts new rows before `before`; as many as the list still holds. */
  insert(before: Row, filled: readonly ((row: Row) => void)[]): { rows: Row[]; undo: Undo };
  /** Writes into `first` and the rows after it, making new ones at the end. */
  fill(first: Row, lines: readonly Partial<Cells>[]): { rows: Row[]; undo: Undo };
  remove(row: Row): Undo;
  /** Moves a row one place up (-1) or down (1); false when there is no place. */
  move(row: Row, by: -1 | 1): boolean;
  /** Makes sure of the blank row at the end, and that the numbers are right. */
  settle(): void;
  draw(): void;
}

/** Rows of a table whose columns' headings have the ids `${table}-${field}`. */
export function createRows(words: ComposerWords, table: string, removed: (row: Row) => void): Rows {
  const body = el('tbody', { role: 'rowgroup' });
  let rows: Row[] = [];
  let made = 0;
  const make = (): Row => {
    made += 1;
    return createRow({ words, table, id: `${table}-${made}`, remove: removed });
  };
  const take = (row: Row, place: number): void => {
    body.insertBefore(row.element, rows[place]?.element ?? null);
    rows.splice(place, 0, row);
  };
  const drop = (row: Row): void => {
    rows = rows.filter((each) => each !== row);
    row.element.remove();
  };
  const settle = (): void => {
    const last = rows.at(-1);
    if (last === undefined || (last.medicine() !== null && rows.length < MEDICINES_MAX)) take(make(), rows.length);
    for (const [place, row] of rows.entries()) row.setNumber(place + 1);
  };
  const room = (): number => MEDICINES_MAX - rows.filter((row) => row.medicine() !== null).length;

  return {
    body,
    all: () => rows,
    of: (element) => rows.find((row) => row.element === element?.closest('tr')),
    medicines: () => rows.map((row) => row.medicine()).filter((medicine) => medicine !== null),
    set(medicines) {
      rows = medicines.slice(0, MEDICINES_MAX).map((medicine) => {
        const row = make();
        row.take(medicine);
        return row;
      });
      body.replaceChildren(...rows.map((row) => row.element));
      settle();
    },
    insert(before, filled) {
      const fresh = filled.slice(0, Math.max(0, room())).map((fill) => {
        const row = make();
        fill(row);
        return row;
      });
      const fragment = document.createDocumentFragment();
      fragment.append(...fresh.map((row) => row.element));
      body.insertBefore(fragment, before.element);
      rows.splice(rows.indexOf(before), 0, ...fresh);
      settle();
      const undo = (): void => {
        for (const row of fresh) drop(row);
        settle();
      };
      return { rows: fresh, undo };
    },
    fill(first, lines) {
      const before = new Map<Row, Cells>();
      const start = rows.indexOf(first);
      for (const [place, line] of lines.slice(0, MEDICINES_MAX - start).entries()) {
        if (rows[start + place] === undefined) take(make(), start + place);
        const row = rows[start + place];
        if (row === undefined) break;
        before.set(row, row.cells());
        row.write(line);
      }
      settle();
      const undo = (): void => {
        for (const [row, cells] of before) row.write(cells);
        settle();
      };
      return { rows: [...before.keys()], undo };
    },
    remove(row) {
      const place = rows.indexOf(row);
      drop(row);
      settle();
      return () => {
        take(row, Math.min(place, rows.length - 1));
        settle();
      };
    },
    move(row, by) {
      const place = rows.indexOf(row);
      const to = place + by;
      const blankLast = rows.length - (rows.at(-1)?.medicine() === null ? 1 : 0);
      if (to < 0 || to >= blankLast || place >= blankLast) return false;
      const focused = document.activeElement;
      drop(row);
      take(row, to);
      if (focused instanceof HTMLElement && row.element.contains(focused)) focused.focus();
      settle();
      return true;
    },
    settle,
    draw() {
      for (const row of rows) row.draw();
      settle();
    },
  };
}
