import { setTimeout as delay } from 'node:timers/promises';

const PATIENCE_MS = 10_000;

/** Waits until there is something. Throws an Error that names it when there is nothing after 10 s. */
export async function until<T>(what: string, look: () => T | null | Promise<T | null>): Promise<T> {
  const latest = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > latest) throw new Error(`there is no ${what}`);
    await delay(50);
  }
}
