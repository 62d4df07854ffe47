/** For `expect.poll`: waits for a condition, long enough for a busy machine. */
export const SOON = { timeout: 10_000, interval: 20 } as const;
