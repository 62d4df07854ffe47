/** A running timer; `cancel` is harmless after it has fired. */
export interface Timer {
  cancel(): void;
}

/**
 * The one source of time in the server. Rules take it as a parameter, so that a test can move it.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch, as the machine's clock is set. */
  now(): number;
  /** Milliseconds since some moment: never goes back and never jumps, whatever the machine's clock is set to. */
  uptime(): number;
  /** Calls `run` once, `ms` milliseconds from now (at once when `ms` is not positive). */
  after(ms: number, run: () => void): Timer;
}

/** The machine's own time. Its timers never keep the process alive by themselves. */
export const systemClock: Clock = {
  now: () => Date.now(),
  uptime: () => performance.now(),
  after(ms, run) {
    const handle = setTimeout(run, Math.max(0, ms));
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
};

/** The time since the machine was started: it goes on between two processes, and setting the clock does not move it. */
export interface BootTime {
  /** Tells this start of the machine from every other. */
  readonly boot: string;
  readonly ms: number;
}
