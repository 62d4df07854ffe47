import type { Logger } from 'pino';
import type { Clock, Timer } from '../../src/clock.ts';
import { faultOf } from './fault.ts';

const PACE_MS = 1_000;
/** Pauses before a failed call is tried again: for a status that another one will follow, and for the last one. */
const RETRY_MS = [1_000, 2_000, 4_000] as const;
const LAST_RETRY_MS = [...RETRY_MS, 8_000, 16_000] as const;

/** Brings one message up to date: one call at a time, paced, the latest status only. */
export interface Follower {
  /** The status may have changed. */
  changed(): void;
  /** No call begins from now on. */
  stop(): void;
  /** Makes the call that is due, once and without waiting; then stops. Resolves when nothing is under way any more. */
  finish(): Promise<void>;
}

/** What a follower has to know of a status: whose it is, for the log, and whether it is the last one. */
interface Followed {
  roomTag: string;
  over: object | null;
}

interface Dependencies<Status> {
  clock: Clock;
  log: Logger;
  /** A fresh snapshot. */
  status: () => Status;
  show: (status: Status) => Promise<void>;
  /** Called once, after the last status was shown or given up. */
  onDone: () => void;
}

/** Shows the status at once, and then whenever it is told of a change. */
export function startFollower<Status extends Followed>(deps: Dependencies<Status>): Follower {
  const follower = new PacedFollower(deps);
  follower.changed();
  return follower;
}

class PacedFollower<Status extends Followed> implements Follower {
  readonly #deps: Dependencies<Status>;
  #due = false;
  #stopped = false;
  #finishing = false;
  /** The call under way. */
  #call: Promise<void> | null = null;
  #timer: Timer | null = null;
  /** When the next call may begin. */
  #from = 0;
  #failures = 0;
  /** The status on screen, as JSON. */
  #shown = '';

  constructor(deps: Dependencies<Status>) {
    this.#deps = deps;
  }

  changed(): void {
    this.#due = true;
    this.#next();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async finish(): Promise<void> {
    this.#finishing = true;
    this.#timer?.cancel();
    this.#timer = null;
    // A call under way may be of an older status; what became due meanwhile begins when it settles.
    this.#next();
    while (this.#call !== null) await this.#call;
    this.stop();
  }

  #next(): void {
    if (this.#stopped || !this.#due || this.#call !== null || this.#timer !== null) return;
    const { clock } = this.#deps;
    const waitMs = this.#finishing ? 0 : this.#from - clock.now();
    if (waitMs <= 0) return this.#begin();
    this.#timer = clock.after(waitMs, () => {
      this.#timer = null;
      this.#next();
    });
  }

  #begin(): void {
    this.#call = this.#showLatest().then(() => {
      this.#call = null;
      this.#next();
    });
  }

  async #showLatest(): Promise<void> {
    // Whatever changes in the same turn belongs to the same call.
    await Promise.resolve();
    if (this.#stopped) return;
    const status = this.#deps.status();
    const text = JSON.stringify(status);
    this.#due = false;
    if (text === this.#shown) return;
    this.#from = this.#deps.clock.now() + PACE_MS;
    try {
      await this.#deps.show(status);
      this.#shown = text;
      this.#failures = 0;
      if (status.over !== null) this.#done();
    } catch (error) {
      this.#failed(status, error);
    }
  }

  #failed(status: Followed, error: unknown): void {
    const { clock, log } = this.#deps;
    this.#failures += 1;
    // Whether it reached the message nobody knows.
    this.#shown = '';
    const pauses = status.over === null ? RETRY_MS : LAST_RETRY_MS;
    const pause = this.#finishing ? undefined : pauses[this.#failures - 1];
    const again = pause !== undefined;
    log.warn({ event: 'status-not-shown', room: status.roomTag, attempt: this.#failures, again, ...faultOf(error) });
    if (again) {
      this.#from = clock.now() + pause;
      this.#due = true;
      return;
    }
    this.#failures = 0;
    if (status.over !== null) this.#done();
  }

  #done(): void {
    this.stop();
    this.#deps.onDone();
  }
}
