/**
 * Work split into separate tasks: a browser draws and handles a tap only between two tasks, and what is quick on a computer
 * blocks a slow phone for a tenth of a second.
 */

/** How long a browser without idle callbacks waits before it counts as idle. */
const IDLE_MS = 100;

/** Runs steps one by one, each when the page is idle. */
export function whenIdle(steps: readonly (() => void)[]): void {
  oneByOne(steps, typeof requestIdleCallback === 'function' ? requestIdleCallback : (run) => setTimeout(run, IDLE_MS));
}

/** Runs steps one by one, each in a task of its own. */
export function inTurn(steps: readonly (() => void)[]): void {
  oneByOne(steps, (run) => setTimeout(run));
}

export function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

function oneByOne([step, ...later]: readonly (() => void)[], schedule: (run: () => void) => unknown): void {
  if (step === undefined) return;
  schedule(() => {
    step();
    oneByOne(later, schedule);
  });
}
