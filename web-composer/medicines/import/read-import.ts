/** Reads a text from outside, such as a pasted table, lines or a file, into rows of the table. */
import { browserClock, type PageClock } from '../../../web-shared/clock.ts';
import type { ComposerStrings } from '../../ui/strings.ts';
import { type Cells, EMPTY_CELLS, oneLine } from '../fields.ts';
import type { ImportedRow } from '../reading/row-reading.ts';
import { looksLikeFhir, readFhir } from './fhir/read-fhir.ts';
import type { NotUnderstood } from './fhir/why.ts';
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

/** Throws nothing: what cannot be read is in `refused`. By `clock` a prescription whose time is over is told from others. */
export function readImport(text: string, strings: ComposerStrings, clock: PageClock = browserClock): Import {
  if (looksLikeFhir(text) || /^\s*[[{<]/.test(text)) return readFhir(text, strings, clock.now());
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
