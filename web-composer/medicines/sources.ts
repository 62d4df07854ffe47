/** Medicines from outside: pasted, dropped or from a file. */
import type { ComposerWords } from '../ui/strings.ts';
import { FHIR_MAX, looksLikeFhir, readFhir } from './fhir.ts';
import { type Cells, type Field, join, oneLine } from './fields.ts';
import type { Notice } from './notice.ts';
import { cellsFrom, type Pasted, parseOneLine, parsePasted, rowsFrom } from './pasted.ts';
import type { Row } from './row.ts';
import type { Rows } from './rows.ts';

export interface Sources {
  /** Takes a text pasted into a cell; false when the cell should take it as it is. */
  paste(text: string, row: Row, field: Field): boolean;
  /** Adds the medicines of a text at the end. */
  takeText(text: string): void;
  takeFile(file: File): Promise<void>;
}

/** `changed` is told after the rows changed. Nothing that is in the table is lost by any of these. */
export function createSources(words: ComposerWords, rows: Rows, notice: Notice, changed: () => void): Sources {
  const told = (text: string, wanted: number, got: number): string =>
    join([text, wanted > got ? words.t('medicines.leftOut', { count: wanted - got }) : ''], ' ');

  const insertCells = (lines: readonly Partial<Cells>[], before: Row): Row[] => {
    const done = rows.insert(
      before,
      lines.map((line) => (row: Row) => row.write(line)),
    );
    const count = done.rows.length;
    const said = count === 0 ? words.t('medicines.addedNone') : words.t('medicines.added', { count });
    notice.show(told(said, lines.length, count), done.undo);
    changed();
    return done.rows;
  };
  const last = (): Row | undefined => rows.all().at(-1);
  const takeFhir = (text: string): void => {
    const result = readFhir(text, words);
    const before = last();
    if (before === undefined) return;
    const done = rows.insert(
      before,
      result.medicines.map((medicine) => (row: Row) => row.take(medicine)),
    );
    const count = done.rows.length;
    const said = count === 0 ? words.t('medicines.addedNone') : words.t('medicines.added', { count });
    const list = result.notUnderstood.length === 0 ? '' : words.t('medicines.notTaken');
    notice.show(
      join([told(said, result.medicines.length, count), list], ' '),
      count === 0 ? null : done.undo,
      result.notUnderstood,
    );
    if (count > 0) changed();
  };
  const fill = (cells: readonly (readonly string[])[], row: Row, field: Field): void => {
    const lines = field === 'name' ? rowsFrom(cells) : cells.map((line) => cellsFrom(line, field));
    const done = rows.fill(row, lines);
    const count = done.rows.length;
    notice.show(told(words.t('medicines.filled', { count }), lines.length, count), done.undo);
    changed();
  };
  const pasteLines = (lines: readonly Partial<Cells>[], row: Row, field: Field): void => {
    const places = rows.all();
    const before = row.medicine() === null ? row : (places[places.indexOf(row) + 1] ?? row);
    insertCells(lines, before).at(-1)?.inputs[field].focus();
  };

  const takeRows = (pasted: Pasted, text: string, row: Row, field: Field): boolean => {
    if (pasted.kind === 'cells') fill(pasted.cells, row, field);
    else if (pasted.kind === 'rows') pasteLines(pasted.rows, row, field);
    else {
      const one = field === 'name' && row.medicine() === null ? parseOneLine(text) : null;
      if (one === null) return false;
      pasteLines([one], row, field);
    }
    return true;
  };

  return {
    paste(text, row, field) {
      if (looksLikeFhir(text)) takeFhir(text);
      else return takeRows(parsePasted(text), text, row, field);
      return true;
    },
    takeText(text) {
      const before = last();
      if (looksLikeFhir(text) || /^\s*[[{<]/.test(text)) takeFhir(text);
      else if (before !== undefined && text.trim() !== '') insertCells(linesOf(text), before);
    },
    async takeFile(file) {
      const refuse = (why: 'too-large' | 'not-text'): void =>
        notice.show(words.t('medicines.addedNone'), null, [{ what: file.name, why }]);
      if (file.size > FHIR_MAX) return refuse('too-large');
      const text = await file.text().catch(() => null);
      if (text === null || text.includes('\0')) return refuse('not-text');
      this.takeText(text);
    },
  };
}

/** Every row of a text, whatever its kind. */
function linesOf(text: string): Partial<Cells>[] {
  const pasted = parsePasted(text);
  if (pasted.kind === 'rows') return [...pasted.rows];
  if (pasted.kind === 'cells') return rowsFrom(pasted.cells);
  return [parseOneLine(text) ?? { name: oneLine(text) }];
}
