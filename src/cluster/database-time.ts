import type { Clock } from '../clock.ts';

/** An answer that took longer says too little about the moment when the database read its clock. */
const ROUND_TRIP_MS = 500;

/** The database's clock, which all nodes have in common, as this node knows it without asking. */
export class DatabaseTime {
  readonly #clock: Clock;
  #ahead: number;
  #isMeasured = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#ahead = clock.now() - clock.uptime();
  }

  /** Milliseconds since the Unix epoch. */
  now(): number {
    return this.#clock.uptime() + this.#ahead;
  }

  /** Asks for the database's time; gives how far this machine's clock is ahead of it, in milliseconds. */
  async measure(ask: () => Promise<number>): Promise<number> {
    const from = this.#clock.uptime();
    const time = await ask();
    const until = this.#clock.uptime();
    const middle = (from + until) / 2;
    if (!this.#isMeasured || until - from <= ROUND_TRIP_MS) this.#ahead = time - middle;
    this.#isMeasured = true;
    return this.#clock.now() - (until - middle) - time;
  }
}
