/** Counts what is there at once, for each key and altogether. */
export interface Places {
  /** Takes a place; gives the function that leaves it, which may be called again. Null when there is none left. */
  enter(key: string): (() => void) | null;
  /** How many places the key has taken. */
  taken(key: string): number;
}

export function createPlaces({ each, total }: { each: number; total: number }): Places {
  const taken = new Map<string, number>();
  let all = 0;
  const takenBy = (key: string): number => taken.get(key) ?? 0;

  return {
    taken: takenBy,
    enter(key) {
      if (all >= total || takenBy(key) >= each) return null;
      all += 1;
      taken.set(key, takenBy(key) + 1);
      let here = true;
      return () => {
        if (!here) return;
        here = false;
        all -= 1;
        const left = takenBy(key) - 1;
        if (left > 0) taken.set(key, left);
        else taken.delete(key);
      };
    },
  };
}
