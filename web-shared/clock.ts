/** A running timer; `cancel` is harmless after it has fired. */
export interface Timer {
  cancel(): void;
}

/** A page's source of time; sessions take it as a parameter. */
export interface PageClock {
  /** Milliseconds since the Unix epoch, by this device's clock. */
  now(): number;
  /** Calls `run` once, `ms` milliseconds from now. */
  after(ms: number, run: () => void): Timer;
}

export const browserClock: PageClock = {
  now: () => Date.now(),
  after(ms, run) {
    const handle = setTimeout(run, Math.max(0, ms));
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Fulfilled with `work`, or `ms` milliseconds from now, whichever comes first. Rejects when `work` does in time. */
export function atMost<Result>(clock: PageClock, ms: number, work: Promise<Result>): Promise<Result | undefined> {
  return Promise.race([work, new Promise<undefined>((resolve) => clock.after(ms, () => resolve(undefined)))]);
}
