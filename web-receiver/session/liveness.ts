import { LIMITS } from '../../src/protocol/constants.ts';
import type { PageClock } from '../../web-shared/clock.ts';
import { Heartbeat } from './heartbeat.ts';
import type { RoomClock } from './room-clock.ts';
import type { InterruptedSide } from './state.ts';
import { Wait } from './wait.ts';

/** How long the composer's page may take to answer a knock before this one says that it cannot connect. */
const ANSWER_MS = 15_000;
/** How long a note that is out of sight is kept. */
const HIDDEN_MS = (LIMITS.graceSeconds + 5) * 1000;

/** Each handshake is one guess at the short code for whoever sits in the middle. */
const MAX_KNOCKS = 10;

interface Around {
  clock: PageClock;
  room: RoomClock;
  /** Asks the composer's page whether it is there. */
  ask(number: number): void;
  /** Whether the composer is there may have changed. */
  changed(): void;
  /** Nobody answered the knock. */
  unanswered(): void;
  /** The note was out of sight for too long. */
  overdue(): void;
}

/** What the patient's page waits for, and for how long; says when the note may be seen. */
export class Watch {
  readonly #around: Around;
  readonly #heartbeat: Heartbeat;
  readonly #answer: Wait;
  readonly #hiding: Wait;
  /** Knocks and PINs since the tap, or since the note came. */
  #knocks = 0;

  constructor(around: Around) {
    this.#around = around;
    this.#heartbeat = new Heartbeat(around.clock, around);
    this.#answer = new Wait(around.clock);
    this.#hiding = new Wait(around.clock);
  }

  /** Whether the composer's page held the note out a moment ago. */
  get isFresh(): boolean {
    return this.#heartbeat.isFresh;
  }

  /** Whose connection is to blame when the composer's page is not heard. */
  get silentSide(): InterruptedSide {
    if (this.#around.room.wasAsleep) return 'asleep';
    return this.#heartbeat.isBehind ? 'patient' : 'doctor';
  }

  /** Somebody knocks, or tries another PIN; `isFirst` for the knock of a connection. False when it is one too many. */
  knocking(isFirst: boolean): boolean {
    this.#knocks += 1;
    if (this.#knocks > MAX_KNOCKS) return false;
    this.#answer.anew(ANSWER_MS, this.#around.unanswered);
    if (isFirst) this.#heartbeat.start();
    return true;
  }

  /** The composer's page answers a question. Throws when nobody asked it. */
  answered(pong: { number: number; rev: number }): void {
    this.#answer.end();
    this.#heartbeat.answered(pong);
  }

  /** Version `rev` of the note is here. */
  arrived(rev: number): void {
    this.#knocks = 0;
    this.#answer.end();
    this.#heartbeat.arrived(rev);
  }

  /** The connection is given up; `ms` milliseconds from now another one may be `tried`. */
  disconnected(ms?: number, tried: () => void = () => undefined): void {
    this.#heartbeat.stop();
    this.#answer.end();
    if (ms !== undefined) this.#answer.anew(ms, tried);
  }

  /** The note is out of sight. To say so again does not make it stay longer. */
  hidden(): void {
    this.#hiding.begin(HIDDEN_MS, this.#around.overdue);
  }

  /** The patient tries again from the beginning. */
  beginAnew(): void {
    this.#knocks = 0;
  }

  /** What was waited for has come. */
  settle(): void {
    this.#answer.end();
    this.#hiding.end();
  }

  stop(): void {
    this.settle();
    this.#heartbeat.stop();
  }
}
