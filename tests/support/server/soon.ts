/** For `expect.poll`: waits for a condition, long enough for a busy machine. */
export const SOON = { timeout: 10_000, interval: 20 } as const;

/**
 * In ms. What is done at once takes less than a second, which the bench measures; a busy machine takes longer, but never
 * as long as what would be done otherwise: a page that is told nothing finds out by itself after 8 s.
 */
export const AT_ONCE_MS = 5_000;
