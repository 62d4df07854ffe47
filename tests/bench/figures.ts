/** One measured figure; printed as one line of JSON. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** One sentence: from what to what, and how. */
  what: string;
  [detail: string]: number | string;
}

/** A figure of times in milliseconds: the median as its value, beside it the spread. Throws when there are none. */
export function timesFigure(name: string, times: readonly number[], what: string): Figure {
  const sorted = [...times].sort((a, b) => a - b);
  const p50 = quantile(sorted, 0.5);
  return {
    name,
    value: p50,
    unit: 'ms',
    p50,
    p95: quantile(sorted, 0.95),
    min: quantile(sorted, 0),
    max: quantile(sorted, 1),
    runs: sorted.length,
    what,
  };
}

/** The median of some numbers, rounded to tenths. */
export function median(numbers: readonly number[]): number {
  return quantile(
    [...numbers].sort((a, b) => a - b),
    0.5,
  );
}

/** The smallest of some sorted numbers that at least `share` of all do not exceed, rounded to tenths. Throws when there are none. */
export function quantile(sorted: readonly number[], share: number): number {
  const number = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (number === undefined) throw new Error('nothing was measured');
  return Math.round(number * 10) / 10;
}
