/** Durations as people write them: `15m`, `2h`, `1h30m`, `90s`, `45 min`, `1 hour 30 minutes`. */

const UNITS = [
  { seconds: 86_400, words: ['d', 'day', 'days'] },
  { seconds: 3_600, words: ['h', 'hr', 'hrs', 'hour', 'hours'] },
  { seconds: 60, words: ['m', 'min', 'mins', 'minute', 'minutes'] },
  { seconds: 1, words: ['s', 'sec', 'secs', 'second', 'seconds'] },
] as const;

const SECONDS_BY_WORD: ReadonlyMap<string, number> = new Map(
  UNITS.flatMap(({ seconds, words }) => words.map((word) => [word, seconds] as const)),
);

/** Longer than any sensible way of writing one, short enough to cost nothing. */
const MAX_CHARACTERS = 40;

/**
 * Reads a duration. Each unit appears at most once, the larger before the smaller, in whole numbers of at most six
 * digits; case and spaces do not matter. A number without a unit is no duration: minutes and hours are too easily
 * confused.
 *
 * @returns whole seconds, zero included (whether the length is allowed is the caller's rule), or null when `text` is
 *   none
 */
export function parseDuration(text: string): number | null {
  const compact = text.trim().toLowerCase();
  if (compact === '' || compact.length > MAX_CHARACTERS) return null;

  let total = 0;
  let previousUnit = Number.POSITIVE_INFINITY;
  let read = 0;
  for (const part of compact.matchAll(/(\d{1,6})\s*([a-z]+)\s*/gy)) {
    const [whole, amount = '', word = ''] = part;
    const unit = SECONDS_BY_WORD.get(word);
    if (unit === undefined || unit >= previousUnit) return null;
    total += Number(amount) * unit;
    previousUnit = unit;
    read += whole.length;
  }
  return read === compact.length ? total : null;
}

/**
 * Says a duration in plain English, such as `30 minutes`, `1 hour 30 minutes` or `24 hours`. `parseDuration` reads it
 * back.
 *
 * @param seconds rounded to whole seconds; anything below zero counts as zero
 */
export function formatDuration(seconds: number): string {
  const total = Math.max(0, Math.round(seconds));
  const parts = [
    { amount: Math.floor(total / 3_600), name: 'hour' },
    { amount: Math.floor((total % 3_600) / 60), name: 'minute' },
    { amount: total % 60, name: 'second' },
  ].filter(({ amount }) => amount > 0);

  if (parts.length === 0) return '0 seconds';
  return parts.map(({ amount, name }) => `${amount} ${name}${amount === 1 ? '' : 's'}`).join(' ');
}
