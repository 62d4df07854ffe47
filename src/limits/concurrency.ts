/** Limits how many of something there are at once, for each key and altogether. */
export interface ConcurrencyLimit {
  /** Takes one; gives the function that releases it, which may be called again. Null when there is none left. */
  acquire(key: string): (() => void) | null;
  /** How many the key has at this moment. */
  count(key: string): number;
}

export function createConcurrencyLimit({ each, total }: { each: number; total: number }): ConcurrencyLimit {
  const counts = new Map<string, number>();
  let all = 0;
  const count = (key: string): number => counts.get(key) ?? 0;

  return {
    count,
    acquire(key) {
      if (all >= total || count(key) >= each) return null;
      all += 1;
      counts.set(key, count(key) + 1);
      let released = false;
      return () => {
        if (released) return;
        released = true;
        all -= 1;
        const left = count(key) - 1;
        if (left > 0) counts.set(key, left);
        else counts.delete(key);
      };
    },
  };
}
