/** Reads a row of the table: what the patient gets of it, and what the doctor has to look at. */
import type { Medicine } from '../../../src/protocol/note.ts';
import type { ComposerStrings } from '../../ui/strings.ts';
import { type Cells, FIELDS, type Field, isBlank, NO_PLAN, type Plan, takenAt } from '../fields.ts';
import { abbreviationMarks } from './abbreviations.ts';
import { readDose } from './dose.ts';
import { sayPlan } from './dose-schedule.ts';
import type { Readings } from './free-text.ts';
import { read } from './grammar/elements.ts';
import { toFit } from './limits.ts';
import type { ImportedRow, Mark, RowReading } from './row-reading.ts';
import { importedScheduleOf, type Row, scheduleOf } from './row-schedule.ts';

type Imported = Pick<ImportedRow, 'schedule' | 'unread'>;

/** Columns of which every word has to be understood before there is a plan: they must be whole as well. */
const STRICT: readonly Field[] = ['dose', 'when', 'duration'];

/**
 * `imported` is what an import knows of this row, for as long as the doctor has not changed what it depends on. Returns
 * null for a blank row. A row with a mark that forbids a plan has none: its "When" is then the whole text of the cell.
 */
export function readRow(cells: Cells, imported: Imported | null, strings: ComposerStrings): RowReading | null {
  if (isBlank(cells)) return null;
  const readings = readingsOf(cells);
  const row: Row = { cells, readings, dose: readDose(readings.dose) };
  const literal = literalWhen(cells, imported, strings);
  const said = imported?.schedule ? importedScheduleOf(row, imported.schedule, literal) : scheduleOf(row);
  const unread = (imported?.unread ?? []).map((words) => mark('not-in-row', 'when', words));
  const fitted = fittedCells(cells);
  const isWhole = fitted.marks.every(({ field }) => !STRICT.includes(field));
  const nameless = nameMarks(cells);
  const hasPlan = said.plan !== null && unread.length === 0 && isWhole && nameless.length === 0;
  const when = toFit(hasPlan ? said.when : literal);
  return {
    medicine: {
      ...fitted.cells,
      plan: fittedPlan(hasPlan && said.plan !== null ? said.plan : NO_PLAN),
      when: when.text,
    },
    marks: [...nameless, ...said.marks, ...fitted.marks, ...unread, ...abbreviationMarks(readings, strings)],
  };
}

function readingsOf(cells: Cells): Readings {
  const { name, strength, dose, when, duration, remarks } = cells;
  return {
    name: read(name),
    strength: read(strength),
    dose: read(dose),
    when: read(when),
    duration: read(duration),
    remarks: read(remarks),
  };
}

/** All that "When" says, in words: what the patient reads when there is no plan. */
function literalWhen(cells: Cells, imported: Imported | null, strings: ComposerStrings): string {
  const text = cells.when.trim();
  if (text !== '' || !imported?.schedule) return text;
  const { plan, when } = imported.schedule;
  return takenAt(plan).length === 0 ? when.trim() : `${sayPlan(plan, strings)} ${when}`.trim();
}

function nameMarks(cells: Cells): Mark[] {
  if (cells.name.trim() !== '') return [];
  const words = FIELDS.map((field) => cells[field].trim()).filter((text) => text !== '');
  return [mark('no-name', 'name', words.join(' '))];
}

function fittedCells(cells: Cells): { cells: Omit<Medicine, 'plan'>; marks: Mark[] } {
  const fits = FIELDS.map((field) => ({ field, ...toFit(cells[field].trim()) }));
  const text = (field: Field): string => fits.find((each) => each.field === field)?.text ?? '';
  return {
    cells: {
      name: text('name'),
      strength: text('strength'),
      dose: text('dose'),
      when: text('when'),
      duration: text('duration'),
      remarks: text('remarks'),
    },
    marks: fits.filter(({ cut }) => cut !== '').map(({ field, cut }) => mark('too-long', field, cut)),
  };
}

function fittedPlan({ morning, noon, evening, night }: Plan): Plan {
  return {
    morning: toFit(morning).text,
    noon: toFit(noon).text,
    evening: toFit(evening).text,
    night: toFit(night).text,
  };
}

function mark(reason: Mark['reason'], field: Field, words: string): Mark {
  return { reason, field, words, proposal: null };
}
