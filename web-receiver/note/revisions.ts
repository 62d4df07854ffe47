import { DAY_TIMES, type Medicine, medicineSchema, type Note } from '../../src/protocol/note.ts';
import { linesOf, sameNote } from '../../web-shared/note-positions.ts';
import { compareLists, type ListChanges } from './list-changes.ts';

/** A medicine's fields in one order, whoever made it. */
const FIELDS = [...Object.keys(medicineSchema.shape), ...DAY_TIMES];

/** What differs between two versions of a note. */
export interface Changes {
  readonly text: ListChanges;
  readonly medicines: ListChanges;
}

/** What to mark in the note that is on the screen. */
export interface Marks extends Changes {
  /** The doctor is still at it: these are the places where something may be half written. */
  readonly unfinished: boolean;
  /** Local time in milliseconds at which the change was seen. */
  readonly at: number;
}

export type News = 'nothing' | 'editing' | 'changed';

/** The versions that this reader has seen, so that a change is marked as long as the reader wants to see it. */
export class Revisions {
  /** The last version that the doctor was done with, and the one before it while its changes are marked. */
  #settled: Note | null = null;
  #before: Note | null = null;
  #at = 0;
  #last: Note | null = null;
  #editing = false;
  #marks: Marks | null = null;

  /** What is to be marked, or null. */
  get marks(): Marks | null {
    return this.#marks;
  }

  /** Takes what is to be shown at the local time `now`; says what is new about it. */
  take(note: Note, editing: boolean, now: number): News {
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

  /** The reader has seen the change. */
  seen(): void {
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

/** Compares the words; how they are shown is no change of the note. */
function compareNotes(before: Note, after: Note): Changes {
  return {
    text: compareLists(linesOf(before), linesOf(after)),
    medicines: compareLists(written(before.medicines), written(after.medicines)),
  };
}

function written(medicines: readonly Medicine[]): string[] {
  return medicines.map((medicine) => JSON.stringify(medicine, FIELDS));
}
