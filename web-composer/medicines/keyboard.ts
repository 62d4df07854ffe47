/** Keyboard shortcuts of the medicines' table. Tab and Shift+Tab go from cell to cell without our help. */

import type { Row } from './editor-row.ts';
import { FIELDS, type Field } from './fields.ts';

export type Shortcut =
  | { readonly name: 'go'; readonly by: -1 | 1 }
  | { readonly name: 'move'; readonly by: -1 | 1 }
  | { readonly name: 'delete' }
  | { readonly name: 'undo' };

/** By the key and its modifiers: C for Ctrl or Command, A for Alt, S for Shift. */
const SHORTCUTS: Readonly<Record<string, Shortcut>> = {
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
 * The shortcut that a key press is, or null when the input handles the key itself. Ctrl+Backspace deletes a word in every browser, so it deletes
 * the row only from an empty cell; with Shift it always does.
 */
export function shortcutOf(event: KeyboardEvent, cell: HTMLInputElement): Shortcut | null {
  if (event.isComposing) return null;
  const modifiers = [
    event.ctrlKey || event.metaKey ? 'C' : '',
    event.altKey ? 'A' : '',
    event.shiftKey ? 'S' : '',
  ].join('');
  const chord = modifiers === '' ? event.key : `${modifiers}-${event.key}`;
  if (chord === 'C-Backspace' && cell.value !== '') return null;
  return SHORTCUTS[chord] ?? null;
}

export function fieldOf(cell: HTMLInputElement): Field {
  return FIELDS.find((field) => field === cell.dataset['field']) ?? 'name';
}

export function focusCell(row: Row | undefined, field: Field): void {
  row?.inputs[field].focus();
  row?.inputs[field].select();
}
