/** One row of the medicines' table: six cells, and below them what the doctor has to look at. */
import { DAY_TIMES, type DayTime, type Medicine } from '../../src/protocol/note.ts';
import { dayPlan, type PlanPart } from '../../web-shared/plan/day-plan.ts';
import { button, el, setAttribute, setText } from '../../web-shared/ui/dom.ts';
import type { ComposerStrings } from '../ui/strings.ts';
import { type Cell, createCell, setCell } from './editor-cell.ts';
import { type Cells, EMPTY_CELLS, FIELDS, type Field } from './fields.ts';
import { writeWhen } from './reading/dose-schedule.ts';
import { readRow } from './reading/read-row.ts';
import type { ImportedRow, Mark, RowReading } from './reading/row-reading.ts';
import { createRowMarks, type MarkActions } from './row-marks.ts';

export interface Row {
  readonly element: HTMLTableRowElement;
  readonly inputs: Readonly<Record<Field, Cell>>;
  cells(): Cells;
  /** What the patient gets of the row; null for a blank one. */
  medicine(): Medicine | null;
  marks(): readonly Mark[];
  /** Reads the cells again, after something was typed. */
  read(): void;
  write(cells: Partial<Cells>): void;
  setImported(row: ImportedRow): void;
  setMedicine(medicine: Medicine): void;
  /** The doctor has looked at what the import left out. Gives an undo. */
  setChecked(): () => void;
  setNumber(number: number): void;
  /** @param id of the sentence in which a reader asks about this medicine */
  setQuestion(id: string | null): void;
  draw(): void;
}

export interface RowActions {
  remove(row: Row): void;
  propose(row: Row, proposal: Partial<Cells>): void;
  check(row: Row): void;
}

export interface RowProps {
  readonly strings: ComposerStrings;
  /** Unique in the page; the ids of the columns' headings are `${table}-${field}`. */
  readonly table: string;
  readonly id: string;
  readonly actions: RowActions;
}

