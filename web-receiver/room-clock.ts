import type { Reply } from '../src/protocol/messages.ts';
import type { PageClock, Timer } from '../web-shared/clock.ts';
import type { RoomFacts } from './state.ts';

/**
 * What the page knows of the room, and how long it still has. The server says how much time is left; once the composer
 * has said it too, sealed, the server's word counts only where it is shorter: no server can stretch a note's life.
 */
export class RoomClock {
  readonly #clock: PageClock;
  readonly #onSecond: (room: RoomFacts) => void;
  #facts: RoomFacts | null = null;
  /** Local time after which nothing is shown, as the composer sealed it. */
  #sealedUntil = Number.POSITIVE_INFINITY;
  #second: Timer | null = null;

  /** `onSecond` is called once a second while the time runs; at the end with `leftMs` 0, for the last time. */
  constructor(clock: PageClock, onSecond: (room: RoomFacts) => void) {
    this.#clock = clock;
    this.#onSecond = onSecond;
  }

  /** The room as it stands now; null before the first join and after `stop`. */
  get room(): RoomFacts | null {
    return this.#facts;
  }

  /** The server's word, anew with each join. */
  learn({ who, admission, leftMs, totalMs }: Reply<'join'>): RoomFacts {
    const until = Math.min(this.#clock.now() + leftMs, this.#sealedUntil);
    const facts: RoomFacts = { who, admission, until, leftMs: this.#leftUntil(until), totalMs };
    this.#facts = facts;
    this.#wait();
    return facts;
  }

  /** The composer's sealed word. */
  seal(leftMs: number): void {
    this.#sealedUntil = Math.min(this.#sealedUntil, this.#clock.now() + leftMs);
    if (this.#facts === null) return;
    const until = Math.min(this.#facts.until, this.#sealedUntil);
    this.#facts = { ...this.#facts, until, leftMs: this.#leftUntil(until) };
  }

  stop(): void {
    this.#second?.cancel();
    this.#facts = null;
  }

  #wait(): void {
    this.#second?.cancel();
    this.#second = this.#clock.after(1000, () => {
      if (this.#facts === null) return;
      this.#facts = { ...this.#facts, leftMs: this.#leftUntil(this.#facts.until) };
      if (this.#facts.leftMs > 0) this.#wait();
      this.#onSecond(this.#facts);
    });
  }

  #leftUntil(until: number): number {
    return Math.max(0, until - this.#clock.now());
  }
}
