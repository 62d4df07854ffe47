import { LIMITS } from '../../src/protocol/constants.ts';
import type { PageClock, Timer } from '../../web-shared/clock.ts';
import type { RoomClock } from './room-clock.ts';
import type { InterruptedSide } from './state.ts';

/** How long after an answered ping the next one is sent. */
const PING_AFTER_MS = 4_000;
/** For how long after a ping its answer lets the note be shown. */
const FRESH_MS = 10_000;
/** How long a version that the composer says it has sent may be on its way. */
const BEHIND_MS = 30_000;
/** How long the composer may take to answer a knock before this page says that it cannot connect. */
const ANSWER_MS = 15_000;
const HIDDEN_MS = (LIMITS.graceSeconds + 5) * 1000;
/** Knocks until the note comes, those of "Try again" among them: no page knocks for ever at a doctor who does not let it in. */
const MAX_KNOCKS = 10;

interface LivenessOptions {
  clock: PageClock;
  room: RoomClock;
  /** Sends a sealed ping of this number to the composer. */
  sendPing(number: number): void;
  /** The composer answered, or its last answer is too old. */
  onChange(): void;
  onUnanswered(): void;
  onHiddenTooLong(): void;
}

/** Whether the other side is still there: says when the note may be shown, and ends waits that take too long. */
export class Liveness {
  readonly #options: LivenessOptions;
  readonly #heartbeat: Heartbeat;
  readonly #answer: Timeout;
  readonly #hidden: Timeout;
  /** Knocks and PINs since the page was opened, or since the note came. */
  #knocks = 0;

  constructor(options: LivenessOptions) {
    this.#options = options;
    this.#heartbeat = new Heartbeat(options.clock, options);
    this.#answer = new Timeout(options.clock);
    this.#hidden = new Timeout(options.clock);
  }

  /** Whether the composer answered recently enough for the note to be shown. */
  get isFresh(): boolean {
    return this.#heartbeat.isFresh;
  }

  /** Whose connection is to blame when the composer is not heard. */
  get silentSide(): InterruptedSide {
    if (this.#options.room.wasAsleep) return 'asleep';
    return this.#heartbeat.isBehind ? 'patient' : 'doctor';
  }

  /** A knock or another PIN is sent; `isFirst` for the knock of a connection. False when it is one too many. */
  onKnock(isFirst: boolean): boolean {
    this.#knocks += 1;
    if (this.#knocks > MAX_KNOCKS) return false;
    this.#answer.restart(ANSWER_MS, this.#options.onUnanswered);
    if (isFirst) this.#heartbeat.start();
    return true;
  }

  /** Throws when nobody sent that ping. */
  onPong(pong: { number: number; rev: number }): void {
    this.#answer.cancel();
    this.#heartbeat.onPong(pong);
  }

  onNote(rev: number): void {
    this.#knocks = 0;
    this.#answer.cancel();
    this.#heartbeat.onNote(rev);
  }

  /** The connection is given up; `retry` is called `retryMs` from now. */
  onDisconnect(retryMs?: number, retry: () => void = () => undefined): void {
    this.#heartbeat.stop();
    this.#answer.cancel();
    if (retryMs !== undefined) this.#answer.restart(retryMs, retry);
  }

  /** The note is hidden. Saying so again does not prolong it. */
  onHide(): void {
    this.#hidden.start(HIDDEN_MS, this.#options.onHiddenTooLong);
  }

  /** What was waited for has come. */
  cancelWaits(): void {
    this.#answer.cancel();
    this.#hidden.cancel();
  }

  stop(): void {
    this.cancelWaits();
    this.#heartbeat.stop();
  }
}

/**
 * Sealed pings to the composer. Only the composer can answer them, and it stops when the note is over or this reader was
 * refused: no server can keep a note on the screen by saying nothing. The reader asks and the composer answers because
 * browsers slow down the timers of a hidden tab, but not its messages. One ping is under way at a time, so that a
 * composer's tab that was asleep finds one to answer, and not a hundred.
 */
class Heartbeat {
  readonly #clock: PageClock;
  readonly #options: Pick<LivenessOptions, 'sendPing' | 'onChange'>;
  /** When the last answered ping was sent; the knock counts as one. */
  #provenAt = Number.NEGATIVE_INFINITY;
  #ping: { number: number; at: number } | null = null;
  #lastNumber = 0;
  /** The version that is here, and since when a later one is on its way. */
  #rev = 0;
  #behindSince: number | null = null;
  #nextPing: Timer | null = null;
  #expiry: Timer | null = null;

  constructor(clock: PageClock, options: Pick<LivenessOptions, 'sendPing' | 'onChange'>) {
    this.#clock = clock;
    this.#options = options;
  }

  /** The knock is sent: whatever comes back sealed was said after this moment. */
  start(): void {
    this.stop();
    this.#lastNumber = 0;
    this.#rev = 0;
    this.#behindSince = null;
    this.#prove(this.#clock.now());
  }

  onPong({ number, rev }: { number: number; rev: number }): void {
    if (this.#ping === null || this.#ping.number !== number) throw new Error('a pong without its ping');
    const { at } = this.#ping;
    this.#ping = null;
    if (rev > this.#rev) this.#behindSince ??= this.#clock.now();
    this.#prove(at);
    this.#options.onChange();
  }

  onNote(rev: number): void {
    this.#rev = rev;
    this.#behindSince = null;
    this.#expire();
  }

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
    this.#nextPing?.cancel();
    this.#expiry?.cancel();
    this.#ping = null;
    this.#provenAt = Number.NEGATIVE_INFINITY;
  }

  get #staleAt(): number {
    return Math.min(this.#provenAt + FRESH_MS, (this.#behindSince ?? Number.POSITIVE_INFINITY) + BEHIND_MS);
  }

  #prove(at: number): void {
    this.#provenAt = at;
    this.#nextPing?.cancel();
    this.#nextPing = this.#clock.after(at + PING_AFTER_MS - this.#clock.now(), () => this.#sendPing());
    this.#expire();
  }

  #sendPing(): void {
    this.#lastNumber += 1;
    this.#ping = { number: this.#lastNumber, at: this.#clock.now() };
    this.#options.sendPing(this.#lastNumber);
  }

  /** Reports a change when the last answer is too old, unless another one comes before. */
  #expire(): void {
    this.#expiry?.cancel();
    const leftMs = this.#staleAt - this.#clock.now();
    if (leftMs <= 0) return;
    this.#expiry = this.#clock.after(leftMs, () => {
      this.#expire();
      this.#options.onChange();
    });
  }
}

class Timeout {
  readonly #clock: PageClock;
  #timer: Timer | null = null;

  constructor(clock: PageClock) {
    this.#clock = clock;
  }

  /** Calls `run` after `ms`; a timeout that is running goes on instead, so that repeating does not prolong it. */
  start(ms: number, run: () => void): void {
    this.#timer ??= this.#clock.after(ms, run);
  }

  restart(ms: number, run: () => void): void {
    this.cancel();
    this.start(ms, run);
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }
}
