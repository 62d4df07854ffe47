import type { ReaderRow } from '../session/state.ts';

/** Rows kept of readers who are no longer there; the oldest of more go, so that scanners do not fill the page. */
const PAST_ROWS = 12;

/** Each reader who waits is one try at a short code for whoever sits in the middle; more than these are turned away. */
const MAX_WAITING = 8;

/** What the doctor sees of the readers: one row each, in the order of their first knock. */
export class Rows {
  readonly #rows = new Map<number, ReaderRow>();
  #lastNumber = 0;

  get all(): ReaderRow[] {
    return [...this.#rows.values()];
  }

  in(...states: ReaderRow['state'][]): ReaderRow[] {
    return this.all.filter(({ state }) => states.includes(state));
  }

  /** Those whose short code is made. */
  get complete(): ReaderRow[] {
    return this.all.filter(({ shortCode }) => shortCode !== '');
  }

  /** Who waits for the doctor's decision, as the chat shows it. */
  get people(): { readerId: string; number: number; shortCode: string }[] {
    const waiting = this.complete.filter(({ state }) => state === 'waiting');
    return waiting.map(({ id: readerId, number, shortCode }) => ({ readerId, number, shortCode }));
  }

  /** Nobody more may wait. */
  get areCrowded(): boolean {
    return this.in('waiting', 'pin').length >= MAX_WAITING;
  }

  /** The number for a reader who was not here before. */
  nextNumber(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }

  /** Shows a reader: in a row of its own, or in the one it had before it came back, with what it did then. */
  arrive(reader: Pick<ReaderRow, 'id' | 'number' | 'state'>, now: number): void {
    const {
      wrongPins = 0,
      shownRev = 0,
      endRev = 0,
      understoodRev = 0,
      points = [],
    } = this.#rows.get(reader.number) ?? {};
    const receipts = { wrongPins, shownRev, endRev, understoodRev, points };
    this.#rows.set(reader.number, { ...reader, ...receipts, shortCode: '', visible: true, since: now });
    const past = this.in('left', 'refused');
    for (const { number } of past.slice(0, Math.max(0, past.length - PAST_ROWS))) this.#rows.delete(number);
  }

  /** Changes a reader's row; not when it belongs to the connection that took its place. */
  change({ id, number }: Pick<ReaderRow, 'id' | 'number'>, what: (row: ReaderRow) => Partial<ReaderRow>): void {
    const row = this.#rows.get(number);
    if (row?.id === id) this.#rows.set(number, { ...row, ...what(row) });
  }

  /** Changes a reader's state. */
  move(reader: Pick<ReaderRow, 'id' | 'number'>, state: ReaderRow['state'], now: number): void {
    this.change(reader, (row) => (row.state === state ? {} : { state, since: now }));
  }
}
