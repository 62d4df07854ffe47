/** Words for time, through Intl, so that a language is one parameter. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;

export interface TimeWords {
  /** Clock time of `at` (milliseconds since the Unix epoch), such as "15:40". */
  clock(at: number): string;
  /** The same, with the day's word when `at` is no longer today: "15:40 tomorrow". `leftMs` says how far off it is. */
  until(at: number, leftMs: number): string;
  /** A length of time in words, rounded up: "2 hours 5 minutes", "12 minutes", "45 seconds". */
  duration(ms: number): string;
}

/** The page's own language as this browser spells it (which decides 15:40 or 3:40 PM), else `fallback`. */
export function localeFor(language: string, fallback: string, preferred: readonly string[]): string {
  return preferred.find((tag) => tag === language || tag.startsWith(`${language}-`)) ?? fallback;
}

/** Time words in `locale`; `timeZone` is the device's own unless given. */
export function createTimeWords(locale: string, timeZone?: string): TimeWords {
  const zone = timeZone === undefined ? {} : { timeZone };
  // Intl's formats cost milliseconds each on a phone: they are made when first needed, and kept.
  const clock = once(() => new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit', ...zone }));
  const day = once(() => new Intl.DateTimeFormat('en', { dateStyle: 'short', ...zone }));
  const tomorrow = once(() => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(1, 'day'));
  const inUnit = (unit: 'hour' | 'minute' | 'second') =>
    once(() => new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }));
  const amounts = { hour: inUnit('hour'), minute: inUnit('minute'), second: inUnit('second') };
  const amount = (unit: keyof typeof amounts, count: number): string => amounts[unit]().format(count);
  const dayOf = (at: number): string => (timeZone === undefined ? new Date(at).toDateString() : day().format(at));

  return {
    clock: (at) => clock().format(at),
    until(at, leftMs) {
      const time = clock().format(at);
      return dayOf(at) === dayOf(at - leftMs) ? time : `${time} ${tomorrow()}`;
    },
    duration(ms) {
      const seconds = Math.ceil(Math.max(0, ms) / SECOND);
      if (seconds < 60) return amount('second', seconds);
      const minutes = Math.ceil(seconds / 60);
      const hours = Math.floor(minutes / 60);
      if (hours === 0) return amount('minute', minutes);
      const rest = minutes % 60;
      return rest === 0 ? amount('hour', hours) : `${amount('hour', hours)} ${amount('minute', rest)}`;
    },
  };
}

/** Whether to warn that time is running out: the last fifth, never more than the last five minutes. */
export function isSoon(leftMs: number, totalMs: number): boolean {
  return leftMs <= Math.min(5 * MINUTE, totalMs / 5);
}

/** Makes a value when it is first asked for. */
function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
