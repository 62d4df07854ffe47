/** One row of the medicines' table: six inputs, and a hint at what the patient will see. */
import { FIELD_MAX, type Medicine } from '../../src/protocol/note.ts';
import { button, el, setAttribute, setShown, setText } from '../../web-shared/ui/dom.ts';
import type { ComposerStrings } from '../ui/strings.ts';
import { type Cells, EMPTY_CELLS, FIELDS, type Field, isBlank, takenAt } from './fields.ts';
import { planFrom, readWhen, sayPlan, writeWhen } from './reading/dose-schedule.ts';

export interface Row {
  readonly element: HTMLTableRowElement;
  readonly inputs: Readonly<Record<Field, HTMLInputElement>>;
  cells(): Cells;
  medicine(): Medicine | null;
  /** Reads the inputs again, after something was typed. */
  read(): void;
  write(cells: Partial<Cells>): void;
  setMedicine(medicine: Medicine): void;
  setNumber(number: number): void;
  draw(): void;
}

export interface RowProps {
  readonly strings: ComposerStrings;
  /** Unique in the page; the ids of the columns' headings are `${table}-${field}`. */
  readonly table: string;
  readonly id: string;
  remove(row: Row): void;
}

/** Browsers send what is typed to a service for spelling and writing help, so both are off. */
const NO_ASSISTANCE = {
  autocomplete: 'off',
  autocapitalize: 'off',
  autocorrect: 'off',
  spellcheck: 'false',
  writingsuggestions: 'false',
};

export function createRow({ strings, table, id, remove }: RowProps): Row {
  const number = el('th', { scope: 'row', role: 'rowheader', class: 'med-number', id });
  const seen = el('span', { class: 'hint med-seen', id: `${id}-seen` });
  seen.hidden = true;
  const input = (field: Field): HTMLInputElement =>
    el('input', {
      class: 'med-input',
      'data-field': field,
      'aria-labelledby': `${table}-${field} ${id}`,
      'aria-describedby': field === 'when' ? seen.id : undefined,
      maxlength: String(FIELD_MAX),
      dir: 'auto',
      translate: 'no',
      'data-gramm': 'false',
      enterkeyhint: 'next',
      ...NO_ASSISTANCE,
    });
  const inputs: Record<Field, HTMLInputElement> = {
    name: input('name'),
    strength: input('strength'),
    dose: input('dose'),
    when: input('when'),
    duration: input('duration'),
    remarks: input('remarks'),
  };
  const deleteButton = button('med-delete', [], () => remove(row));
  deleteButton.id = `${id}-delete`;
  // By keyboard a row goes with Ctrl, Shift and Backspace, so that Tab leads from cell to cell.
  deleteButton.tabIndex = -1;
  setAttribute(deleteButton, 'aria-labelledby', `${deleteButton.id} ${id}`);
  const cell = (field: Field): HTMLTableCellElement =>
    el('td', { role: 'cell', 'data-field': field }, inputs[field], ...(field === 'when' ? [seen] : []));
  const boxes = FIELDS.map(cell);
  const element = el(
    'tr',
    { role: 'row', class: 'med-row' },
    number,
    ...boxes,
    el('td', { role: 'cell' }, deleteButton),
  );

  let current: Medicine | null = null;
  /** A medicine from elsewhere keeps its plan for as long as its "When" is not touched. */
  let imported: { text: string; plan: Medicine['plan']; when: string } | null = null;

  const cells = (): Cells => ({
    name: inputs.name.value,
    strength: inputs.strength.value,
    dose: inputs.dose.value,
    when: inputs.when.value,
    duration: inputs.duration.value,
    remarks: inputs.remarks.value,
  });
  const showSeen = (): void => {
    const hasPlan = current !== null && (current.when !== '' || takenAt(current.plan).length > 0);
    setText(seen, hasPlan && current !== null ? seenText(current, strings) : '');
    setShown(seen, hasPlan);
  };
  const read = (): void => {
    const typed = cells();
    current = isBlank(typed) ? null : medicineFrom(typed, imported?.text === typed.when ? imported : null);
    showSeen();
  };
  const write = (written: Partial<Cells>): void => {
    for (const field of FIELDS) {
      const text = written[field];
      if (text !== undefined) inputs[field].value = text;
    }
    read();
  };

  const row: Row = {
    element,
    inputs,
    cells,
    medicine: () => current,
    read,
    write,
    setMedicine(medicine) {
      const { plan, when } = medicine;
      imported = { text: writeWhen(medicine, strings), plan, when };
      write({ ...EMPTY_CELLS, ...medicine, when: imported.text });
      // A browser that changed the text, as by cutting a line break, is believed.
      imported.text = inputs.when.value;
      read();
    },
    setNumber: (value) => setText(number, strings.number(value)),
    draw() {
      for (const box of boxes) {
        const field = FIELDS.find((each) => each === box.dataset['field']);
        if (field !== undefined) setAttribute(box, 'data-label', strings.t(`medicines.${field}`));
      }
      setText(deleteButton, strings.t('medicines.delete'));
      showSeen();
    },
  };
  row.draw();
  return row;
}

function medicineFrom(cells: Cells, imported: Pick<Medicine, 'plan' | 'when'> | null): Medicine {
  const { name, strength, dose, when, duration, remarks } = cells;
  const { plan, when: rest } = imported ?? planFrom(readWhen(when), dose);
  return {
    name: name.trim(),
    strength: strength.trim(),
    dose: dose.trim(),
    plan,
    when: rest,
    duration: duration.trim(),
    remarks: remarks.trim(),
  };
}

function seenText({ plan, when }: Medicine, strings: ComposerStrings): string {
  if (takenAt(plan).length === 0) return strings.t('medicines.seenOther');
  const planText = sayPlan(plan, strings);
  return strings.t('medicines.seen', { plan: when === '' ? planText : `${planText} · ${when}` });
}
