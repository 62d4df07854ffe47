/** What the doctor changed since the reader looked: which lines and medicines are new, and which are gone. */
import type { Note } from '../../src/protocol/note.ts';
import { linesOf, sameNote } from '../../web-shared/note-positions.ts';
import { compareMedicines, type ListChanges } from '../../web-shared/plan/plan-changes.ts';

/** Lists longer than this (product of their lengths) between first and last change are compared without regard to order. */
const CELLS_MAX = 1_000_000;

/** Which lines are new, and how many of the ones before are gone. Blank ones do not count. */
interface LineChanges {
  /** Indexes of the new lines. */
  readonly changed: ReadonlySet<number>;
  readonly removed: number;
}

export interface NoteChanges {
  readonly text: LineChanges;
  readonly medicines: ListChanges;
}

/** What to mark in the note that is on the screen. */
export interface Marks extends NoteChanges {
  /** The doctor is still typing: at these places something may be half written. */
  readonly unfinished: boolean;
  /** Local time in milliseconds at which the change was seen. */
  readonly at: number;
}

/** The versions that this reader has seen, so that a change stays marked until the reader has seen it. */
export class ChangeTracker {
  /** The last version that the doctor had finished, and the one before it while its changes are marked. */
  #settled: Note | null = null;
  #before: Note | null = null;
  #at = 0;
  #last: Note | null = null;
  #editing = false;
  #marks: Marks | null = null;

  get marks(): Marks | null {
    return this.#marks;
  }

  /**
   * Takes what is shown from the local time `now` on. Returns what to announce: that the doctor began to edit, or that the
   * doctor is done and something changed.
   */
  take(note: Note, editing: boolean, now: number): 'nothing' | 'editing' | 'changed' {
    if (note === this.#last && editing === this.#editing) return 'nothing';
    const began = editing && !this.#editing;
    this.#last = note;
    this.#editing = editing;
    const settled = this.#settled ?? note;
    this.#settled = settled;
    if (editing) {
      this.#marks = { ...compareNotes(settled, note), unfinished: true, at: now };
      return began ? 'editing' : 'nothing';
    }
    this.#settled = note;
    const changed = !sameNote(settled, note);
    if (changed) {
      this.#before = settled;
      this.#at = now;
    }
    this.#mark();
    return changed ? 'changed' : 'nothing';
  }

  markSeen(): void {
    this.#before = null;
    if (!this.#editing) this.#mark();
  }

  forget(): void {
    this.#settled = null;
    this.#before = null;
    this.#last = null;
    this.#editing = false;
    this.#marks = null;
  }

  #mark(): void {
    const [before, after] = [this.#before, this.#settled];
    const known = before !== null && after !== null;
    this.#marks = known ? { ...compareNotes(before, after), unfinished: false, at: this.#at } : null;
  }
}

/** Compares the texts; another format alone is no change. */
function compareNotes(before: Note, after: Note): NoteChanges {
  return {
    text: diffLines(linesOf(before), linesOf(after)),
    medicines: compareMedicines(before.medicines, after.medicines),
  };
}

/** Compares two lists of lines. Spaces at the end of a line are no change. */
export function diffLines(before: readonly string[], after: readonly string[]): LineChanges {
  const [was, is] = [before.map((line) => line.trimEnd()), after.map((line) => line.trimEnd())];
  const shorter = Math.min(was.length, is.length);
  let [head, tail] = [0, 0];
  while (head < shorter && was[head] === is[head]) head += 1;
  while (tail < shorter - head && was.at(-1 - tail) === is.at(-1 - tail)) tail += 1;
  const [oldMiddle, newMiddle] = [was.slice(head, was.length - tail), is.slice(head, is.length - tail)];
  const compare = oldMiddle.length * newMiddle.length > CELLS_MAX ? diffUnordered : diffInOrder;
  const { changed, removed } = compare(oldMiddle, newMiddle);
  return { changed: new Set([...changed].map((at) => at + head)), removed };
}

/** A new line in place of a removed one counts as that line, changed. A line that moved is not removed. */
function diffInOrder(was: readonly string[], is: readonly string[]): LineChanges {
  const changed = new Set<number>();
  const gone: string[] = [];
  let removed = 0;
  let [fromWas, fromIs] = [0, 0];
  for (const [i, j] of [...commonSubsequence(was, is), [was.length, is.length] as const]) {
    const lost = was.slice(fromWas, i).filter((line) => line !== '');
    const added = is.slice(fromIs, j).flatMap((line, offset) => (line === '' ? [] : [fromIs + offset]));
    for (const index of added) changed.add(index);
    gone.push(...lost);
    removed += Math.max(0, lost.length - added.length);
    [fromWas, fromIs] = [i + 1, j + 1];
  }
  const present = new Set([...changed].map((index) => is[index]));
  const moved = gone.filter((line) => present.has(line)).length;
  return { changed, removed: Math.max(0, removed - moved) };
}

function commonSubsequence(was: readonly string[], is: readonly string[]): (readonly [number, number])[] {
  const width = is.length + 1;
  const common = new Uint16Array((was.length + 1) * width);
  const at = (i: number, j: number): number => common[i * width + j] ?? 0;
  for (let i = was.length - 1; i >= 0; i -= 1) {
    for (let j = is.length - 1; j >= 0; j -= 1) {
      common[i * width + j] = was[i] === is[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: (readonly [number, number])[] = [];
  let [i, j] = [0, 0];
  while (i < was.length && j < is.length) {
    if (was[i] === is[j]) {
      pairs.push([i, j]);
      [i, j] = [i + 1, j + 1];
    } else if (at(i, j + 1) >= at(i + 1, j)) j += 1;
    else i += 1;
  }
  return pairs;
}

/** A line is new when the other list does not have it, or has it less often. */
function diffUnordered(was: readonly string[], is: readonly string[]): LineChanges {
  const left = new Map<string, number>();
  for (const line of was) if (line !== '') left.set(line, (left.get(line) ?? 0) + 1);
  const changed = new Set<number>();
  for (const [index, line] of is.entries()) {
    const count = left.get(line) ?? 0;
    if (count > 0) left.set(line, count - 1);
    else if (line !== '') changed.add(index);
  }
  const unmet = [...left.values()].reduce((sum, count) => sum + count, 0);
  return { changed, removed: Math.max(0, unmet - changed.size) };
}
