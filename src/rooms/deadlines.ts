import type { Clock, Timer } from '../clock.ts';

/** Something that is due at one moment for each room: setting it anew moves it. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #timers = new Map<string, Timer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  has(roomId: string): boolean {
    return this.#timers.has(roomId);
  }

  /** Calls `run` in `ms` milliseconds, instead of what was due for the room before. */
  set(roomId: string, ms: number, run: () => void): void {
    this.cancel(roomId);
    this.#timers.set(roomId, this.#clock.after(ms, run));
  }

  /** Forgets what is due, or was; harmless when there is nothing. */
  cancel(roomId: string): void {
    this.#timers.get(roomId)?.cancel();
    this.#timers.delete(roomId);
  }
}
