/** Medicines from outside: pasted, dropped or from a file. */
import type { ComposerStrings } from '../ui/strings.ts';
import type { Row } from './editor-row.ts';
import type { Rows } from './editor-rows.ts';
import { type Cells, type Field, join, oneLine } from './fields.ts';
import { FHIR_MAX, looksLikeFhir } from './import/fhir/read-fhir.ts';
import { cellsFrom, type Pasted, parseOneLine, parsePasted, rowsFrom } from './import/paste.ts';
import { readImport } from './import/read-import.ts';
import type { ImportNotice } from './import-notice.ts';
import { readRow } from './reading/read-row.ts';

export interface Imports {
  /** Imports a text pasted into a cell; false when the cell itself should take the text. */
  paste(text: string, row: Row, field: Field): boolean;
  importText(text: string): void;
  importFile(file: File): Promise<void>;
}

/** `changed` is called after the rows changed. None of these removes anything from the table. */
export function createImports(
  strings: ComposerStrings,
  rows: Rows,
  notice: ImportNotice,
  changed: () => void,
): Imports {
  const withLeftOut = (text: string, wanted: number, got: number): string =>
    join([text, wanted > got ? strings.t('medicines.leftOut', { count: wanted - got }) : ''], ' ');

  const insertCells = (lines: readonly Partial<Cells>[], before: Row): Row[] => {
    const done = rows.insert(
      before,
      lines.map((line) => (row: Row) => row.write(line)),
    );
    const count = done.rows.length;
    const summary = count === 0 ? strings.t('medicines.addedNone') : strings.t('medicines.added', { count });
    notice.show(withLeftOut(summary, lines.length, count), done.undo);
    changed();
    return done.rows;
  };
  const last = (): Row | undefined => rows.all().at(-1);
  const importFhir = (text: string): void => {
    const result = readImport(text, strings);
    const before = last();
    if (before === undefined) return;
    const medicines = result.rows.flatMap((row) => readRow(row.cells, row, strings)?.medicine ?? []);
    const done = rows.insert(
      before,
      medicines.map((medicine) => (row: Row) => row.setMedicine(medicine)),
    );
    const count = done.rows.length;
    const summary = count === 0 ? strings.t('medicines.addedNone') : strings.t('medicines.added', { count });
    const left = [...result.choices, ...result.refused];
    const list = left.length === 0 ? '' : strings.t('medicines.notTaken');
    notice.show(join([withLeftOut(summary, medicines.length, count), list], ' '), count === 0 ? null : done.undo, left);
    if (count > 0) changed();
  };
  const fill = (cells: readonly (readonly string[])[], row: Row, field: Field): void => {
    const lines = field === 'name' ? rowsFrom(cells) : cells.map((line) => cellsFrom(line, field));
    const done = rows.fill(row, lines);
    const count = done.rows.length;
    notice.show(withLeftOut(strings.t('medicines.filled', { count }), lines.length, count), done.undo);
    changed();
  };
  const pasteLines = (lines: readonly Partial<Cells>[], row: Row, field: Field): void => {
    const places = rows.all();
    const before = row.medicine() === null ? row : (places[places.indexOf(row) + 1] ?? row);
    insertCells(lines, before).at(-1)?.inputs[field].focus();
  };

  const importRows = (pasted: Pasted, text: string, row: Row, field: Field): boolean => {
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
      if (looksLikeFhir(text)) importFhir(text);
      else return importRows(parsePasted(text), text, row, field);
      return true;
    },
    importText(text) {
      const before = last();
      if (looksLikeFhir(text) || /^\s*[[{<]/.test(text)) importFhir(text);
      else if (before !== undefined && text.trim() !== '') insertCells(linesOf(text), before);
    },
    async importFile(file) {
      const refuse = (why: 'too-large' | 'not-text'): void =>
        notice.show(strings.t('medicines.addedNone'), null, [{ what: file.name, why }]);
      if (file.size > FHIR_MAX) return refuse('too-large');
      const text = await file.text().catch(() => null);
      if (text === null || text.includes('\0')) return refuse('not-text');
      this.importText(text);
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
