/** What an import gives. */
import type { ImportedRow } from '../reading/row-reading.ts';
import type { NotUnderstood } from './fhir/read-fhir.ts';

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
