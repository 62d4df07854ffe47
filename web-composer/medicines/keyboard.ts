/** The keyboard in the medicines' table, as in a spreadsheet. Tab and Shift+Tab go from cell to cell without our help. */

import type { Cell } from './editor-cell.ts';
import type { Row } from './editor-row.ts';
import { FIELDS, type Field } from './fields.ts';

export type Shortcut =
  /** To another row: the same column, or the one in which a run of Tabs began. */
  | { readonly name: 'enter'; readonly by: -1 | 1 }
  | { readonly name: 'go'; readonly rows: -1 | 0 | 1; readonly columns: -1 | 0 | 1 }
  | { readonly name: 'move'; readonly by: -1 | 1 }
  | { readonly name: 'delete' }
  /** Takes the first proposal of the row. */
  | { readonly name: 'propose' }
  /** Brings back what the cell said when it got the focus. */
  | { readonly name: 'revert' }
  | { readonly name: 'undo' };

/** By the key and its modifiers: C for Ctrl or Command, A for Alt, S for Shift. */
const SHORTCUTS: Readonly<Record<string, Shortcut>> = {
  Enter: { name: 'enter', by: 1 },
  'S-Enter': { name: 'enter', by: -1 },
  'A-Enter': { name: 'propose' },
  Escape: { name: 'revert' },
  'C-ArrowUp': { name: 'go', rows: -1, columns: 0 },
  'C-ArrowDown': { name: 'go', rows: 1, columns: 0 },
  'A-ArrowUp': { name: 'move', by: -1 },
  'A-ArrowDown': { name: 'move', by: 1 },
  'C-Backspace': { name: 'delete' },
  'CS-Backspace': { name: 'delete' },
  'C-z': { name: 'undo' },
};

/**
 * The shortcut that a key press is, or null when the cell handles the key itself. Ctrl+Backspace deletes a word in every browser, so it deletes
 * the row only from an empty cell; with Shift it always does.
 */
export function shortcutOf(event: KeyboardEvent, cell: Cell): Shortcut | null {
  if (event.isComposing) return null;
  const modifiers = [
    event.ctrlKey || event.metaKey ? 'C' : '',
    event.altKey ? 'A' : '',
    event.shiftKey ? 'S' : '',
  ].join('');
  const chord = modifiers === '' ? event.key : `${modifiers}-${event.key}`;
  if (chord === 'C-Backspace' && cell.value !== '') return null;
  return SHORTCUTS[chord] ?? arrowOf(chord, cell);
}

/** An arrow key that has no further to go in the text of the cell. A text that is selected as a whole is no obstacle. */
function arrowOf(key: string, cell: Cell): Shortcut | null {
  const { selectionStart: start, selectionEnd: end, value } = cell;
  const edges = { atStart: start === 0, atEnd: end === value.length };
  if (start !== end && !(edges.atStart && edges.atEnd)) return null;
  if (key === 'ArrowUp') return edges.atStart || isOneLine(cell) ? { name: 'go', rows: -1, columns: 0 } : null;
  if (key === 'ArrowDown') return edges.atEnd || isOneLine(cell) ? { name: 'go', rows: 1, columns: 0 } : null;
  return key === 'ArrowLeft' || key === 'ArrowRight' ? sideways(key, cell, edges) : null;
}

/** Left and right as they are seen: the text of a cell and the table may each run in another direction. */
function sideways(
  key: 'ArrowLeft' | 'ArrowRight',
  cell: Cell,
  { atStart, atEnd }: { atStart: boolean; atEnd: boolean },
): Shortcut | null {
  const forward = key === 'ArrowRight' ? 'ltr' : 'rtl';
  const isAtEdge = directionOf(cell) === forward ? atEnd : atStart;
  const isNext = directionOf(cell.closest('table') ?? cell) === forward;
  return isAtEdge ? { name: 'go', rows: 0, columns: isNext ? 1 : -1 } : null;
}

function isOneLine(cell: Cell): boolean {
  const { lineHeight, paddingTop, paddingBottom } = getComputedStyle(cell);
  const text = cell.scrollHeight - Number.parseFloat(paddingTop) - Number.parseFloat(paddingBottom);
  return text < 2 * Number.parseFloat(lineHeight);
}

function directionOf(element: Element): string {
  return getComputedStyle(element).direction;
}

/** Where a run of Tabs began: Enter goes back to that column, one row down. */
export class TabRun {
  #began: Field | null = null;

  tab(from: Field, backwards: boolean): void {
    if (backwards) return this.stop();
    // After the last cell it goes on with the first one of the next row.
    this.#began = from === FIELDS.at(-1) ? FIELDS[0] : (this.#began ?? from);
  }

  stop(): void {
    this.#began = null;
  }

  /** The column in the next row after Enter in the column `at`. */
  columnAfter(at: Field): Field {
    const column = this.#began ?? (at === FIELDS.at(-1) ? FIELDS[0] : at);
    this.stop();
    return column;
  }
}

export function fieldOf(cell: Cell): Field {
  return FIELDS.find((field) => field === cell.dataset['field']) ?? 'name';
}

export function focusCell(row: Row | undefined, field: Field | undefined): void {
  if (row === undefined || field === undefined) return;
  row.inputs[field].focus();
  row.inputs[field].select();
}
