import type { PageClock, Timer } from '../../web-shared/clock.ts';

/** One thing that is waited for, and no longer than some time. */
export class Wait {
  readonly #clock: PageClock;
  #timer: Timer | null = null;

  constructor(clock: PageClock) {
    this.#clock = clock;
  }

  /** Waits `ms` milliseconds from now, then calls `tooLong`; a wait before this one is over. */
  anew(ms: number, tooLong: () => void): void {
    this.end();
    this.begin(ms, tooLong);
  }

  /** Like `anew`, but a wait that is under way goes on: who begins it again and again does not stretch it. */
  begin(ms: number, tooLong: () => void): void {
    this.#timer ??= this.#clock.after(ms, tooLong);
  }

  end(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }
}
