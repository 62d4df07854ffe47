/** The editor for a list of medicines: a table that is quick with the keyboard alone. */
import type { Medicine } from '../../src/protocol/note.ts';
import { createLabels } from '../../web-shared/i18n/strings.ts';
import { button, el, setShown, setText } from '../../web-shared/ui/dom.ts';
import { attention, icon } from '../../web-shared/ui/icons.ts';
import type { ComposerStrings } from '../ui/strings.ts';
import { type Cell, isCell, setCell } from './editor-cell.ts';
import type { Row, RowActions } from './editor-row.ts';
import { createRows } from './editor-rows.ts';
import { type Cells, FIELDS, type Field } from './fields.ts';
import { createImports } from './import-medicines.ts';
import { createImportNotice } from './import-notice.ts';
import { fieldOf, focusCell, type Shortcut, shortcutOf, TabRun } from './keyboard.ts';
import { createPatientPreview } from './patient-preview.ts';

/** A medicine that a reader asks about, by its index in the list, and the id of the sentence that says so. */
export interface AskedMedicine {
  readonly index: number;
  readonly id: string;
}

export interface MedicinesEditor {
  readonly element: HTMLElement;
  /** Replaces the list; `changed` is not called. */
  set(medicines: readonly Medicine[]): void;
  /** Appends the medicines of a text, such as a FHIR file, and shows what was not understood; with an undo. */
  importText(text: string): void;
  /** The list as the patient gets it; blank rows do not count. */
  medicines(): readonly Medicine[];
  /** How many rows the doctor has to look at. */
  toCheck(): number;
  /** Marks the rows that readers ask about, and no others. */
  setAsked(asked: readonly AskedMedicine[]): void;
  goTo(index: number): void;
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
  const notifyChanged = (): void => {
    drawAround();
    changed(rows.medicines());
  };
  const notice = createImportNotice(strings, () => notifyChanged());
  const rows = createRows(strings, table, {
    remove: (row) => remove(row),
    propose: (row, proposal) => propose(row, proposal),
    check: (row) => check(row),
  } satisfies RowActions);
  const imports = createImports(strings, rows, notice, () => {
    notifyChanged();
    sayToCheck();
  });
  const preview = createPatientPreview(strings, `${table}-preview`);
  const toCheckText = document.createTextNode('');
  const toCheck = button('med-check', [icon(attention), toCheckText], () => goToMark());

  const picker = el('input', {
    type: 'file',
    accept:
      '.json,.ndjson,.xml,.csv,.tsv,.txt,application/json,application/fhir+json,application/xml,text/xml,application/fhir+xml,text/csv',
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
      el('div', { class: 'med-title' }, el('h2', { id: `${table}-title` }, labels.text('medicines.title')), toCheck),
      el('div', { class: 'med-import' }, el('span', { class: 'hint' }, labels.text('medicines.importHint')), choose),
    ),
    how,
    el(
      'div',
      { class: 'med-body' },
      el(
        'div',
        { class: 'med-list' },
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
      ),
      preview.element,
    ),
    notice.element,
    el('p', { class: 'med-drop', 'aria-hidden': 'true' }, labels.text('medicines.drop')),
    picker,
  );

  let saidToCheck = 0;
  function drawAround(): void {
    const count = rows.marked().length;
    setShown(toCheck, count > 0);
    setText(toCheckText, strings.t('medicines.toCheck', { count }));
    if (count === 0) saidToCheck = 0;
    preview.update(rows.medicines());
  }
  /** Said when it is a new number: after an import, and when a cell is left. */
  function sayToCheck(): void {
    const count = rows.marked().length;
    if (count === saidToCheck) return;
    saidToCheck = count;
    if (count > 0) notice.say(strings.t('medicines.toCheck', { count }));
  }
  function goToMark(): void {
    const [row] = rows.marked();
    row?.element.scrollIntoView({ block: 'nearest' });
    focusCell(row, row?.marks()[0]?.field);
  }
  function numberOf(row: Row): number {
    return rows.all().indexOf(row) + 1;
  }
  function remove(row: Row): void {
    const index = rows.all().indexOf(row);
    const field = isCell(document.activeElement) ? fieldOf(document.activeElement) : 'name';
    if (row.medicine() === null && index === rows.all().length - 1) return;
    const undo = rows.remove(row);
    notice.show(strings.t('medicines.deleted', { row: index + 1 }), undo);
    focusCell(rows.all()[index], field);
    notifyChanged();
  }
  function propose(row: Row, proposal: Partial<Cells>): void {
    const before = row.cells();
    row.write(proposal);
    typedSince = false;
    notice.show(strings.t('medicines.written', { row: numberOf(row) }), () => row.write(before));
    if (!row.element.contains(document.activeElement) || !isCell(document.activeElement)) {
      row.inputs[FIELDS.find((field) => proposal[field] !== undefined) ?? 'name'].focus();
    }
    notifyChanged();
  }
  function check(row: Row): void {
    const field = row.marks().find(({ reason }) => reason === 'not-in-row')?.field ?? 'name';
    const undo = row.setChecked();
    typedSince = false;
    notice.show(strings.t('medicines.checked', { row: numberOf(row) }), undo);
    if (!isCell(document.activeElement)) row.inputs[field].focus();
    notifyChanged();
  }
  /** What settles the first mark of a row that can be settled. */
  function settle(row: Row): void {
    const proposal = row.marks().find((mark) => mark.proposal !== null)?.proposal ?? null;
    if (proposal !== null) propose(row, proposal);
    else if (row.marks().some(({ reason }) => reason === 'not-in-row')) check(row);
  }

