/** Places in a note: how they are counted, and where they are in its next version. */
import { DAY_TIMES, type Medicine, medicineSchema, type Note } from '../src/protocol/note.ts';
import type { Place } from '../src/protocol/sealed.ts';

/** Questions that one reader can have in a note at a time. */
export const POINTS_MAX = 50;

/** A medicine's fields in a fixed order. */
const FIELDS = [...Object.keys(medicineSchema.shape), ...DAY_TIMES];

/** The lines of a note's text, as places count them. */
export function linesOf({ text }: Pick<Note, 'text'>): string[] {
  return text.split('\n');
}

/**
 * Where places of one version of a note are in the next: a line or medicine that stayed the same is followed to where it
 * moved, one that changed is dropped. Both pages use this, so that they agree without a message.
 */
export function movePlaces(places: readonly Place[], before: Note, after: Note): Place[] {
  if (places.length === 0) return [];
  const moves = {
    text: moveOf(linesOf(before), linesOf(after)),
    medicines: moveOf(medicineLines(before), medicineLines(after)),
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

/** Whether two versions have the same text, format and medicines. */
export function sameNote(a: Note, b: Note): boolean {
  if (a.text !== b.text || a.format !== b.format) return false;
  return JSON.stringify(medicineLines(a)) === JSON.stringify(medicineLines(b));
}

/** Each medicine as one line of text, the same for the same content. */
export function medicineLines({ medicines }: { medicines: readonly Medicine[] }): string[] {
  return medicines.map((medicine) => JSON.stringify(medicine, FIELDS));
}

/**
 * Where each line moved. Lines before the first change and after the last one keep their neighbours, also among identical
 * lines; between the two a line is where the same text is, the nearest where there are several.
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
