/** The editor for a list of medicines: a table that is quick with the keyboard alone. */
import type { Medicine } from '../../src/protocol/note.ts';
import { createLabels } from '../../web-shared/i18n/strings.ts';
import { button, el } from '../../web-shared/ui/dom.ts';
import type { ComposerStrings } from '../ui/strings.ts';
import type { Row } from './editor-row.ts';
import { createRows } from './editor-rows.ts';
import { FIELDS, fitToLimits } from './fields.ts';
import { createImports } from './import-medicines.ts';
import { createImportNotice } from './import-notice.ts';
import { fieldOf, focusCell, type Shortcut, shortcutOf } from './keyboard.ts';

export interface MedicinesEditor {
  readonly element: HTMLElement;
  /** Replaces the list; `changed` is not called. */
  set(medicines: readonly Medicine[]): void;
  add(medicines: readonly Medicine[]): void;
  /** Appends the medicines of a text, such as a FHIR file, and shows what was not understood; with an undo. */
  importText(text: string): void;
  /** The list as the patient gets it; blank rows do not count. */
  medicines(): readonly Medicine[];
  focus(): void;
  /** Takes every text out of the page and forgets the undo. */
  wipe(): void;
  draw(): void;
}

export interface MedicinesEditorProps {
  readonly strings: ComposerStrings;
  /** The list changed by the doctor's hand, or by what was pasted, dropped or imported. */
  changed(medicines: readonly Medicine[]): void;
}

let editors = 0;

