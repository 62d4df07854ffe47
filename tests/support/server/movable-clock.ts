import type { Clock, Timer } from '../../../src/clock.ts';

/** A clock that a test moves by hand; between moves it stands still, or runs with the machine's own time. */
export interface MovableClock extends Clock {
  /** Moves time forward and runs everything that is due by then, in order. */
  advance(ms: number): void;
  /** Sets the machine's clock forward, or back when `ms` is negative: nothing is due any sooner or later for it. */
  set(ms: number): void;
}

interface Waiting {
  at: number;
  run: () => void;
}

/** Time stands still at `start` until `advance` moves it. */
export function standingClock(start = 1_700_000_000_000): MovableClock {
  return movable(
    () => start,
    () => ({ cancel: () => undefined }),
  );
}

/** Runs with the machine's time; `advance` jumps ahead of it. */
export function runningClock(): MovableClock {
  return movable(
    () => Date.now(),
    (ms, run) => {
      const handle = setTimeout(run, ms);
      return { cancel: () => clearTimeout(handle) };
    },
  );
}

function movable(base: () => number, schedule: (ms: number, run: () => void) => Timer): MovableClock {
  let ahead = 0;
  let wrong = 0;
  const waiting = new Set<Waiting>();
  const uptime = () => base() + ahead;
  const now = () => uptime() + wrong;

  function runDue(): void {
    // What these timers start anew counts from the new time, as it would after a machine was asleep.
    const due = [...waiting].filter(({ at }) => at <= uptime()).sort((a, b) => a.at - b.at);
    for (const entry of due) {
      if (waiting.delete(entry)) entry.run();
    }
  }

  return {
    now,
    uptime,
    after(ms, run) {
      const entry: Waiting = { at: uptime() + Math.max(0, ms), run };
      waiting.add(entry);
      // One timer in some hundreds is rung a millisecond too early by the time of day: it is due all the same.
      const timer = schedule(Math.max(0, ms), () => {
        if (waiting.delete(entry)) entry.run();
      });
      return {
        cancel() {
          waiting.delete(entry);
          timer.cancel();
        },
      };
    },
    advance(ms) {
      ahead += ms;
      runDue();
    },
    set(ms) {
      wrong += ms;
    },
  };
}
