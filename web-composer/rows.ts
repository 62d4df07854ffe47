import type { ReaderRow } from './state.ts';

/** Rows kept of readers who are no longer there; the oldest of more go, so that scanners do not fill the page. */
const PAST_ROWS = 12;

/** What the doctor sees of the readers: one row each, in the order of their first knock. */
export class Rows {
  readonly #rows = new Map<number, ReaderRow>();
  #lastNumber = 0;

  get all(): ReaderRow[] {
    return [...this.#rows.values()];
  }

  get waiting(): ReaderRow[] {
    return this.all.filter(({ state }) => state === 'waiting');
  }

  /** The number for a reader who was not here before. */
  nextNumber(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }

  /** Shows a reader as waiting: in a row of its own, or in the one it had before it came back. */
  arrive(reader: Pick<ReaderRow, 'id' | 'number' | 'shortCode'>, now: number): void {
    this.#rows.set(reader.number, { ...reader, state: 'waiting', since: now });
    const past = this.all.filter(({ state }) => state === 'left' || state === 'refused');
    for (const { number } of past.slice(0, Math.max(0, past.length - PAST_ROWS))) this.#rows.delete(number);
  }

  /** Changes a reader's state; not when its row belongs to the connection that took its place. */
  change({ id, number }: Pick<ReaderRow, 'id' | 'number'>, state: ReaderRow['state'], now: number): void {
    const row = this.#rows.get(number);
    if (row?.id === id) this.#rows.set(number, { ...row, state, since: now });
  }
}
