import type { PageClock, Timer } from '../../web-shared/clock.ts';
import type { NoteModel, Revision } from './note-model.ts';

/** How long after the last change the doctor counts as done with it. */
const EDITING_PAUSE_MS = 1_500;

/**
 * Decides when a revision of the open note is due. Each change is published at once, marked as being edited until the
 * doctor pauses: half of a dose may stand there meanwhile.
 */
export class Publisher {
  readonly #note: NoteModel;
  readonly #clock: PageClock;
  readonly #publish: (revision: Revision) => void;
  #pause: Timer | null = null;

  /** @param publish sends a revision to the readers */
  constructor(note: NoteModel, clock: PageClock, publish: (revision: Revision) => void) {
    this.#note = note;
    this.#clock = clock;
    this.#publish = publish;
  }

  get isEditing(): boolean {
    return this.#pause !== null;
  }

  publishFirst(): void {
    this.#send(this.#note.publish(false));
  }

  /** The note has changed. What cannot be sent, such as an empty note, waits for the next change. */
  noteChanged(): void {
    this.#pause?.cancel();
    this.#pause = this.#clock.after(EDITING_PAUSE_MS, () => {
      this.#pause = null;
      this.#send(this.#note.finishEditing());
    });
    this.#send(this.#note.publish(true));
  }

  stop(): void {
    this.#pause?.cancel();
    this.#pause = null;
  }

  #send(revision: Revision | null): void {
    if (revision !== null) this.#publish(revision);
  }
}
