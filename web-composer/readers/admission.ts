/** How many readers may wait to be let in, and how many may read. */
import { Refused } from '../../src/protocol/errors.ts';
import type { AlertKind } from '../session/alerts.ts';
import type { PeerSession } from './peer-session.ts';
import type { ReaderList } from './reader-list.ts';

/**
 * Readers who may wait at a time. Whoever sits in the middle knows both codes before the patient does, and compares each knock
 * of the patient's page, of which there are ten, with every reader who waits then.
 */
const MAX_WAITING = 8;

/**
 * Readers who may knock without being admitted, in the whole life of a room; no refused reader can knock without end. Eight of
 * them compared with ten knocks, and each of the others with one, are 112 guesses at a code of six digits: one in 8,900.
 */
const MAX_NEVER_ADMITTED = 40;

export class AdmissionLimits {
  /** Row numbers of readers who knocked and were not admitted. */
  readonly #neverAdmitted = new Set<number>();
  readonly #list: ReaderList;
  readonly #alert: (kind: AlertKind) => void;

  constructor(list: ReaderList, alert: (kind: AlertKind) => void) {
    this.#list = list;
    this.#alert = alert;
  }

  /** Lets a newcomer wait for the doctor's decision or its PIN; `number` is its row's. Throws Refused `room-full`. */
  wait(number: number): void {
    // Counted just before the row is added: of many who knock at the same moment not all may find the last place free.
    if (this.#list.waitingCount >= MAX_WAITING) throw new Refused('room-full');
    if (this.#neverAdmitted.size >= MAX_NEVER_ADMITTED) {
      this.#alert('shut');
      throw new Refused('room-full');
    }
    this.#neverAdmitted.add(number);
  }

  /** A reader was admitted: its knock no longer counts. */
  admitted(number: number): void {
    this.#neverAdmitted.delete(number);
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
