import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { inThisCheckout } from './context.mjs';
import { STALE_MS } from './lock.mjs';

/**
 * Runs a server from this checkout, and lets setups know of it: what it has not loaded yet must not be replaced under it.
 * @template T
 * @param {import('./context.mjs').Context} context
 * @param {() => Promise<T>} run
 */
export function whileRunning(context, run) {
  return context.locked(`${inThisCheckout('server')}-${process.pid}`, run);
}

/**
 * @param {import('./context.mjs').Context} context
 * @returns {boolean} whether a server runs from this checkout, or was killed a moment ago
 */
export function isServerRunning({ locks }) {
  return readdirSync(locks)
    .filter((name) => name.startsWith(`${inThisCheckout('server')}-`))
    .some((name) => {
      const renewedAt = statSync(path.join(locks, name), { throwIfNoEntry: false })?.mtimeMs;
      return renewedAt !== undefined && Date.now() - renewedAt < STALE_MS;
    });
}
