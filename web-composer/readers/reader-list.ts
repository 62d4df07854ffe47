import type { Note } from '../../src/protocol/note.ts';
import { movePlaces } from '../../web-shared/note-positions.ts';
import type { ReaderRow } from '../session/state.ts';

/** Rows kept of readers who are gone; the oldest of more are removed, so that scanners do not fill the page. */
const MAX_PAST_ROWS = 12;
/** Characters of what the doctor calls a reader. */
export const NAME_MAX = 40;

type RowKey = Pick<ReaderRow, 'id' | 'number'>;

/** What the doctor sees of the readers: one row each, in the order of their first knock. */
export class ReaderList {
  readonly #rows = new Map<number, ReaderRow>();
  /** What readers had on their screens last, by row number. */
  readonly #onScreen = new Map<number, Note>();
  #lastNumber = 0;

  /** The rows whose short code is computed. */
  get complete(): ReaderRow[] {
    return [...this.#rows.values()].filter(({ shortCode }) => shortCode !== '');
  }

  /** The complete rows, with what readers point at where it stands in `note`, which may be ahead of their screens. */
  completeIn(note: Note): ReaderRow[] {
    return this.complete.map((row) => pointsIn(row, this.#onScreen.get(row.number), note));
  }

  /** Readers who wait for the doctor's decision, as the chat shows them. */
  get waiting(): { readerId: string; number: number; shortCode: string }[] {
    const waiting = this.complete.filter(({ state }) => state === 'waiting');
    return waiting.map(({ id: readerId, number, shortCode }) => ({ readerId, number, shortCode }));
  }

  /** Readers who wait for the doctor's decision or owe the PIN, also those whose short code is not computed yet. */
  get waitingCount(): number {
    return this.#inState('waiting', 'pin').length;
  }

  /** How many readers had the note on their screen. */
  get readBy(): number {
    return this.#onScreen.size;
  }

  /** The number for a reader who was not here before. */
  nextNumber(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }

  /** Adds a reader: in a row of its own, or in the one it had before it reconnected, which keeps its receipts. */
  add(reader: RowKey & Pick<ReaderRow, 'state'>, now: number, isReloaded = false): void {
    const {
      name = '',
      reloadedAt = null,
      wrongPins = 0,
      shownRev = 0,
      endRev = 0,
      understoodRev = 0,
      points = [],
    } = this.#rows.get(reader.number) ?? {};
    const known = {
      name,
      wrongPins,
      shownRev,
      endRev,
      understoodRev,
      points,
      reloadedAt: isReloaded ? now : reloadedAt,
    };
    this.#rows.set(reader.number, { ...reader, ...known, shortCode: '', visible: true, since: now });
    const past = this.#inState('left', 'refused');
    for (const { number } of past.slice(0, Math.max(0, past.length - MAX_PAST_ROWS))) this.#rows.delete(number);
  }

  /** Changes a reader's row; not when the row belongs to a later connection of it. */
  change({ id, number }: RowKey, what: (row: ReaderRow) => Partial<ReaderRow>): void {
    const row = this.#rows.get(number);
    if (row?.id === id) this.#rows.set(number, { ...row, ...what(row) });
  }

  setState(reader: RowKey, state: ReaderRow['state'], now: number): void {
    this.change(reader, (row) => (row.state === state ? {} : { state, since: now }));
  }

  setName(readerId: string, name: string): void {
    const row = [...this.#rows.values()].find(({ id }) => id === readerId);
    if (row !== undefined) this.#rows.set(row.number, { ...row, name: name.trim().slice(0, NAME_MAX) });
  }

  /** Puts a note on a reader's screen. Gives the one that was there before, or null. */
  setOnScreen({ number }: Pick<RowKey, 'number'>, note: Note): Note | null {
    const before = this.#onScreen.get(number) ?? null;
    this.#onScreen.set(number, note);
    return before;
  }

  #inState(...states: ReaderRow['state'][]): ReaderRow[] {
    return [...this.#rows.values()].filter(({ state }) => states.includes(state));
  }
}

/** A row whose points are counted in `now`; the reader pointed at them in the note on its screen. */
export function pointsIn(row: ReaderRow, onScreen: Note | undefined, now: Note): ReaderRow {
  if (onScreen === undefined || row.points.length === 0) return row;
  return { ...row, points: movePlaces(row.points, onScreen, now) };
}
