import type { Reply } from '../../src/protocol/messages.ts';
import type { PageClock, Timer } from '../../web-shared/clock.ts';
import type { InterruptedSide, RoomFacts } from './state.ts';

/** A page that has not counted a second for longer than this was asleep. */
const ASLEEP_MS = 5_000;
/** How long after it woke up a page still blames its sleep for a lost connection. */
const AWAKE_MS = 15_000;

/**
 * What the page knows of the room, and how long the room still lives. The server says how much time is left; once the
 * composer said it too, sealed, the server counts only where it says less: no server can stretch a note's life.
 */
export class RoomClock {
  readonly #clock: PageClock;
  readonly #onSecond: (room: RoomFacts) => void;
  #facts: RoomFacts | null = null;
  #serverUntil = Number.POSITIVE_INFINITY;
  /** Local time after which nothing is shown, as the composer sealed it. */
  #sealedUntil = Number.POSITIVE_INFINITY;
  #sealedName: { who: string | null } | null = null;
  #nextSecond: Timer | null = null;
  #countedAt: number | null = null;
  #wokeAt = Number.NEGATIVE_INFINITY;

  /** `onSecond` is called once a second while the time runs; at the end with `leftMs` 0, for the last time. */
  constructor(clock: PageClock, onSecond: (room: RoomFacts) => void) {
    this.#clock = clock;
    this.#onSecond = onSecond;
  }

  /** Null before the first join and after `stop`. */
  get room(): RoomFacts | null {
    return this.#facts;
  }

  /** Whether this page stood still for a while: the device slept, or the browser had suspended the tab. */
  get wasAsleep(): boolean {
    return this.#clock.now() - this.#wokeAt < AWAKE_MS || this.#isAsleep;
  }

  /** Whom to blame for a connection that this page lost. */
  get ownSide(): InterruptedSide {
    return this.wasAsleep ? 'asleep' : 'patient';
  }

  get #isAsleep(): boolean {
    return this.#countedAt !== null && this.#clock.now() - this.#countedAt > ASLEEP_MS;
  }

  onJoinReply({ who, phone, admission, leftMs, totalMs }: Reply<'join'>): RoomFacts {
    this.#serverUntil = this.#clock.now() + leftMs;
    this.#facts = { who, phone, admission, until: 0, leftMs: 0, totalMs, ...this.#sealedName };
    this.#countSecond();
    return this.#measure(this.#facts);
  }

  /** The server says that the room was given more time. */
  onTimeLeft({ leftMs, totalMs }: { leftMs: number; totalMs: number }): void {
    this.#serverUntil = this.#clock.now() + leftMs;
    if (this.#facts !== null) this.#measure({ ...this.#facts, totalMs });
  }

  /** The composer sealed the doctor's name: from then on the server's counts no more. */
  onSealedName(who: string | null): void {
    this.#sealedName = { who };
    if (this.#facts !== null) this.#facts = { ...this.#facts, who };
  }

  /**
   * The composer sealed the time left with a version of the note. The first one of a connection counts as it is; later
   * ones can only shorten it, since they may come late.
   */
  onSealedTime(leftMs: number, first: boolean): void {
    const until = this.#clock.now() + leftMs;
    this.#sealedUntil = first ? until : Math.min(this.#sealedUntil, until);
    if (this.#facts !== null) this.#measure(this.#facts);
  }

  /** The composer sealed that the doctor added time: the same amount whenever it comes. */
  onSealedMoreTime(addedMs: number): void {
    this.#sealedUntil += addedMs;
    if (this.#facts !== null) this.#measure(this.#facts);
  }

  stop(): void {
    this.#nextSecond?.cancel();
    this.#countedAt = null;
    this.#facts = null;
    this.#sealedName = null;
    // Whoever comes again hears anew how much is left: it may be more by then.
    this.#serverUntil = Number.POSITIVE_INFINITY;
    this.#sealedUntil = Number.POSITIVE_INFINITY;
  }

  #countSecond(): void {
    this.#nextSecond?.cancel();
    this.#countedAt = this.#clock.now();
    this.#nextSecond = this.#clock.after(1000, () => {
      if (this.#facts === null) return;
      if (this.#isAsleep) this.#wokeAt = this.#clock.now();
      const facts = this.#measure(this.#facts);
      if (facts.leftMs > 0) this.#countSecond();
      this.#onSecond(facts);
    });
  }

  #measure(facts: RoomFacts): RoomFacts {
    const until = Math.min(this.#serverUntil, this.#sealedUntil);
    this.#facts = { ...facts, until, leftMs: Math.max(0, until - this.#clock.now()) };
    return this.#facts;
  }
}
