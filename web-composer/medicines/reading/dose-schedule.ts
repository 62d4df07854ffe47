/** What the column "When" says as amounts for the day, and a plan of the day as a text for that column. */
import { AMOUNT_UNSAID, DAY_TIMES, type DayTime, FIELD_MAX, type Medicine } from '../../../src/protocol/note.ts';
import type { ComposerStrings } from '../../ui/strings.ts';
import { amountWith, NO_PLAN, type Plan, takenAt } from '../fields.ts';
import { readWhenText, type Schedule } from './schedule.ts';

/** Amounts for the times (`''` at a time of `times` when no amount is given), and the words that are left. */
export interface When {
  readonly times: readonly DayTime[];
  readonly amounts: Plan;
  /** The doctor's words that are not in `amounts`, as written. */
  readonly rest: string;
}

/**
 * Reads `1-0-1-0`, `½-0-½`, `10 drops-0-10 drops-0`, `morning, evening`, `1 in the morning, 2 at night`, with words beside
 * it that are all understood. Otherwise the whole text is in `rest`: no dose is guessed.
 */
export function readWhen(text: string): When {
  const reading = text.length > FIELD_MAX ? null : readWhenText(text, false);
  if (reading?.kind !== 'schedule') return { times: [], amounts: NO_PLAN, rest: text.trim() };
  const { times, rest } = reading.schedule;
  return { times, amounts: textsOf(reading.schedule), rest };
}

function textsOf({ amounts }: Schedule): Plan {
  const plan = { ...NO_PLAN };
  for (const [time, amount] of amounts) plan[time] = amount?.text ?? '';
  return plan;
}

/** The text for the column "When" of a medicine that came from elsewhere, short where a chain can say it. */
export function writeWhen({ plan, when, dose }: Medicine, strings: ComposerStrings): string {
  const taken = takenAt(plan);
  if (taken.length === 0) return when;
  const amounts = DAY_TIMES.map((time) => (plan[time] === '' ? '0' : plan[time]));
  const chain = amounts.join('-');
  const read = readWhen(chain);
  const short = DAY_TIMES.every((time) => amountWith(read.amounts[time], dose) === plan[time] || plan[time] === '');
  const text = read.times.length === taken.length && short ? chain : sayPlan(plan, strings);
  return when === '' ? text : `${text} ${when}`;
}

/** `Morning 1, Evening 1`: the plan in words. */
export function sayPlan(plan: Plan, strings: ComposerStrings): string {
  const phrases = takenAt(plan).map((time) => {
    const amount = plan[time] === AMOUNT_UNSAID ? '' : plan[time];
    return `${strings.t(`medicines.${time}`)} ${amount}`.trim();
  });
  return strings.list(phrases);
}
