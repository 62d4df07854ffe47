/**
 * Work cut into tasks of its own. A browser draws and hears a tap only between two tasks, and what is quick on a
 * computer holds a slow phone back for a tenth of a second.
 */

/** How long a browser without idle callbacks waits before it counts as idle. */
const GUESS_MS = 100;

/** Runs steps one by one, each when the page has nothing else to do. */
export function whenIdle(steps: readonly (() => void)[]): void {
  oneByOne(steps, typeof requestIdleCallback === 'function' ? requestIdleCallback : (run) => setTimeout(run, GUESS_MS));
}

/** Runs steps one by one, each as soon as what has happened meanwhile was dealt with. */
export function inTurn(steps: readonly (() => void)[]): void {
  oneByOne(steps, (run) => setTimeout(run));
}

/** Fulfilled in a later task. */
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