export function createRow({ strings, table, id, actions }: RowProps): Row {
  const number = el('th', { scope: 'row', role: 'rowheader', class: 'med-number', id });
  const seen = el('span', { class: 'unseen', id: `${id}-seen` });
  const input = (field: Field): Cell =>
    createCell({ 'data-field': field, 'aria-labelledby': `${table}-${field} ${id}` });
  const inputs: Record<Field, Cell> = {
    name: input('name'),
    strength: input('strength'),
    dose: input('dose'),
    when: input('when'),
    duration: input('duration'),
    remarks: input('remarks'),
  };
  const deleteButton = button('med-delete', [], () => actions.remove(row));
  deleteButton.id = `${id}-delete`;
  // By keyboard a row goes with Ctrl, Shift and Backspace, so that Tab leads from cell to cell.
  deleteButton.tabIndex = -1;
  setAttribute(deleteButton, 'aria-labelledby', `${deleteButton.id} ${id}`);
  const marks = createRowMarks(strings, id, {
    propose: (proposal) => actions.propose(row, proposal),
    check: () => actions.check(row),
  } satisfies MarkActions);
  const boxes = FIELDS.map((field) =>
    el('td', { role: 'cell', 'data-field': field }, inputs[field], ...(field === 'when' ? [seen] : [])),
  );
  const element = el(
    'tr',
    { role: 'row', class: 'med-row' },
    number,
    ...boxes,
    el('td', { role: 'cell', class: 'med-last' }, deleteButton),
    marks.element,
  );

  let reading: RowReading | null = null;
  let imported: ImportedRow | null = null;
  let question: string | null = null;

  const cells = (): Cells => ({
    name: inputs.name.value,
    strength: inputs.strength.value,
    dose: inputs.dose.value,
    when: inputs.when.value,
    duration: inputs.duration.value,
    remarks: inputs.remarks.value,
  });
  /** What an import knows holds for as long as its "When" and "Dose" stand; what it left out, until that is checked. */
  const known = (typed: Cells): Pick<ImportedRow, 'schedule' | 'unread'> | null => {
    if (imported === null) return null;
    const untouched = imported.cells.when === typed.when && imported.cells.dose === typed.dose;
    return { schedule: untouched ? imported.schedule : null, unread: imported.unread };
  };
  const describedBy = (field: Field): string[] => {
    const also = { name: question ?? '', when: seen.textContent === '' ? '' : seen.id };
    return [...marks.idsFor(field), field === 'name' || field === 'when' ? also[field] : ''].filter((id) => id !== '');
  };
  const show = (): void => {
    marks.update(reading?.marks ?? []);
    setText(seen, reading === null ? '' : seenText(reading.medicine, strings));
    for (const [place, field] of FIELDS.entries()) {
      boxes[place]?.classList.toggle('marked', marks.idsFor(field).length > 0);
      setAttribute(inputs[field], 'aria-describedby', describedBy(field).join(' ') || null);
    }
  };
  const read = (): void => {
    const typed = cells();
    reading = readRow(typed, known(typed), strings);
    if (reading === null) imported = null;
    show();
  };
  const write = (written: Partial<Cells>): void => {
    for (const field of FIELDS) {
      const text = written[field];
      if (text !== undefined) setCell(inputs[field], text);
    }
    read();
  };
  const setImported = (from: ImportedRow): void => {
    for (const field of FIELDS) setCell(inputs[field], from.cells[field]);
    // As the cells hold it: a line break became a space.
    imported = { ...from, cells: cells() };
    read();
  };

  const row: Row = {
    element,
    inputs,
    cells,
    medicine: () => reading?.medicine ?? null,
    marks: () => reading?.marks ?? [],
    read,
    write,
    setImported,
    setMedicine(medicine) {
      const { plan, when } = medicine;
      const texts = { ...EMPTY_CELLS, ...medicine, when: writeWhen(medicine, strings) };
      setImported({ cells: texts, schedule: null, unread: [] });
      // Where the cells alone would say something else, the medicine stays as it came.
      if (!saysTheSame(reading?.medicine, medicine))
        setImported({ cells: texts, schedule: { plan, when }, unread: [] });
    },
    setChecked() {
      const before = imported;
      if (before !== null) imported = { ...before, unread: [] };
      read();
      return () => {
        imported = before;
        read();
      };
    },
    setNumber: (value) => setText(number, strings.number(value)),
    setQuestion(asked) {
      if (asked === question) return;
      question = asked;
      element.classList.toggle('asked', asked !== null);
      show();
    },
    draw() {
      for (const [place, field] of FIELDS.entries()) {
        const box = boxes[place];
        if (box !== undefined) setAttribute(box, 'data-label', strings.t(`medicines.${field}`));
      }
      setText(deleteButton, strings.t('medicines.delete'));
      read();
    },
  };
  row.draw();
  return row;
}

function saysTheSame(read: Medicine | undefined, medicine: Medicine): boolean {
  return read?.when === medicine.when && DAY_TIMES.every((time) => read.plan[time] === medicine.plan[time]);
}

/** For screen readers, what the preview beside the list shows of this row. */
function seenText(medicine: Medicine, strings: ComposerStrings): string {
  const sections = dayPlan([medicine]);
  if (sections.some(({ part }) => part === 'otherTimes')) return strings.t('medicines.seenOther');
  const phrases = sections.flatMap(({ part, entries }) =>
    isDayTime(part) ? entries.map(({ amount }) => `${strings.t(`plan.${part}`)} ${amount}`.trim()) : [],
  );
  if (phrases.length === 0) return '';
  const plan = strings.list(phrases);
  return strings.t('medicines.seen', { plan: medicine.when === '' ? plan : `${plan} · ${medicine.when}` });
}

function isDayTime(part: PlanPart): part is DayTime {
  return DAY_TIMES.some((time) => time === part);
}
