import type { Page } from 'playwright-core';

/** Puts a counter in the place of the page's wake lock, before the page loads; gives how many are held. */
export async function countWakeLocks(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(`
    globalThis.locks = 0;
    const sentinel = { release: async () => { globalThis.locks -= 1; } };
    Object.defineProperty(navigator, 'wakeLock', { value: { request: async () => { globalThis.locks += 1; return sentinel; } } });
  `);
  return () => page.evaluate('locks');
}
