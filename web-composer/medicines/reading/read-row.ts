/** Reads a row of the table: what the patient gets of it, and what the doctor has to look at. */
import type { ComposerStrings } from '../../ui/strings.ts';
import { type Cells, fitToLimits, isBlank } from '../fields.ts';
import { planFrom, readWhen } from './dose-schedule.ts';
import type { ImportedRow, Mark, RowReading } from './row-reading.ts';

/**
 * `imported` is what an import knows of this row, for as long as the doctor has not changed what it depends on. Returns
 * null for a blank row.
 */
export function readRow(
  cells: Cells,
  imported: Pick<ImportedRow, 'schedule' | 'unread'> | null,
  _strings: ComposerStrings,
): RowReading | null {
  if (isBlank(cells)) return null;
  const { name, strength, dose, when, duration, remarks } = cells;
  const { plan, when: rest } = imported?.schedule ?? planFrom(readWhen(when), dose);
  const { medicine } = fitToLimits({
    name: name.trim(),
    strength: strength.trim(),
    dose: dose.trim(),
    plan,
    when: rest,
    duration: duration.trim(),
    remarks: remarks.trim(),
  });
  const marks = (imported?.unread ?? []).map(
    (words): Mark => ({ reason: 'not-in-row', field: 'when', words, proposal: null }),
  );
  return { medicine, marks };
}
