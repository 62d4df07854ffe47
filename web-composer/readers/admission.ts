import { Refused } from '../../src/protocol/errors.ts';
import type { Rows } from './reader-list.ts';

/**
 * Readers who knock and are not let in, in the whole life of a room. Each one is a guess at the short code for whoever
 * sits in the middle, so that forty leave a chance of one in 25,000; and no refused reader can ring without end.
 */
const MAX_STRANGERS = 40;

/** Where those wait whom the doctor, or a PIN, has to let in. */
export class Door {
  readonly #strangers = new Set<number>();
  readonly #rows: Rows;
  readonly #shut: () => void;

  /** @param shut called when somebody is turned away because too many came before */
  constructor(rows: Rows, shut: () => void) {
    this.#rows = rows;
    this.#shut = shut;
  }

  /** A reader who was not here before; `number` is its row's. Throws Refused when it cannot wait here. */
  knocks(number: number): void {
    // Counted where the row is made: of many who knock at the same moment not all may find the last place free.
    if (this.#rows.areCrowded) throw new Refused('room-full');
    if (this.#strangers.size >= MAX_STRANGERS) {
      this.#shut();
      throw new Refused('room-full');
    }
    this.#strangers.add(number);
  }

  /** It was let in, so it was no stranger. */
  letIn(number: number): void {
    this.#strangers.delete(number);
  }
}
