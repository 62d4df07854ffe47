/** What GLIR understood of a row, and what the doctor has to look at. */
import type { Medicine } from '../../../src/protocol/note.ts';
import type { Cells, Field, Plan } from '../fields.ts';

/**
 * Why a row is marked:
 * - `not-understood`: words beside a schedule that GLIR does not know, so that the row stands as it was written;
 * - `not-daily`: words that say "not every day", "not now" or "only when needed" beside a schedule of the day;
 * - `contradiction`: the dose, or how often, does not go with the amounts of the day;
 * - `two-doses`: two different doses in one row;
 * - `no-name`: a dose without a medicine;
 * - `abbreviation`: an abbreviation that patients do not know;
 * - `too-long`: words that do not fit into a field;
 * - `not-in-row`: a part of an imported prescription that stands nowhere in the row.
 */
export type MarkReason =
  | 'not-understood'
  | 'not-daily'
  | 'contradiction'
  | 'two-doses'
  | 'no-name'
  | 'abbreviation'
  | 'too-long'
  | 'not-in-row';

export interface Mark {
  readonly reason: MarkReason;
  readonly field: Field;
  /** The words in question, as they were written. */
  readonly words: string;
  /** New texts for cells that would settle it, or null where only the doctor can. */
  readonly proposal: Partial<Cells> | null;
}

export interface RowReading {
  /** What the patient gets. */
  readonly medicine: Medicine;
  readonly marks: readonly Mark[];
}

/** What an import knows beyond the texts of the cells. */
export interface ImportedSchedule {
  /** Amounts for the times of the day, as the prescription holds them. */
  readonly plan: Plan;
  /** What "When" says beside the plan. */
  readonly when: string;
}

/** A medicine from outside. */
export interface ImportedRow {
  readonly cells: Cells;
  /** Holds for as long as neither "When" nor "Dose" is touched; null when the cells say everything. */
  readonly schedule: ImportedSchedule | null;
  /** Names of the parts that are not in the cells, in the page's language; each becomes a mark `not-in-row`. */
  readonly unread: readonly string[];
}
