import type { Logger } from 'pino';
import type { Clock, Timer } from '../clock.ts';
import { Refused } from '../protocol/errors.ts';
import type { Tombstone } from './room.ts';

const RETRY_MS = 1_000;

/** A room that was shared and is not over, as far as a server that starts has to know it. */
export interface SharedRoom {
  readonly roomId: string;
  readonly joinHash: string;
  /** The practice's phone number, for the tombstone of a room that does not come back. */
  readonly phone: string | null;
  /** When "Share" was first pressed, and when the room ends by itself: milliseconds since the Unix epoch. */
  readonly openedAt: number;
  readonly expiresAt: number;
}

/**
 * What outlives the server so that rooms may come back and ended ones may not. Each call is done, and will survive a
 * loss of power, when it returns; it throws when it could not be done.
 */
export interface RoomRepository {
  /** Keeps that a room is shared, instead of what was kept of it. */
  share(room: SharedRoom): void;
  /** A shared room of an earlier run that has not come back yet; undefined for every other. */
  awaited(roomId: string): Omit<SharedRoom, 'roomId'> | undefined;
  /** Keeps tombstones, all or none; the rooms count as shared no longer. One that is there already stays. */
  bury(tombstones: readonly Tombstone[]): void;
  tombstone(roomId: string): Tombstone | undefined;
  /** Leaves tombstones of the shared rooms of earlier runs that have not come back; gives how many. */
  buryAwaited(now: number): number;
  /** Writes something, to see whether it can. */
  check(): void;
}

/**
 * The part of the owner tokens' key that is easily destroyed. While it is withdrawn, no owner token outlives this
 * process. Both throw when they could not be done.
 */
export interface Voucher {
  withdraw(): void;
  restore(): void;
}

interface Dependencies {
  durable: RoomRepository;
  voucher: Voucher;
  clock: Clock;
  log: Logger;
}

/**
 * Which rooms may come back and which are over, durably. Fails closed: a tombstone that cannot be written is kept in
 * memory and tried again, and meanwhile the voucher is withdrawn, so that the room cannot come back by the death of this
 * process either; until then nothing new is taken.
 */
export class Registry {
  readonly #deps: Dependencies;
  /** Tombstones that are not written yet. */
  readonly #owed = new Map<string, Tombstone>();
  /** The rooms of earlier runs are over, which is not written yet. */
  #owesAwaited = false;
  #sound = false;
  #troubled = false;
  #withdrawn = false;
  #retry: Timer | null = null;
  #closed = false;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** Whether everything that has to be kept is kept, as far as the last try shows. */
  get sound(): boolean {
    return this.#sound;
  }

  /** Begins to keep, or to try. */
  open(): void {
    this.#settle();
  }

  /** Tries a last time to keep what is not kept yet; nothing is kept from then on. */
  close(): void {
    if (this.#owes) this.#settle();
    this.#closed = true;
    this.#retry?.cancel();
  }

  /** Keeps tombstones. Never throws: the rooms are over in any case. */
  bury(tombstones: readonly Tombstone[]): void {
    if (this.#closed || tombstones.length === 0) return;
    for (const tombstone of tombstones) this.#owed.set(tombstone.roomId, tombstone);
    // While it cannot be written each try may take a moment, which many that end at once must not add up to.
    if (this.#sound) this.#settle();
    else this.#withdraw();
  }

  /** Throws Refused `unavailable` when it cannot be known. */
  tombstone(roomId: string): Tombstone | undefined {
    return this.#owed.get(roomId) ?? this.#asked(() => this.#deps.durable.tombstone(roomId));
  }

  /** See `DurableRegistry`. Throws Refused `unavailable` when it cannot be known. */
  awaited(roomId: string): Omit<SharedRoom, 'roomId'> | undefined {
    return this.#asked(() => this.#deps.durable.awaited(roomId));
  }

  /** Throws Refused `unavailable` when it could not be kept. */
  share(room: SharedRoom): void {
    this.mustBeSound();
    this.#asked(() => this.#deps.durable.share(room));
  }

  /** Throws Refused `unavailable` when nothing can be kept at this moment. */
  check(): void {
    this.mustBeSound();
    this.#asked(() => this.#deps.durable.check());
  }

  /** Nobody came back to the shared rooms of earlier runs: they are over. Never throws. */
  giveUpAwaited(): void {
    this.#owesAwaited = true;
    if (this.#sound) this.#settle();
    else this.#withdraw();
  }

  /** Throws Refused `unavailable` while something could not be kept. */
  mustBeSound(): void {
    if (!this.#sound) throw new Refused('unavailable');
  }

  #asked<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      this.#doubt(error);
      throw new Refused('unavailable');
    }
  }

  get #owes(): boolean {
    return this.#owed.size > 0 || this.#owesAwaited;
  }

  #settle(): void {
    const { durable, voucher, clock, log } = this.#deps;
    try {
      if (this.#owed.size > 0) durable.bury([...this.#owed.values()]);
      this.#owed.clear();
      const lost = this.#owesAwaited ? durable.buryAwaited(clock.now()) : 0;
      this.#owesAwaited = false;
      if (lost > 0) log.info({ event: 'rooms-not-back', rooms: lost });
      if (this.#sound) return;
      durable.check();
      voucher.restore();
      this.#withdrawn = false;
      this.#sound = true;
      if (this.#troubled) log.info({ event: 'registry-writable' });
      this.#troubled = false;
    } catch (error) {
      this.#doubt(error);
    }
  }

  #doubt(error: unknown): void {
    this.#sound = false;
    if (!this.#troubled) this.#deps.log.error({ event: 'registry-not-writable', error: messageOf(error) });
    this.#troubled = true;
    this.#withdraw();
    this.#retry ??= this.#deps.clock.after(RETRY_MS, () => {
      this.#retry = null;
      this.#settle();
    });
  }

  #withdraw(): void {
    if (this.#withdrawn || !this.#owes) return;
    try {
      this.#deps.voucher.withdraw();
      this.#withdrawn = true;
    } catch (error) {
      // Tried again with the next room that ends, and with each try to write.
      this.#deps.log.error({ event: 'voucher-not-withdrawn', error: messageOf(error) });
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : typeof error;
}
