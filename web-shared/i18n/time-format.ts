/** Times and durations through Intl. */
import { lazy } from '../lazy.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** A clock time as the sentences of a language take it: each has a variant for today and one for tomorrow. */
export interface Moment {
  day: 'today' | 'tomorrow';
  time: string;
}

export interface TimeFormat {
  /** Clock time of `at` (milliseconds since the Unix epoch), such as "15:40". */
  clock(at: number): string;
  /** The day of `at`, such as "12 May 2027". */
  date(at: number): string;
  /** The clock time with its day, for a time that is `leftMs` (at most a day) away. */
  until(at: number, leftMs: number): Moment;
  /** A length of time in words, rounded up: "2 hours 5 minutes", "12 minutes", "45 seconds". */
  duration(ms: number): string;
}

/**
 * The page's language as this browser spells it. The region decides much: 15:40 or 3:40 PM, and in Arabic the digits.
 * A browser that does not ask for the language gets `fallback`, with the clock of 12 or 24 hours that it asks for.
 */
export function localeFor(language: string, fallback: string, preferred: readonly string[]): string {
  const own = preferred.find((tag) => tag === language || tag.startsWith(`${language}-`));
  if (own !== undefined) return own;
  const [used] = Intl.DateTimeFormat.supportedLocalesOf([...preferred]);
  const cycle = used === undefined ? undefined : hourCycleOf(used);
  return cycle === undefined || cycle === hourCycleOf(fallback) ? fallback : `${fallback}-u-hc-${cycle}`;
}

function hourCycleOf(locale: string): string | undefined {
  return new Intl.DateTimeFormat(locale, { hour: 'numeric' }).resolvedOptions().hourCycle;
}

/** `timeZone` is the device's own unless given. */
export function createTimeFormat(locale: string, timeZone?: string): TimeFormat {
  const zone = timeZone === undefined ? {} : { timeZone };
  const clock = lazy(() => new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit', ...zone }));
  const day = lazy(() => new Intl.DateTimeFormat('en', { dateStyle: 'short', ...zone }));
  const date = lazy(() => new Intl.DateTimeFormat(locale, { dateStyle: 'long', ...zone }));
  const list = lazy(() => new Intl.ListFormat(locale, { type: 'unit', style: 'narrow' }));
  const inUnit = (unit: 'hour' | 'minute' | 'second') =>
    lazy(() => new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }));
  const amounts = { hour: inUnit('hour'), minute: inUnit('minute'), second: inUnit('second') };
  const amount = (unit: keyof typeof amounts, count: number): string => amounts[unit]().format(count);
  const dayOf = (at: number): string => (timeZone === undefined ? new Date(at).toDateString() : day().format(at));

  return {
    clock: (at) => clock().format(at),
    date: (at) => date().format(at),
    until: (at, leftMs) => ({
      day: dayOf(at) === dayOf(at - leftMs) ? 'today' : 'tomorrow',
      time: clock().format(at),
    }),
    duration(ms) {
      const seconds = Math.ceil(Math.max(0, ms) / SECOND);
      if (seconds < 60) return amount('second', seconds);
      const minutes = Math.ceil(seconds / 60);
      const hours = Math.floor(minutes / 60);
      if (hours === 0) return amount('minute', minutes);
      const rest = minutes % 60;
      return rest === 0 ? amount('hour', hours) : list().format([amount('hour', hours), amount('minute', rest)]);
    },
  };
}

/** Whether to warn that time is running out: the last fifth, never more than the last five minutes. */
export function isSoon(leftMs: number, totalMs: number): boolean {
  return leftMs <= Math.min(5 * MINUTE, totalMs / 5);
}
