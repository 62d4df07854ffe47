import { DAY_TIMES, type Medicine, medicineSchema, type Note } from '../src/protocol/note.ts';
import type { Place } from '../src/protocol/sealed.ts';

/** Places that one reader can point at at a time. */
export const POINTS_MAX = 50;

/** A medicine's fields in one order, whoever made it. */
const FIELDS = [...Object.keys(medicineSchema.shape), ...DAY_TIMES];

/** The lines of a note's text, as places count them. */
export function linesOf({ text }: Pick<Note, 'text'>): string[] {
  return text.split('\n');
}

/**
 * Where places of one version of a note are in the next: a line or medicine that stayed as it was is followed to where
 * it went, one that changed is dropped. Both pages count with this, so that they agree without a word.
 */
export function movePlaces(places: readonly Place[], before: Note, after: Note): Place[] {
  if (places.length === 0) return [];
  const moves = {
    text: moveOf(linesOf(before), linesOf(after)),
    medicines: moveOf(medicinesOf(before), medicinesOf(after)),
  };
  const moved = places.flatMap(({ part, index }) => {
    const to = moves[part](index);
    return to === null ? [] : [{ part, index: to }];
  });
  return moved.filter((place, at) => moved.findIndex((one) => samePlace(one, place)) === at);
}

export function samePlace(a: Place, b: Place): boolean {
  return a.part === b.part && a.index === b.index;
}

/** Whether two versions read the same. */
export function sameNote(a: Note, b: Note): boolean {
  if (a.text !== b.text || a.format !== b.format) return false;
  return JSON.stringify(medicinesOf(a)) === JSON.stringify(medicinesOf(b));
}

function medicinesOf({ medicines }: { medicines: readonly Medicine[] }): string[] {
  return medicines.map((medicine) => JSON.stringify(medicine, FIELDS));
}

/**
 * Where each line went. What stands before the first change and after the last one keeps its neighbours, also among
 * lines of the same words; between the two a line is where its words are, the nearest where there are several.
 */
function moveOf(was: readonly string[], is: readonly string[]): (index: number) => number | null {
  const shorter = Math.min(was.length, is.length);
  let [head, tail] = [0, 0];
  while (head < shorter && was[head] === is[head]) head += 1;
  while (tail < shorter - head && was.at(-1 - tail) === is.at(-1 - tail)) tail += 1;
  return (index) => {
    const wanted = was[index];
    if (wanted === undefined || wanted.trim() === '') return null;
    if (index < head) return index;
    if (index >= was.length - tail) return index + is.length - was.length;
    let best: number | null = null;
    for (let at = head; at < is.length - tail; at += 1) {
      if (is[at] === wanted && (best === null || Math.abs(at - index) < Math.abs(best - index))) best = at;
    }
    return best;
  };
}
