import type { OneWay } from './one-way.ts';

const SEGMENT_BYTES = 1_460;
/** RFC 6928. */
const INITIAL_WINDOW = 10 * SEGMENT_BYTES;

/**
 * What one TCP connection sends in one direction: no more than its congestion window is on the way, and the window grows by what
 * is acknowledged (RFC 5681, section 3.1), as on a line that loses nothing.
 */
export class SlowStart {
  readonly #way: OneWay;
  readonly #back: OneWay;
  readonly #deliver: (segment: Buffer) => void;
  readonly #onAcknowledged: () => void;
  readonly #waiting: Buffer[] = [];
  #window = INITIAL_WINDOW;
  #onTheWay = 0;

  /** @param back the other direction, which acknowledgements take */
  constructor(way: OneWay, back: OneWay, deliver: (segment: Buffer) => void, onAcknowledged: () => void) {
    this.#way = way;
    this.#back = back;
    this.#deliver = deliver;
    this.#onAcknowledged = onAcknowledged;
  }

  send(data: Buffer): void {
    for (let at = 0; at < data.length; at += SEGMENT_BYTES) this.#waiting.push(data.subarray(at, at + SEGMENT_BYTES));
    this.#pump();
  }

  #pump(): void {
    while (this.#onTheWay < this.#window) {
      const segment = this.#waiting.shift();
      if (segment === undefined) return;
      const { length } = segment;
      this.#onTheWay += length;
      this.#way.send(length, () => {
        this.#deliver(segment);
        this.#onAcknowledged();
        this.#back.send(0, () => {
          this.#onTheWay -= length;
          this.#window += length;
          this.#pump();
        });
      });
    }
  }
}
