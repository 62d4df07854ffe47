/** Reads a text from outside, such as a pasted table, lines or a file, into rows of the table. */
import type { ComposerStrings } from '../../ui/strings.ts';
import { type Cells, EMPTY_CELLS, oneLine } from '../fields.ts';
import { writeWhen } from '../reading/dose-schedule.ts';
import type { ImportedRow } from '../reading/row-reading.ts';
import { FHIR_MAX, looksLikeFhir, type NotUnderstood, readFhir } from './fhir/read-fhir.ts';
import { parseOneLine, parsePasted, rowsFrom } from './paste.ts';

/** A medicine that is taken over only when the doctor says so, such as one that was stopped. */
export interface Choice extends NotUnderstood {
  readonly row: ImportedRow;
}

export interface Import {
  readonly rows: readonly ImportedRow[];
  readonly choices: readonly Choice[];
  /** What is not taken over, by its name, with the reason. */
  readonly refused: readonly NotUnderstood[];
}

/** Largest text that is read, in UTF-16 code units. */
export const IMPORT_MAX = FHIR_MAX;

/** Whether a text is a file of prescriptions or a medication plan, and not something to be read by people. */
export function looksLikePrescription(text: string): boolean {
  return looksLikeFhir(text) || /^\uFEFF?\s*(?:<\?xml[^>]{0,200}\?>\s*)?<MP\s/.test(text.slice(0, 1000));
}

/** Throws nothing: what cannot be read is in `refused`. */
export function readImport(text: string, strings: ComposerStrings): Import {
  if (looksLikeFhir(text) || /^\s*[[{<]/.test(text)) {
    const { medicines, notUnderstood } = readFhir(text, strings);
    const rows = medicines.map((medicine) => ({
      cells: { ...medicine, when: writeWhen(medicine, strings) },
      schedule: { plan: medicine.plan, when: medicine.when },
      unread: [],
    }));
    return { rows, choices: [], refused: notUnderstood };
  }
  const rows = cellsOf(text).map((cells) => ({ cells, schedule: null, unread: [] }));
  return { rows, choices: [], refused: [] };
}

/** Every row of a text, whatever its kind. */
function cellsOf(text: string): Cells[] {
  const pasted = parsePasted(text);
  if (pasted.kind === 'rows') return [...pasted.rows];
  if (pasted.kind === 'cells') return rowsFrom(pasted.cells).map((cells) => ({ ...EMPTY_CELLS, ...cells }));
  return [parseOneLine(text) ?? { ...EMPTY_CELLS, name: oneLine(text) }];
}
