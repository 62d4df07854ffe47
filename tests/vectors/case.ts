/** One thing that must hold in every place where the protocol runs: Node and browsers. */
export interface Case {
  name: string;
  /** Throws CaseFailure when it does not hold. */
  run(): Promise<void> | void;
}

/** What went wrong in a case; never needs a test framework, so that cases run on a bare page. */
export class CaseFailure extends Error {
  override readonly name = 'CaseFailure';
}

/** How one case went: null when it holds, otherwise what went wrong. */
export interface Outcome {
  name: string;
  failure: string | null;
}

/** Runs cases one after the other; gives how each went. */
export async function runCases(cases: readonly Case[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { name, run } of cases) {
    try {
      await run();
      outcomes.push({ name, failure: null });
    } catch (error) {
      outcomes.push({ name, failure: String(error instanceof Error ? (error.stack ?? error) : error) });
    }
  }
  return outcomes;
}

/** Throws CaseFailure unless both are the same value; byte strings are compared byte by byte. */
export function same(actual: unknown, expected: unknown, what: string): void {
  const [a, e] = [readable(actual), readable(expected)];
  if (a !== e) throw new CaseFailure(`${what}: got ${a}, expected ${e}`);
}

/** Throws CaseFailure unless the two differ. */
export function different(one: unknown, other: unknown, what: string): void {
  if (readable(one) === readable(other)) throw new CaseFailure(`${what}: both are ${readable(one)}`);
}

type ErrorClass = abstract new (...args: never[]) => Error;

/** Throws CaseFailure unless `run` throws or rejects, with an error of the given class when there is one. */
export async function refused(what: string, run: () => unknown, as: ErrorClass = Error): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (error instanceof as) return;
    throw new CaseFailure(`${what}: refused, but with ${String(error)}`);
  }
  throw new CaseFailure(`${what}: was accepted`);
}

/** A copy with one bit turned over. */
export function flipped(bytes: Uint8Array, at: number, bit = 0): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  copy[at] = (copy[at] ?? 0) ^ (1 << bit);
  return copy;
}

function readable(value: unknown): string {
  if (value instanceof Uint8Array)
    return `bytes ${Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  return JSON.stringify(value) ?? String(value);
}
