import type { Clock, Timer } from '../clock.ts';

interface Due {
  /** In the clock's uptime. */
  at: number;
  timer: Timer;
}

/** Something that is due at one moment for each room: setting it anew moves it. A clock that is set moves nothing. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #due = new Map<string, Due>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  has(roomId: string): boolean {
    return this.#due.has(roomId);
  }

  /** Milliseconds until it is due, 0 or less when it should have been; infinite when nothing is. */
  leftMs(roomId: string): number {
    const due = this.#due.get(roomId);
    return due === undefined ? Number.POSITIVE_INFINITY : due.at - this.#clock.uptime();
  }

  /** Calls `run` in `ms` milliseconds, instead of what was due for the room before. */
  set(roomId: string, ms: number, run: () => void): void {
    this.cancel(roomId);
    this.#due.set(roomId, { at: this.#clock.uptime() + ms, timer: this.#clock.after(ms, run) });
  }

  /** Forgets what is due, or was; harmless when there is nothing. */
  cancel(roomId: string): void {
    this.#due.get(roomId)?.timer.cancel();
    this.#due.delete(roomId);
  }

  /** Forgets everything. */
  clear(): void {
    for (const { timer } of this.#due.values()) timer.cancel();
    this.#due.clear();
  }
}
