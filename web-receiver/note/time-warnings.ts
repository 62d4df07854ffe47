import type { RoomFacts } from '../session/state.ts';

/** Time left, in milliseconds, at which it is announced once. */
const WARN_AT = [5 * 60_000, 60_000];
/** Less than this is a clock that was corrected, and no time that the doctor added. */
const ADDED_MIN_MS = 30_000;

export class TimeWarnings {
  #leftMs = Number.POSITIVE_INFINITY;
  #until = Number.POSITIVE_INFINITY;

  take({ leftMs, totalMs, until }: Pick<RoomFacts, 'leftMs' | 'totalMs' | 'until'>): 'nothing' | 'soon' | 'more' {
    const before = this.#leftMs;
    const more = until > this.#until + ADDED_MIN_MS;
    this.#leftMs = leftMs;
    this.#until = until;
    if (more) return 'more';
    return WARN_AT.some((at) => before > at && leftMs <= at && totalMs > at) ? 'soon' : 'nothing';
  }

  reset(): void {
    this.#leftMs = Number.POSITIVE_INFINITY;
    this.#until = Number.POSITIVE_INFINITY;
  }
}
