import type { PageClock, Timer } from '../../web-shared/clock.ts';
import type { NoteModel } from './note-model.ts';

/** How long after the last change the doctor counts as done with it. */
const SETTLED_MS = 1_500;

/**
 * Sends the doctor's changes of an open note as they are made. Readers are told that the doctor is at it until a pause
 * comes: what stands there meanwhile may be half of a dose.
 */
export class Publisher {
  readonly #manuscript: NoteModel;
  readonly #clock: PageClock;
  readonly #send: () => void;
  #settling: Timer | null = null;

  /** @param send brings the manuscript's latest version to its readers */
  constructor(manuscript: NoteModel, clock: PageClock, send: () => void) {
    this.#manuscript = manuscript;
    this.#clock = clock;
    this.#send = send;
  }

  /** Whether a pause is still waited for. */
  get underWay(): boolean {
    return this.#settling !== null;
  }

  /** Something was changed. What cannot be sent, such as an empty note, waits for the next change. */
  changed(): void {
    this.#settling?.cancel();
    this.#settling = this.#clock.after(SETTLED_MS, () => {
      this.#settling = null;
      this.#manuscript.settle();
      this.#send();
    });
    if (this.#manuscript.publish(true)) this.#send();
  }

  stop(): void {
    this.#settling?.cancel();
    this.#settling = null;
  }
}
