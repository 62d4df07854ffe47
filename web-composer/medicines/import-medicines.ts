/** Medicines from outside: pasted, dropped or from a file. */
import type { ComposerStrings } from '../ui/strings.ts';
import type { Row } from './editor-row.ts';
import type { Rows } from './editor-rows.ts';
import { FIELDS, type Field, join } from './fields.ts';
import type { NotUnderstood } from './import/fhir/read-fhir.ts';
import { type Choice, IMPORT_MAX, type Import, looksLikePrescription, readImport } from './import/read-import.ts';
import type { ImportNotice } from './import-notice.ts';

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

  const last = (): Row | undefined => rows.all().at(-1);
  const insertImport = (read: Import, before: Row): Row[] => {
    const byName = ({ what, why }: Choice): NotUnderstood => ({ what, why });
    const named = [...read.choices.map(byName), ...read.refused];
    const done = rows.insert(
      before,
      read.rows.map(
        ({ cells }) =>
          (row: Row) =>
            row.write(cells),
      ),
    );
    const count = done.rows.length;
    const summary = count === 0 ? strings.t('medicines.addedNone') : strings.t('medicines.added', { count });
    const list = named.length === 0 ? '' : strings.t('medicines.notTaken');
    notice.show(
      join([withLeftOut(summary, read.rows.length, count), list], ' '),
      count === 0 ? null : done.undo,
      named,
    );
    if (count > 0) changed();
    return done.rows;
  };

  return {
    paste(text, row, field) {
      const isOneText = !/[\t\n\r]/.test(text.trim()) && !looksLikePrescription(text);
      if (isOneText && (field !== 'name' || row.medicine() !== null)) return false;
      const read = readImport(text, strings);
      const saysMore = read.rows.some(({ cells }) => FIELDS.some((each) => each !== 'name' && cells[each] !== ''));
      if (isOneText && !saysMore) return false;
      const places = rows.all();
      const before = row.medicine() === null ? row : (places[places.indexOf(row) + 1] ?? row);
      insertImport(read, before).at(-1)?.inputs[field].focus();
      return true;
    },
    importText(text) {
      const before = last();
      if (before !== undefined && text.trim() !== '') insertImport(readImport(text, strings), before);
    },
    async importFile(file) {
      const refuse = (why: 'too-large' | 'not-text'): void =>
        notice.show(strings.t('medicines.addedNone'), null, [{ what: file.name, why }]);
      if (file.size > IMPORT_MAX) return refuse('too-large');
      const text = await file.text().catch(() => null);
      if (text === null || text.includes('\0')) return refuse('not-text');
      this.importText(text);
    },
  };
}
