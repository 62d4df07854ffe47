/**
 * How much of its files one reader may have on the way. The worker drops a whole message when a reader's queue is full, so what is
 * not acknowledged must stay below that queue. It grows as long as acknowledgements come back as fast as they can, and shrinks when
 * they take longer: then a queue has built up on the reader's line, which a correction of the note would have to wait behind.
 */

/** Bytes on the way at most: below the worker's queue for one stream (`mediasoup-config/webrtc-transport.ts`). */
export const WINDOW_MAX_BYTES = 1024 * 1024;
const WINDOW_MIN_BYTES = 96 * 1024;
const WINDOW_FIRST_BYTES = 256 * 1024;

/** How much longer than the quickest one an acknowledgement may take while the window grows, and when it shrinks. */
const QUICK_MS = 40;
const SLOW_MS = 90;
const SHRINK = 0.75;
/** The quickest acknowledgement is looked for anew after so long: a phone may have changed its network. */
const FORGET_MS = 10_000;

export class FlowControl {
  readonly #now: () => number;
  #window = WINDOW_FIRST_BYTES;
  #onTheWay = 0;
  #quickest = Number.POSITIVE_INFINITY;
  #quickestAt = 0;
  #shrunkAt = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  get window(): number {
    return this.#window;
  }

  /** Bytes that are not acknowledged. */
  get onTheWay(): number {
    return this.#onTheWay;
  }

  /** Whether so many bytes more may be sent. One message may always be on the way. */
  mayKeepGoing(bytes: number): boolean {
    return this.#onTheWay === 0 || this.#onTheWay + bytes <= this.#window;
  }

  sent(bytes: number): void {
    this.#onTheWay += bytes;
  }

  /** @param sentAt when the last of these bytes was sent */
  acknowledged(bytes: number, sentAt: number): void {
    this.#onTheWay = Math.max(0, this.#onTheWay - bytes);
    const now = this.#now();
    const took = now - sentAt;
    if (took <= this.#quickest || now - this.#quickestAt > FORGET_MS) {
      this.#quickest = took;
      this.#quickestAt = now;
    }
    const waited = took - this.#quickest;
    if (waited <= QUICK_MS) this.#window = Math.min(WINDOW_MAX_BYTES, this.#window + bytes);
    else if (waited > SLOW_MS && now - this.#shrunkAt > took) {
      this.#shrunkAt = now;
      this.#window = Math.max(WINDOW_MIN_BYTES, this.#window * SHRINK);
    }
  }

  /** What was on the way is lost, or will be sent again: nothing counts as sent any more. */
  forget(): void {
    this.#onTheWay = 0;
    this.#window = Math.min(this.#window, WINDOW_FIRST_BYTES);
  }
}
