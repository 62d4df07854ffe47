/** The rows of the medicines' table. A blank one is always last, and never counts. */
import { MEDICINES_MAX, type Medicine } from '../../src/protocol/note.ts';
import { el } from '../../web-shared/ui/dom.ts';
import type { ComposerStrings } from '../ui/strings.ts';
import { createRow, type Row, type RowActions } from './editor-row.ts';
import type { Cells } from './fields.ts';

export type Undo = () => void;

export interface Rows {
  readonly body: HTMLTableSectionElement;
  all(): readonly Row[];
  of(element: Element | null): Row | undefined;
  medicines(): Medicine[];
  /** The rows that count, in the order in which the patient's page counts them. */
  listed(): Row[];
  /** The rows that the doctor has to look at. */
  marked(): Row[];
  set(medicines: readonly Medicine[]): void;
  /** Puts new rows before `before`; as many as the list still holds. */
  insert(before: Row, filled: readonly ((row: Row) => void)[]): { rows: Row[]; undo: Undo };
  /** Writes into `first` and the rows after it, making new ones at the end. */
  fill(first: Row, lines: readonly Partial<Cells>[]): { rows: Row[]; undo: Undo };
  remove(row: Row): Undo;
  /** Moves a row one place up (-1) or down (1); false when there is no place. */
  move(row: Row, by: -1 | 1): boolean;
  /** Adds the blank row at the end where it is missing, and numbers the rows. */
  ensureBlankRow(): void;
  draw(): void;
}

/** Rows of a table whose columns' headings have the ids `${table}-${field}`. */
export function createRows(strings: ComposerStrings, table: string, actions: RowActions): Rows {
  const body = el('tbody', { role: 'rowgroup' });
  let rows: Row[] = [];
  let created = 0;
  const make = (): Row => {
    created += 1;
    return createRow({ strings, table, id: `${table}-${created}`, actions });
  };
  const insertAt = (row: Row, index: number): void => {
    body.insertBefore(row.element, rows[index]?.element ?? null);
    rows.splice(index, 0, row);
  };
  const removeRow = (row: Row): void => {
    rows = rows.filter((each) => each !== row);
    row.element.remove();
  };
  const ensureBlankRow = (): void => {
    const last = rows.at(-1);
    if (last === undefined || (last.medicine() !== null && rows.length < MEDICINES_MAX)) insertAt(make(), rows.length);
    for (const [index, row] of rows.entries()) row.setNumber(index + 1);
  };
  const freeRows = (): number => MEDICINES_MAX - rows.filter((row) => row.medicine() !== null).length;

  return {
    body,
    all: () => rows,
    of: (element) => rows.find((row) => row.element === element?.closest('tr')),
    medicines: () => rows.map((row) => row.medicine()).filter((medicine) => medicine !== null),
    listed: () => rows.filter((row) => row.medicine() !== null),
    marked: () => rows.filter((row) => row.marks().length > 0),
    set(medicines) {
      rows = medicines.slice(0, MEDICINES_MAX).map((medicine) => {
        const row = make();
        row.setMedicine(medicine);
        return row;
      });
      body.replaceChildren(...rows.map((row) => row.element));
      ensureBlankRow();
    },
    insert(before, filled) {
      const fresh = filled.slice(0, Math.max(0, freeRows())).map((fill) => {
        const row = make();
        fill(row);
        return row;
      });
      const fragment = document.createDocumentFragment();
      fragment.append(...fresh.map((row) => row.element));
      body.insertBefore(fragment, before.element);
      rows.splice(rows.indexOf(before), 0, ...fresh);
      ensureBlankRow();
      const undo = (): void => {
        for (const row of fresh) removeRow(row);
        ensureBlankRow();
      };
      return { rows: fresh, undo };
    },
    fill(first, lines) {
      const before = new Map<Row, Cells>();
      const start = rows.indexOf(first);
      for (const [index, line] of lines.slice(0, MEDICINES_MAX - start).entries()) {
        if (rows[start + index] === undefined) insertAt(make(), start + index);
        const row = rows[start + index];
        if (row === undefined) break;
        before.set(row, row.cells());
        row.write(line);
      }
      ensureBlankRow();
      const undo = (): void => {
        for (const [row, cells] of before) row.write(cells);
        ensureBlankRow();
      };
      return { rows: [...before.keys()], undo };
    },
    remove(row) {
      const index = rows.indexOf(row);
      removeRow(row);
      ensureBlankRow();
      return () => {
        insertAt(row, Math.min(index, rows.length - 1));
        ensureBlankRow();
      };
    },
    move(row, by) {
      const index = rows.indexOf(row);
      const to = index + by;
      const blankLast = rows.length - (rows.at(-1)?.medicine() === null ? 1 : 0);
      if (to < 0 || to >= blankLast || index >= blankLast) return false;
      const focused = document.activeElement;
      removeRow(row);
      insertAt(row, to);
      if (focused instanceof HTMLElement && row.element.contains(focused)) focused.focus();
      ensureBlankRow();
      return true;
    },
    ensureBlankRow,
    draw() {
      for (const row of rows) row.draw();
      ensureBlankRow();
    },
  };
}