  const tabs = new TabRun();
  const go = (row: Row, by: number, field: Field | undefined): void =>
    focusCell(rows.all()[rows.all().indexOf(row) + by], field);
  const run = (shortcut: Shortcut, row: Row, cell: Cell): void => {
    const field = fieldOf(cell);
    switch (shortcut.name) {
      case 'enter':
        go(row, shortcut.by, shortcut.by === 1 ? tabs.columnAfter(field) : field);
        break;
      case 'go':
        tabs.stop();
        go(row, shortcut.rows, FIELDS[FIELDS.indexOf(field) + shortcut.columns]);
        break;
      case 'move':
        if (!rows.move(row, shortcut.by)) break;
        notice.say(strings.t('medicines.moved', { row: numberOf(row) }));
        notifyChanged();
        break;
      case 'delete':
        remove(row);
        break;
      case 'propose':
        settle(row);
        break;
      case 'revert':
        setCell(cell, focusedText);
        row.read();
        notifyChanged();
        break;
      case 'undo':
        notice.undo();
        break;
    }
  };
  const cellOf = (target: EventTarget | null): { row: Row; cell: Cell } | null => {
    const row = isCell(target) ? rows.of(target) : undefined;
    return isCell(target) && row !== undefined ? { row, cell: target } : null;
  };

  let typedSince = false;
  /** What the cell with the focus said when it got it. */
  let focusedText = '';
  rows.body.addEventListener('focusin', (event) => {
    if (isCell(event.target)) focusedText = event.target.value;
  });
  rows.body.addEventListener('pointerdown', () => tabs.stop());
  rows.body.addEventListener('change', sayToCheck);
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
    if (at === null) return;
    if (event.key === 'Tab') tabs.tab(fieldOf(at.cell), event.shiftKey);
    const shortcut = shortcutOf(event, at.cell);
    if (shortcut === null) return;
    // What was typed since is the browser's to undo.
    if (shortcut.name === 'undo' && (typedSince || !notice.canUndo())) return;
    event.preventDefault();
    if (!['enter', 'go', 'revert'].includes(shortcut.name)) typedSince = false;
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
  drawAround();

  return {
    element,
    set(medicines) {
      notice.clear();
      rows.set(medicines);
      drawAround();
    },
    importText(text) {
      typedSince = false;
      imports.importText(text);
    },
    medicines: () => rows.medicines(),
    toCheck: () => rows.marked().length,
    setAsked(asked) {
      const listed = rows.listed();
      for (const row of rows.all()) row.setQuestion(asked.find(({ index }) => listed[index] === row)?.id ?? null);
    },
    goTo(index) {
      const row = rows.listed()[index];
      row?.element.scrollIntoView({ block: 'nearest' });
      row?.inputs.name.focus();
    },
    focus: () => (rows.all().find((row) => row.medicine() === null) ?? rows.all().at(-1))?.inputs.name.focus(),
    wipe() {
      for (const row of rows.all()) for (const field of FIELDS) row.inputs[field].value = '';
      notice.clear();
      rows.set([]);
      focusedText = '';
      drawAround();
      preview.wipe();
    },
    draw() {
      labels.draw();
      rows.draw();
      notice.draw();
      preview.draw();
      drawAround();
    },
  };
}

/** Text or a file dropped anywhere on the element; while it is held over it, the element says so. */
function listenForDrops(element: HTMLElement, drop: (data: DataTransfer) => void): void {
  const over = (event: DragEvent, is: boolean): void => {
    const into = isCell(event.target) && !event.dataTransfer?.types.includes('Files');
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
