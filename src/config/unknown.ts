/** Prefix of the variables that are GLIR's alone, so that an unknown one is a mistake. */
const PREFIX = 'GLIR_';

/** Edits from a mistyped name to the meant one; further away it is a guess. */
const NEAR = 3;

/**
 * Finds set variables that begin with GLIR_ but that nobody reads.
 *
 * @returns a sentence for each, with the nearest known name where one is near
 */
export function unknownVariables(env: NodeJS.ProcessEnv, known: readonly string[]): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !known.includes(name))
    .sort()
    .map((name) => {
      const near = nearest(name, known);
      return `${name} is not a setting of GLIR and has no effect.${near === null ? '' : ` Did you mean ${near}?`}`;
    });
}

function nearest(name: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let least = NEAR + 1;
  for (const candidate of known) {
    const distance = edits(name, candidate);
    if (distance < least) {
      best = candidate;
      least = distance;
    }
  }
  return best;
}

/** Levenshtein's distance: insertions, deletions and replacements of one character. */
function edits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, character] of [...from].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (character === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
