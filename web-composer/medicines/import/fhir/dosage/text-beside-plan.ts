/** What a text says that stands beside a plan of the day, as the reading of a typed row understands it. */
import { AMOUNT_UNSAID, DAY_TIMES } from '../../../../../src/protocol/note.ts';
import type { ComposerStrings } from '../../../../ui/strings.ts';
import { EMPTY_CELLS, type Plan, takenAt } from '../../../fields.ts';
import { plainWord } from '../../../reading/day-time-words.ts';
import { readRow } from '../../../reading/read-row.ts';

/** Whether these words may stand beside the plan: they are all known, and turn nothing of it round. */
export function mayStandBeside(words: string, plan: Plan, strings: ComposerStrings): boolean {
  const chain = DAY_TIMES.map((time) => (plan[time] === '' ? '0' : '1')).join('-');
  const read = readRow({ ...EMPTY_CELLS, name: 'A', when: `${chain} ${words}` }, null, strings);
  return read !== null && read.marks.length === 0 && takenAt(read.medicine.plan).length === takenAt(plan).length;
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

/** The plan that a text says; null when it says anything else. */
function planIn(text: string, strings: ComposerStrings): Plan | null {
  const read = text === '' ? null : readRow({ ...EMPTY_CELLS, name: 'A', when: text }, null, strings);
  const isPlan = read !== null && read.marks.length === 0 && read.medicine.when === '';
  return isPlan && takenAt(read.medicine.plan).length > 0 ? read.medicine.plan : null;
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
