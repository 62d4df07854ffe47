import type { RoomFacts } from '../session/state.ts';

/** Time left, in milliseconds, at which it is said aloud once. */
const WARN_AT = [5 * 60_000, 60_000];
/** Less than this is a clock put right, no time that the doctor gave. */
const GIVEN_MS = 30_000;

/** What about the time is worth a word. */
export class TimeNews {
  #leftMs = Number.POSITIVE_INFINITY;
  #until = Number.POSITIVE_INFINITY;

  take({ leftMs, totalMs, until }: Pick<RoomFacts, 'leftMs' | 'totalMs' | 'until'>): 'nothing' | 'soon' | 'more' {
    const before = this.#leftMs;
    const more = until > this.#until + GIVEN_MS;
    this.#leftMs = leftMs;
    this.#until = until;
    if (more) return 'more';
    return WARN_AT.some((at) => before > at && leftMs <= at && totalMs > at) ? 'soon' : 'nothing';
  }

  forget(): void {
    this.#leftMs = Number.POSITIVE_INFINITY;
    this.#until = Number.POSITIVE_INFINITY;
  }
}
