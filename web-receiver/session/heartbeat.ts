import type { PageClock, Timer } from '../../web-shared/clock.ts';

/** How long after an answer the composer's page is asked again. */
const ASK_MS = 4_000;
/** For how long after a question its answer lets the note be shown. */
const FRESH_MS = 10_000;
/** How long a version may be on its way of which the composer said that it was sent. */
const BEHIND_MS = 30_000;

interface Around {
  /** Puts question `number` to the composer's page, sealed. */
  ask(number: number): void;
  /** Whether the composer is there may have changed. */
  changed(): void;
}

/**
 * Whether the composer's page still holds the note out to this one. Only that page can answer the questions, and it
 * stops when the note is over or this reader was sent away: no server can keep a note on the screen by saying nothing.
 * The reader asks and the composer answers because browsers slow down the timers of a hidden tab, but not its messages.
 * One question is under way at a time, so that a page that was asleep finds one to answer, and not a hundred.
 */
export class Heartbeat {
  readonly #clock: PageClock;
  readonly #around: Around;
  /** When the last question was put that was answered; the knock counts as one. */
  #provenAt = Number.NEGATIVE_INFINITY;
  #asked: { number: number; at: number } | null = null;
  #lastNumber = 0;
  /** The version on the screen, and since when a later one is on its way. */
  #rev = 0;
  #behindSince: number | null = null;
  #asking: Timer | null = null;
  #watching: Timer | null = null;

  constructor(clock: PageClock, around: Around) {
    this.#clock = clock;
    this.#around = around;
  }

  /** The knock goes out: whatever comes back sealed was said after this moment. */
  start(): void {
    this.stop();
    this.#lastNumber = 0;
    this.#rev = 0;
    this.#behindSince = null;
    this.#prove(this.#clock.now());
  }

  /** The composer answered. Throws when nobody asked that: it repeats itself, or is none of ours. */
  answered({ number, rev }: { number: number; rev: number }): void {
    if (this.#asked === null || this.#asked.number !== number) throw new Error('an answer that nobody asked for');
    const { at } = this.#asked;
    this.#asked = null;
    if (rev > this.#rev) this.#behindSince ??= this.#clock.now();
    this.#prove(at);
    this.#around.changed();
  }

  /** Version `rev` of the note has arrived. */
  arrived(rev: number): void {
    this.#rev = rev;
    this.#behindSince = null;
    this.#watch();
  }

  /** Whether the note may be on the screen at this moment. */
  get isFresh(): boolean {
    const now = this.#clock.now();
    // A device clock that was set back must not make an old answer last.
    return now >= this.#provenAt && now < this.#staleAt;
  }

  /** Whether the composer answers, but what it sends does not arrive. */
  get isBehind(): boolean {
    return this.#behindSince !== null && this.#clock.now() >= this.#behindSince + BEHIND_MS;
  }

  stop(): void {
    this.#asking?.cancel();
    this.#watching?.cancel();
    this.#asked = null;
    this.#provenAt = Number.NEGATIVE_INFINITY;
  }

  get #staleAt(): number {
    return Math.min(this.#provenAt + FRESH_MS, (this.#behindSince ?? Number.POSITIVE_INFINITY) + BEHIND_MS);
  }

  #prove(at: number): void {
    this.#provenAt = at;
    this.#asking?.cancel();
    this.#asking = this.#clock.after(at + ASK_MS - this.#clock.now(), () => this.#ask());
    this.#watch();
  }

  #ask(): void {
    this.#lastNumber += 1;
    this.#asked = { number: this.#lastNumber, at: this.#clock.now() };
    this.#around.ask(this.#lastNumber);
  }

  #watch(): void {
    this.#watching?.cancel();
    const leftMs = this.#staleAt - this.#clock.now();
    if (leftMs <= 0) return;
    this.#watching = this.#clock.after(leftMs, () => {
      this.#watch();
      this.#around.changed();
    });
  }
}
