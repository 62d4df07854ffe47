import type { Stage } from './stage.ts';

/** What came of a fault. */
export interface Outcome {
  /** What was seen, in one plain sentence. */
  seen: string;
  /** From the moment the fault was over, or happened where it never is over, to everything being right; null where nothing is to recover. */
  recoveredMs: number | null;
  ok: boolean;
}

/** Something that goes wrong in the life of a note, and what GLIR promises then. */
export interface Fault {
  /** For the command line: small letters and hyphens. */
  name: string;
  /** What happens, in one plain sentence. */
  fault: string;
  /** What DESIGN.md promises then. */
  expected: string;
  /** How long it may take in all, milliseconds; 90 s where nothing is said. */
  limitMs?: number;
  /** Plays it. Everything it starts comes from the stage, which clears up. An error counts as not ok. */
  run(stage: Stage): Promise<Outcome>;
}

/** A promise about time: what was seen is right when it came within the limit. */
export function within(limitMs: number, tookMs: number | null): boolean {
  return tookMs !== null && tookMs <= limitMs;
}
