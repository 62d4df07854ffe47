import type { Reply } from '../../src/protocol/messages.ts';
import type { PageClock, Timer } from '../../web-shared/clock.ts';
import type { InterruptedSide, RoomFacts } from './state.ts';

/** Seconds are counted more often than this in any page that runs. */
const ASLEEP_MS = 5_000;
/** How long after it woke up a page still blames its sleep for a lost connection. */
const AWAKE_MS = 15_000;

/**
 * What the page knows of the room, and how long it still has. The server says how much time is left; once the composer
 * has said it too, sealed, the server's word counts only where it is shorter: no server can stretch a note's life.
 */
export class RoomClock {
  readonly #clock: PageClock;
  readonly #onSecond: (room: RoomFacts) => void;
  #facts: RoomFacts | null = null;
  #serverUntil = Number.POSITIVE_INFINITY;
  /** Local time after which nothing is shown, as the composer sealed it. */
  #sealedUntil = Number.POSITIVE_INFINITY;
  #sealedName: { who: string | null } | null = null;
  #second: Timer | null = null;
  #tickAt: number | null = null;
  #wokeAt = Number.NEGATIVE_INFINITY;

  /** `onSecond` is called once a second while the time runs; at the end with `leftMs` 0, for the last time. */
  constructor(clock: PageClock, onSecond: (room: RoomFacts) => void) {
    this.#clock = clock;
    this.#onSecond = onSecond;
  }

  /** The room as it stands now; null before the first join and after `stop`. */
  get room(): RoomFacts | null {
    return this.#facts;
  }

  /** Whether this page stood still for a while: a device that slept, or a browser that had put the tab aside. */
  get wasAsleep(): boolean {
    return this.#clock.now() - this.#wokeAt < AWAKE_MS || this.#stoodStill;
  }

  /** Who is to blame for a connection that this page lost. */
  get ownSide(): InterruptedSide {
    return this.wasAsleep ? 'asleep' : 'patient';
  }

  get #stoodStill(): boolean {
    return this.#tickAt !== null && this.#clock.now() - this.#tickAt > ASLEEP_MS;
  }

  /** The server's word, anew with each join. */
  learn({ who, phone, admission, leftMs, totalMs }: Reply<'join'>): RoomFacts {
    this.#serverUntil = this.#clock.now() + leftMs;
    this.#facts = { who, phone, admission, until: 0, leftMs: 0, totalMs, ...this.#sealedName };
    this.#wait();
    return this.#measured(this.#facts);
  }

  /** The server's word on an open room that was given more time. */
  learnTime({ leftMs, totalMs }: { leftMs: number; totalMs: number }): void {
    this.#serverUntil = this.#clock.now() + leftMs;
    if (this.#facts !== null) this.#measured({ ...this.#facts, totalMs });
  }

  /** The composer's sealed word on the doctor's name: from then on the server's counts no more. */
  learnName(who: string | null): void {
    this.#sealedName = { who };
    if (this.#facts !== null) this.#facts = { ...this.#facts, who };
  }

  /**
   * The composer's sealed word with a version of the note. The first one of a connection counts as it is; later ones may
   * only shorten it, since they may come late.
   */
  seal(leftMs: number, first: boolean): void {
    const until = this.#clock.now() + leftMs;
    this.#sealedUntil = first ? until : Math.min(this.#sealedUntil, until);
    if (this.#facts !== null) this.#measured(this.#facts);
  }

  /** The composer's sealed word that the doctor added time: the same amount whenever it comes. */
  add(addedMs: number): void {
    this.#sealedUntil += addedMs;
    if (this.#facts !== null) this.#measured(this.#facts);
  }

  stop(): void {
    this.#second?.cancel();
    this.#tickAt = null;
    this.#facts = null;
    this.#sealedName = null;
  }

  #wait(): void {
    this.#second?.cancel();
    this.#tickAt = this.#clock.now();
    this.#second = this.#clock.after(1000, () => {
      if (this.#facts === null) return;
      if (this.#stoodStill) this.#wokeAt = this.#clock.now();
      const facts = this.#measured(this.#facts);
      if (facts.leftMs > 0) this.#wait();
      this.#onSecond(facts);
    });
  }

  #measured(facts: RoomFacts): RoomFacts {
    const until = Math.min(this.#serverUntil, this.#sealedUntil);
    this.#facts = { ...facts, until, leftMs: Math.max(0, until - this.#clock.now()) };
    return this.#facts;
  }
}
