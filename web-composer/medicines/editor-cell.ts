/** A cell of the medicines' table: one line of text, which wraps so that all of it can be seen. */
import { el } from '../../web-shared/ui/dom.ts';

export type Cell = HTMLTextAreaElement;

/** Browsers send what is typed to a service for spelling and writing help, so both are off. */
const NO_ASSISTANCE = {
  autocomplete: 'off',
  autocapitalize: 'off',
  autocorrect: 'off',
  spellcheck: 'false',
  writingsuggestions: 'false',
};

export function createCell(attributes: Readonly<Record<string, string>>): Cell {
  const cell = el('textarea', {
    class: 'med-input',
    rows: '1',
    dir: 'auto',
    translate: 'no',
    'data-gramm': 'false',
    enterkeyhint: 'next',
    ...NO_ASSISTANCE,
    ...attributes,
  });
  cell.addEventListener('beforeinput', (event) => {
    if (event.inputType === 'insertLineBreak' || event.inputType === 'insertParagraph') event.preventDefault();
  });
  // Text that was dropped or dictated may hold breaks.
  cell.addEventListener('input', () => {
    if (!/[\r\n]/.test(cell.value)) return;
    const at = cell.selectionEnd;
    setCell(cell, cell.value);
    cell.setSelectionRange(at, at);
  });
  if (!CSS.supports('field-sizing', 'content')) for (const when of ['focus', 'input']) growOn(cell, when);
  return cell;
}

/** Writes a text as one line. */
export function setCell(cell: Cell, text: string): void {
  const line = text.replace(/[\r\n]/g, ' ');
  if (cell.value !== line) cell.value = line;
}

export function isCell(target: EventTarget | null): target is Cell {
  return target instanceof HTMLTextAreaElement;
}

/** For browsers that do not fit a field to its text by themselves. */
function growOn(cell: Cell, event: string): void {
  cell.addEventListener(event, () => {
    cell.style.setProperty('height', 'auto');
    const borders = cell.offsetHeight - cell.clientHeight;
    cell.style.setProperty('height', `${cell.scrollHeight + borders}px`);
  });
}
