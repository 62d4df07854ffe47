import type { Clock } from '../../../src/clock.ts';

/** Watches which timers a server starts on its clock, from now on. */
export interface Timers {
  /** Timers started since, that neither fired nor were cancelled. */
  running(): number;
  /** Fulfilled when a timer of this length is started after the call. */
  started(ms: number): Promise<void>;
}

export function watchTimers(clock: Clock): Timers {
  const running = new Set<object>();
  const waiting = new Set<(ms: number) => void>();
  const after = clock.after;
  clock.after = (ms, run) => {
    const mark = {};
    running.add(mark);
    const timer = after(ms, () => {
      running.delete(mark);
      run();
    });
    for (const tell of waiting) tell(ms);
    return {
      cancel() {
        running.delete(mark);
        timer.cancel();
      },
    };
  };
  return {
    running: () => running.size,
    started: (wanted) =>
      new Promise((resolve) => {
        const tell = (ms: number) => {
          if (ms !== wanted) return;
          waiting.delete(tell);
          resolve();
        };
        waiting.add(tell);
      }),
  };
}
