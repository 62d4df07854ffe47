/** The keyboard in the medicines' table. Tab and Shift+Tab go from cell to cell by themselves. */
import { FIELDS, type Field } from './fields.ts';
import type { Row } from './row.ts';

export type Stroke =
  | { readonly name: 'go'; readonly by: -1 | 1 }
  | { readonly name: 'move'; readonly by: -1 | 1 }
  | { readonly name: 'delete' }
  | { readonly name: 'undo' };

/** By the key and what is held with it: C for Ctrl or Command, A for Alt, S for Shift. */
const STROKES: Readonly<Record<string, Stroke>> = {
  Enter: { name: 'go', by: 1 },
  'S-Enter': { name: 'go', by: -1 },
  'C-ArrowUp': { name: 'go', by: -1 },
  'C-ArrowDown': { name: 'go', by: 1 },
  'A-ArrowUp': { name: 'move', by: -1 },
  'A-ArrowDown': { name: 'move', by: 1 },
  'C-Backspace': { name: 'delete' },
  'CS-Backspace': { name: 'delete' },
  'C-z': { name: 'undo' },
};

/**
 * What a key stands for, or null when it is the input's own. Ctrl+Backspace deletes a word in every browser, so it deletes
 * the row only from an empty cell; with Shift it always does.
 */
export function strokeOf(event: KeyboardEvent, cell: HTMLInputElement): Stroke | null {
  if (event.isComposing) return null;
  const held = [event.ctrlKey || event.metaKey ? 'C' : '', event.altKey ? 'A' : '', event.shiftKey ? 'S' : ''].join('');
  const chord = held === '' ? event.key : `${held}-${event.key}`;
  if (chord === 'C-Backspace' && cell.value !== '') return null;
  return STROKES[chord] ?? null;
}

/** The column of an input of the table. */
export function fieldOf(cell: HTMLInputElement): Field {
  return FIELDS.find((field) => field === cell.dataset['field']) ?? 'name';
}

export function focusCell(row: Row | undefined, field: Field): void {
  row?.inputs[field].focus();
  row?.inputs[field].select();
}
