/** How many readers may wait to be let in, and how many may read. */
import { Refused } from '../../src/protocol/errors.ts';
import type { AlertKind } from '../session/alerts.ts';
import type { PeerSession } from './peer-session.ts';
import type { ReaderList } from './reader-list.ts';

/** Readers who may wait at a time. */
const MAX_WAITING = 8;

/** Knocks of readers who are not admitted, in the whole life of a room; no refused reader can knock without end. */
const MAX_KNOCKS_NEVER_ADMITTED = 40;

/**
 * Readers with a short code about whom the doctor did not decide. Whoever sits in the middle has one code of the patient's page
 * to compare with theirs, however often that page knocks: nine guesses in a million, one in 111,111.
 */
const MAX_UNDECIDED_CODES = 9;

export class AdmissionLimits {
  /** Knocks of readers who were not admitted, by their row's number. */
  readonly #knocks = new Map<number, number>();
  /** Row numbers of readers who have a code, and whom the doctor neither admitted nor turned away. */
  readonly #undecided = new Set<number>();
  readonly #list: ReaderList;
  readonly #alert: (kind: AlertKind) => void;

  constructor(list: ReaderList, alert: (kind: AlertKind) => void) {
    this.#list = list;
    this.#alert = alert;
  }

  /**
   * Lets somebody who was not admitted wait for the doctor's decision or its PIN; `number` is its row's. Throws Refused
   * `room-full`.
   */
  wait(number: number, admission: 'ask' | 'pin'): void {
    // Counted just before the row is added: of many who knock at the same moment not all may find the last place free.
    if (this.#list.waitingCount >= MAX_WAITING) throw new Refused('room-full');
    const knocks = [...this.#knocks.values()].reduce((sum, more) => sum + more, 0);
    if (knocks >= MAX_KNOCKS_NEVER_ADMITTED) {
      this.#alert('shut');
      throw new Refused('room-full');
    }
    if (admission === 'ask') this.#countCode(number);
    this.#knocks.set(number, (this.#knocks.get(number) ?? 0) + 1);
  }

  /** A reader was admitted: its knocks no longer count. */
  admitted(number: number): void {
    this.#knocks.delete(number);
    this.#undecided.delete(number);
  }

  /** The doctor turned a reader away, having seen its code. */
  decided(number: number): void {
    this.#undecided.delete(number);
  }

  /** The doctor, who has seen how many asked, lets as many again ask. */
  letMoreAsk(): void {
    this.#undecided.clear();
  }

  #countCode(number: number): void {
    if (!this.#undecided.has(number) && this.#undecided.size >= MAX_UNDECIDED_CODES) {
      this.#alert('many-codes');
      throw new Refused('room-full');
    }
    this.#undecided.add(number);
  }

  /**
   * Gives a reader one of the `maxReaders` places that the doctor allowed, also when the server would allow more. Throws
   * Refused `room-full`; the reader's state is then as it was.
   */
  takePlace(
    reader: PeerSession,
    readers: Iterable<PeerSession>,
    maxReaders: number,
    state: 'admitting' | 'admitted',
  ): void {
    const others = [...readers].filter((one) => one !== reader && one.hasPlace);
    if (others.length >= maxReaders) {
      this.#alert('room-full');
      throw new Refused('room-full');
    }
    reader.state = state;
  }
}