export function createMedicinesEditor({ strings, changed }: MedicinesEditorProps): MedicinesEditor {
  editors += 1;
  const table = `medicines-${editors}`;
  const labels = createLabels(strings);
  const notifyChanged = (): void => changed(rows.medicines());
  const notice = createImportNotice(strings, () => notifyChanged());
  const rows = createRows(strings, table, (row) => remove(row));
  const imports = createImports(strings, rows, notice, notifyChanged);

  const picker = el('input', {
    type: 'file',
    accept: '.json,.ndjson,.csv,.tsv,.txt,application/json,application/fhir+json,text/csv',
  });
  picker.hidden = true;
  const choose = button('med-small', [labels.text('medicines.import')], () => picker.click());
  const head = el(
    'tr',
    { role: 'row' },
    el(
      'th',
      { scope: 'col', role: 'columnheader', class: 'med-number' },
      el('span', { class: 'unseen' }, labels.text('medicines.row')),
    ),
    ...FIELDS.map((field) =>
      el('th', { scope: 'col', role: 'columnheader', id: `${table}-${field}` }, labels.text(`medicines.${field}`)),
    ),
    el(
      'th',
      { scope: 'col', role: 'columnheader', class: 'med-last' },
      el('span', { class: 'unseen' }, labels.text('medicines.delete')),
    ),
  );
  const how = el('p', { class: 'hint', id: `${table}-how` }, labels.text('medicines.how'));
  const element = el(
    'section',
    { class: 'medicines', 'aria-labelledby': `${table}-title` },
    el(
      'div',
      { class: 'med-head' },
      el('h2', { id: `${table}-title` }, labels.text('medicines.title')),
      el('div', { class: 'med-import' }, el('span', { class: 'hint' }, labels.text('medicines.importHint')), choose),
    ),
    how,
    el(
      'table',
      {
        role: 'table',
        class: 'med-table',
        'aria-labelledby': `${table}-title`,
        'aria-describedby': `${how.id} ${table}-keys`,
      },
      el('thead', { role: 'rowgroup' }, head),
      rows.body,
    ),
    el('p', { class: 'hint med-keys', id: `${table}-keys` }, labels.text('medicines.keys')),
    notice.element,
    el('p', { class: 'med-drop', 'aria-hidden': 'true' }, labels.text('medicines.drop')),
    picker,
  );

  const remove = (row: Row): void => {
    const index = rows.all().indexOf(row);
    const field = document.activeElement instanceof HTMLInputElement ? fieldOf(document.activeElement) : 'name';
    if (row.medicine() === null && index === rows.all().length - 1) return;
    const undo = rows.remove(row);
    notice.show(strings.t('medicines.deleted', { row: index + 1 }), undo);
    focusCell(rows.all()[index], field);
    notifyChanged();
  };
  const run = (shortcut: Shortcut, row: Row, cell: HTMLInputElement): void => {
    const index = rows.all().indexOf(row);
    switch (shortcut.name) {
      case 'go':
        focusCell(rows.all()[index + shortcut.by], fieldOf(cell));
        break;
      case 'move':
        if (!rows.move(row, shortcut.by)) break;
        notice.say(strings.t('medicines.moved', { row: index + shortcut.by + 1 }));
        notifyChanged();
        break;
      case 'delete':
        remove(row);
        break;
      case 'undo':
        notice.undo();
        break;
    }
  };
  const cellOf = (target: EventTarget | null): { row: Row; cell: HTMLInputElement } | null => {
    const row = target instanceof HTMLInputElement ? rows.of(target) : undefined;
    return target instanceof HTMLInputElement && row !== undefined ? { row, cell: target } : null;
  };

  let typedSince = false;
  rows.body.addEventListener('input', (event) => {
    const at = cellOf(event.target);
    if (at === null) return;
    typedSince = true;
    const wasBlank = at.row.medicine() === null;
    at.row.read();
    if (wasBlank) rows.ensureBlankRow();
    notifyChanged();
  });
  rows.body.addEventListener('keydown', (event) => {
    const at = cellOf(event.target);
    const shortcut = at === null ? null : shortcutOf(event, at.cell);
    if (at === null || shortcut === null) return;
    // What was typed since is the browser's to undo.
    if (shortcut.name === 'undo' && (typedSince || !notice.canUndo())) return;
    event.preventDefault();
    if (shortcut.name !== 'go') typedSince = false;
    run(shortcut, at.row, at.cell);
  });
  rows.body.addEventListener('paste', (event) => {
    const at = cellOf(event.target);
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (at === null || !imports.paste(text, at.row, fieldOf(at.cell))) return;
    typedSince = false;
    event.preventDefault();
  });
  picker.addEventListener('change', () => {
    const [file] = picker.files ?? [];
    typedSince = false;
    if (file !== undefined) void imports.importFile(file);
    picker.value = '';
  });
  listenForDrops(element, (data) => {
    const [file] = data.files;
    typedSince = false;
    if (file !== undefined) void imports.importFile(file);
    else imports.importText(data.getData('text/plain'));
  });
  rows.set([]);

  return {
    element,
    set(medicines) {
      notice.clear();
      rows.set(medicines);
    },
    add(medicines) {
      const end = rows.all().at(-1);
      if (end === undefined) return;
      const done = rows.insert(
        end,
        medicines.map((medicine) => (row: Row) => row.setMedicine(fitToLimits(medicine).medicine)),
      );
      typedSince = false;
      notice.show(strings.t('medicines.added', { count: done.rows.length }), done.undo);
      notifyChanged();
    },
    importText(text) {
      typedSince = false;
      imports.importText(text);
    },
    medicines: () => rows.medicines(),
    focus: () => (rows.all().find((row) => row.medicine() === null) ?? rows.all().at(-1))?.inputs.name.focus(),
    wipe() {
      for (const row of rows.all()) for (const field of FIELDS) row.inputs[field].value = '';
      notice.clear();
      rows.set([]);
    },
    draw() {
      labels.draw();
      rows.draw();
      notice.draw();
    },
  };
}

/** Text or a file dropped anywhere on the element; while it is held over it, the element says so. */
function listenForDrops(element: HTMLElement, drop: (data: DataTransfer) => void): void {
  const over = (event: DragEvent, is: boolean): void => {
    const into = event.target instanceof HTMLInputElement && !event.dataTransfer?.types.includes('Files');
    if (into) return;
    event.preventDefault();
    element.classList.toggle('dropping', is);
  };
  element.addEventListener('dragover', (event) => over(event, true));
  element.addEventListener('dragleave', (event) => over(event, false));
  element.addEventListener('drop', (event) => {
    over(event, false);
    if (event.defaultPrevented && event.dataTransfer !== null) drop(event.dataTransfer);
  });
}
