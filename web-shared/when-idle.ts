/** How long a browser without idle callbacks waits before it counts as idle. */
const GUESS_MS = 100;

/** Runs steps one by one, each when the page has nothing else to do. */
export function whenIdle(steps: readonly (() => void)[]): void {
  const [step, ...later] = steps;
  if (step === undefined) return;
  const run = (): void => {
    step();
    whenIdle(later);
  };
  if (typeof requestIdleCallback === 'function') requestIdleCallback(run);
  else setTimeout(run, GUESS_MS);
}
