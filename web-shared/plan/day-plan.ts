/** Where each medicine of a list stands in the plan of the day, and what its entry says: the same for doctor and patient. */
import { AMOUNT_UNSAID, DAY_TIMES, type DayTime, type Medicine } from '../../src/protocol/note.ts';

/** The parts of a plan in their order: the times of the day, then what has another time, then what names none. */
export const PLAN_PARTS = [...DAY_TIMES, 'otherTimes', 'noTime'] as const;
export type PlanPart = (typeof PLAN_PARTS)[number];

/** One medicine in one part of the plan. Every text is the doctor's, and '' when there is none. */
export interface PlanEntry {
  /** The medicine's index in the list. */
  readonly index: number;
  readonly name: string;
  readonly strength: string;
  /** How much is taken at this time. */
  readonly amount: string;
  /** The dose, where the amount does not already say it. */
  readonly dose: string;
  readonly when: string;
  readonly duration: string;
  readonly remarks: string;
}

export interface PlanSection {
  readonly part: PlanPart;
  readonly entries: readonly PlanEntry[];
}

/** The sections that have an entry. An entry says everything that its medicine says: nothing stands elsewhere. */
export function dayPlan(medicines: readonly Medicine[]): PlanSection[] {
  return PLAN_PARTS.map((part) => ({
    part,
    entries: medicines.flatMap((medicine, index) => (belongs(medicine, part) ? [entry(medicine, part, index)] : [])),
  })).filter(({ entries }) => entries.length > 0);
}

function belongs({ plan, when }: Medicine, part: PlanPart): boolean {
  if (part !== 'otherTimes' && part !== 'noTime') return plan[part] !== '';
  const isPlanned = DAY_TIMES.some((time) => plan[time] !== '');
  return !isPlanned && (part === 'noTime') === (when === '');
}

function entry(medicine: Medicine, part: PlanPart, index: number): PlanEntry {
  const { name, strength, dose, when, duration, remarks } = medicine;
  const timed = isDayTime(part) ? medicine.plan[part] : dose;
  const amount = timed === AMOUNT_UNSAID ? '' : timed;
  // An amount may be a number of doses: then both are shown as the doctor wrote them.
  return { index, name, strength, amount, dose: amount.includes(dose) ? '' : dose, when, duration, remarks };
}

function isDayTime(part: PlanPart): part is DayTime {
  return part !== 'otherTimes' && part !== 'noTime';
}
