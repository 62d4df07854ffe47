/** Medicines from outside: pasted, dropped or from a file. */
import Papa from 'papaparse';
import type { ComposerStrings } from '../ui/strings.ts';
import type { Row } from './editor-row.ts';
import type { Rows } from './editor-rows.ts';
import { type Cells, FIELDS, type Field, join, oneLine } from './fields.ts';
import { type Choice, IMPORT_MAX, type Import, looksLikePrescription, readImport } from './import/read-import.ts';
import { readHeader } from './import/table/column-headers.ts';
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

  const take = ({ row: chosen }: Choice): (() => void) | null => {
    const before = last();
    if (before === undefined) return null;
    const done = rows.insert(before, [(row: Row) => row.setImported(chosen)]);
    if (done.rows.length === 0) return null;
    changed();
    return done.undo;
  };
  /** Puts what was read before a row, and says what was not taken over. Gives the new rows. */
  const insert = ({ rows: read, choices, refused }: Import, before: Row): Row[] => {
    const done = rows.insert(
      before,
      read.map((each) => (row: Row) => row.setImported(each)),
    );
    const count = done.rows.length;
    const summary = count === 0 ? strings.t('medicines.addedNone') : strings.t('medicines.added', { count });
    const list = refused.length === 0 ? '' : strings.t('medicines.notTaken');
    notice.show(join([withLeftOut(summary, read.length, count), list], ' '), count === 0 ? null : done.undo, {
      choices,
      refused,
      take,
    });
    if (count > 0) changed();
    return done.rows;
  };
  /** Cells of a spreadsheet go into the cells from `field` on, as they are. */
  const fill = (lines: readonly Partial<Cells>[], row: Row): void => {
    const done = rows.fill(row, lines);
    const count = done.rows.length;
    notice.show(withLeftOut(strings.t('medicines.filled', { count }), lines.length, count), done.undo);
    changed();
  };

  return {
    paste(text, row, field) {
      const range = rangeAt(text, field);
      if (range !== null) {
        fill(range, row);
        return true;
      }
      const read = isOneText(text) ? readOneLine(text, row, field, strings) : readImport(text, strings);
      if (read === null) return false;
      const places = rows.all();
      const before = row.medicine() === null ? row : places[places.indexOf(row) + 1];
      insert(read, before ?? row)
        .at(-1)
        ?.inputs[field].focus();
      return true;
    },
    importText(text) {
      const before = last();
      if (before !== undefined && text.trim() !== '') insert(readImport(text, strings), before);
    },
    async importFile(file) {
      const refuse = (why: 'too-large' | 'not-text'): void =>
        notice.show(strings.t('medicines.addedNone'), null, {
          choices: [],
          refused: [{ what: file.name, why }],
          take: () => null,
        });
      if (file.size > IMPORT_MAX) return refuse('too-large');
      const text = await file.text().catch(() => null);
      if (text === null || text.includes('\0')) return refuse('not-text');
      this.importText(text);
    },
  };
}

/** A text for one cell: a single line that is no prescription. */
function isOneText(text: string): boolean {
  return !/[\t\n\r]/.test(text.trim()) && !looksLikePrescription(text);
}

/** A line that says more than a name, pasted where a name goes; null for what is only a text. */
function readOneLine(text: string, row: Row, field: Field, strings: ComposerStrings): Import | null {
  if (field !== 'name' || row.medicine() !== null) return null;
  const read = readImport(text, strings);
  const saysMore = read.rows.some(({ cells }) => FIELDS.some((each) => each !== 'name' && cells[each] !== ''));
  return saysMore ? read : null;
}

/** Cells of a spreadsheet without a header that fit beside each other from `field` on; null for any other text. */
function rangeAt(text: string, field: Field): Partial<Cells>[] | null {
  if (field === 'name' || !text.includes('\t') || looksLikePrescription(text)) return null;
  const { data, errors } = Papa.parse<string[]>(text, { delimiter: '\t', skipEmptyLines: 'greedy' });
  const fields = FIELDS.slice(FIELDS.indexOf(field));
  const fits = data.every((line) => line.length <= fields.length);
  if (!fits || errors.length > 0 || readHeader(data[0] ?? []) !== null) return null;
  return data.map((line) =>
    Object.fromEntries(fields.slice(0, line.length).map((each, place) => [each, oneLine(line[place] ?? '')])),
  );
}
