/** What a list of medicines said before the doctor changed it. */
import type { Medicine } from '../../src/protocol/note.ts';
import { medicineLines } from '../note-positions.ts';
import { dayPlan, type PlanEntry, type PlanPart } from './day-plan.ts';

export interface ListChanges {
  /** By the index in the new list: the medicine as it was, or null for a new one. */
  readonly changed: ReadonlyMap<number, Medicine | null>;
  readonly removed: readonly Medicine[];
}

export const NO_CHANGES: ListChanges = { changed: new Map(), removed: [] };

/**
 * A medicine that stands elsewhere in the list with the same words has not changed. One with other words is the one of the
 * same name before, and new where there is none: another name is never taken for the same medicine.
 */
export function compareMedicines(before: readonly Medicine[], after: readonly Medicine[]): ListChanges {
  const left = new Map(medicineLines({ medicines: before }).map((line, index) => [index, line]));
  const take = (isIt: (index: number) => boolean): Medicine | null => {
    const found = [...left.keys()].find(isIt);
    if (found === undefined) return null;
    left.delete(found);
    return before[found] ?? null;
  };
  const fresh = medicineLines({ medicines: after }).flatMap((line, index) =>
    take((old) => left.get(old) === line) === null ? [index] : [],
  );
  const changed = new Map<number, Medicine | null>();
  for (const same of [sameNameAndStrength, sameName]) {
    for (const index of fresh) {
      const now = after[index];
      if (now === undefined || changed.has(index)) continue;
      const was = take((old) => same(before[old], now));
      if (was !== null) changed.set(index, was);
    }
  }
  for (const index of fresh) if (!changed.has(index)) changed.set(index, null);
  return { changed, removed: [...left.keys()].flatMap((index) => before[index] ?? []) };
}

function sameNameAndStrength(was: Medicine | undefined, now: Medicine): boolean {
  return sameName(was, now) && was?.strength === now.strength;
}

function sameName(was: Medicine | undefined, now: Medicine): boolean {
  return was !== undefined && was.name !== '' && was.name.toLowerCase() === now.name.toLowerCase();
}

type Texts = Pick<PlanEntry, 'name' | 'strength' | 'amount' | 'dose' | 'when' | 'duration' | 'remarks'>;

/** What an entry said before: '' where it says the same, or said nothing. */
export interface FormerEntry extends Texts {
  /** When it was taken and how much, where the times of the day are others now. */
  readonly times: readonly { readonly part: PlanPart; readonly amount: string }[];
}

/** @param now the entry in `part` of the plan of a medicine that was `was` before */
export function formerEntry(was: Medicine, now: Medicine, part: PlanPart): FormerEntry {
  const [before, after] = [dayPlan([was]), dayPlan([now])];
  const partsOf = (plan: typeof before): string => plan.map((section) => section.part).join();
  const sameTimes = partsOf(before) === partsOf(after);
  const entryIn = (plan: typeof before): PlanEntry | undefined =>
    (plan.find((section) => section.part === part) ?? plan[0])?.entries[0];
  const [old, current] = [entryIn(before), entryIn(after)];
  const former = (field: keyof Texts): string =>
    old === undefined || old[field] === current?.[field] ? '' : old[field];
  return {
    name: former('name'),
    strength: former('strength'),
    amount: sameTimes ? former('amount') : '',
    dose: was.dose === now.dose ? '' : was.dose,
    when: former('when'),
    duration: former('duration'),
    remarks: former('remarks'),
    times: sameTimes
      ? []
      : before.flatMap((section) => section.entries.map(({ amount }) => ({ part: section.part, amount }))),
  };
}
