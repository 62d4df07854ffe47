/** What a text says that stands beside a plan of the day, as the reading of a typed row understands it. */
import { AMOUNT_UNSAID, DAY_TIMES } from '../../../../../src/protocol/note.ts';
import type { ComposerStrings } from '../../../../ui/strings.ts';
import { EMPTY_CELLS, type Plan, takenAt } from '../../../fields.ts';
import { read } from '../../../reading/grammar/elements.ts';
import { plainWord } from '../../../reading/grammar/plain-word.ts';
import { readRow } from '../../../reading/read-row.ts';

/** Whether these words may stand beside the plan: they are all known, and turn nothing of it round. */
export function mayStandBeside(words: string, plan: Plan, strings: ComposerStrings): boolean {
  const chain = DAY_TIMES.map((time) => (plan[time] === '' ? '0' : '1')).join('-');
  const row = readRow({ ...EMPTY_CELLS, name: 'A', when: `${chain} ${words}` }, null, strings);
  return row !== null && row.marks.length === 0 && takenAt(row.medicine.plan).length === takenAt(plan).length;
}

/** Whether the column "Dose" is understood when this stands in it. */
export function isPlainDose(dose: string, strings: ComposerStrings): boolean {
  const row = dose === '' ? null : readRow({ ...EMPTY_CELLS, name: 'A', dose }, null, strings);
  const chain = readRow({ ...EMPTY_CELLS, name: 'A', dose, when: '1-0-0' }, null, strings);
  const marks = [...(row?.marks ?? []), ...(chain?.marks ?? [])];
  return marks.every(({ reason }) => reason === 'abbreviation' || reason === 'contradiction');
}

/** Whether a text says the very plan, such as `1-0-1-0` beside a morning and an evening of `1 tablet`. */
export function saysSamePlan(text: string, plan: Plan, strings: ComposerStrings): boolean {
  const said = planIn(text, strings);
  return said !== null && !differs(said, plan) && takenAt(plan).every((time) => plan[time] !== AMOUNT_UNSAID);
}

/** Whether a text is a plan of its own, with other times or amounts. */
export function saysOtherPlan(text: string, plan: Plan, strings: ComposerStrings): boolean {
  const said = planIn(text, strings);
  return said !== null && differs(said, plan);
}

/**
 * Whether a text names another number of times a day than the structure beside it. `aDay` is that number, or `not-daily`
 * for a structure such as "once a week", which goes with no "daily".
 */
export function saysOtherCount(text: string, aDay: number | 'not-daily' | null, strings: ComposerStrings): boolean {
  if (aDay === null) return false;
  const said = planIn(text, strings);
  if (said !== null) return takenAt(said).length !== aDay;
  return read(text).elements.some(
    (element) =>
      element.kind === 'aDay' && (aDay === 'not-daily' || (element.count !== null && element.count !== aDay)),
  );
}

/** The plan that a text says; null when it says anything else. */
function planIn(text: string, strings: ComposerStrings): Plan | null {
  const row = text === '' ? null : readRow({ ...EMPTY_CELLS, name: 'A', when: text }, null, strings);
  const isPlan = row !== null && row.marks.length === 0 && row.medicine.when === '';
  return isPlan && takenAt(row.medicine.plan).length > 0 ? row.medicine.plan : null;
}

/** An amount without a unit is the same with one, `0,5` is `0.5`; an amount that is not said is no other. */
function differs(said: Plan, plan: Plan): boolean {
  if (takenAt(said).join() !== takenAt(plan).join()) return true;
  return takenAt(plan).some((time) => {
    const [mine, other] = [plan[time], said[time]].map((amount) => plainWord(amount).replaceAll(',', '.'));
    if (mine === undefined || other === undefined) return true;
    return mine !== AMOUNT_UNSAID && other !== AMOUNT_UNSAID && mine !== other && !mine.startsWith(`${other} `);
  });
}
