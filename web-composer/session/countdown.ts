import type { PageClock, Timer } from '../../web-shared/clock.ts';

/** Counts the seconds of an open room. */
export class Countdown {
  #tick: Timer | null = null;
  readonly #clock: PageClock;

  constructor(clock: PageClock) {
    this.#clock = clock;
  }

  /** Calls `onSecond` once a second for as long as there is time left, then `onOver` once. */
  run(leftMs: () => number, onSecond: () => void, onOver: () => void): void {
    this.#tick = this.#clock.after(1000, () => {
      if (leftMs() === 0) return onOver();
      onSecond();
      this.run(leftMs, onSecond, onOver);
    });
  }

  stop(): void {
    this.#tick?.cancel();
  }
}
