import type { Clock, Timer } from '../clock.ts';
import { type EndReason, LIMITS } from '../protocol/constants.ts';
import { Refused } from '../protocol/errors.ts';
import type { OwnerClaims } from './owner-tokens.ts';
import { limitsWithin } from './policy.ts';
import type { Doctor, Room } from './room.ts';
import type { Registry } from './room-persistence.ts';
import type { RoomStore } from './room-store.ts';

interface Dependencies {
  clock: Clock;
  registry: Registry;
  store: RoomStore;
  /** Longest expiry that the server allows now. */
  expiryMaxSeconds: number;
}

/**
 * The rooms of the server's earlier runs. Their composers hold the notes and may bring them back for as long as any room
 * waits for its composer; whatever is not back by then is over.
 */
export class RoomRecovery {
  readonly #deps: Dependencies;
  #timer: Timer | null = null;
  /** Whose rooms may not come back any more, and why. */
  readonly #barred: { whose: (doctor: Doctor) => boolean; reason: EndReason }[] = [];

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** The server can be reached again: from now on rooms may come back. */
  begin(): void {
    this.#timer = this.#deps.clock.after(LIMITS.graceSeconds * 1000, () => this.#giveUp());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** Ends every room of these people, those that are not back yet as soon as they come; gives how many are over now. */
  endAllOf(whose: (doctor: Doctor) => boolean, reason: EndReason): number {
    if (this.#timer !== null) this.#barred.push({ whose, reason });
    const { store } = this.#deps;
    const theirs = store.all().filter(({ doctor }) => whose(doctor));
    return store.end(theirs, reason);
  }

  /** The join hash of a shared room that may come back at any moment; null for every other room. */
  joinHashOf(roomId: string): string | null {
    return this.#timer === null ? null : (this.#deps.registry.awaited(roomId)?.joinHash ?? null);
  }

  /**
   * Makes the room again that an owner token tells of; it waits for its composer like one that was cut off, or is over at
   * once when it has to be.
   *
   * @throws Refused `ended-room`, `unknown-room` when nothing can come back any more, `unavailable`
   */
  bring(claims: OwnerClaims): void {
    const { registry, store } = this.#deps;
    if (registry.tombstone(claims.roomId) !== undefined) throw new Refused('ended-room');
    const { room, leftMs } = this.#made(claims);
    store.add(room, leftMs);
    store.tell({ kind: 'recovered', room });
    const barred = this.#barred.find(({ whose }) => whose(room.doctor));
    if (barred !== undefined) store.end([room], barred.reason);
    if (store.find(room.id) !== undefined) store.await(room);
  }

  /**
   * The room, with the milliseconds it has left: 0 or less when its time was up while the server was away. No token gives
   * more time than the newest one: it runs from the first "Share", and a clock that was set back adds nothing to what was
   * left at the signing.
   */
  #made(claims: OwnerClaims): { room: Room; leftMs: number } {
    if (this.#timer === null) throw new Refused('unknown-room');
    this.#deps.registry.mustBeSound();
    const shared = this.#deps.registry.awaited(claims.roomId);
    const isDraft = claims.openedAt === null;
    // A note that was shared is known to have been, unless the store was put back to an earlier state.
    if (!isDraft && shared === undefined) throw new Refused('unknown-room');
    const limits = limitsWithin(this.#deps.expiryMaxSeconds, claims.limits);
    const untils = [claims.expiresAt];
    if (shared !== undefined) untils.push(shared.openedAt + limits.expiryMaxSeconds * 1000);
    if (shared !== undefined && !isDraft) untils.push(shared.expiresAt);
    const until = Math.min(...untils);
    const now = this.#deps.clock.now();
    const leftMs = Math.min(until - now, until - claims.signedAt);
    // It has come back: from now on it is a room of this run.
    if (shared !== undefined) this.#deps.registry.share({ roomId: claims.roomId, ...shared });
    const room: Room = {
      id: claims.roomId,
      doctor: claims.doctor,
      policy: claims.policy,
      limits,
      phone: claims.phone,
      state: isDraft ? 'draft' : 'interrupted',
      joinHash: isDraft ? null : claims.joinHash,
      createdAt: claims.createdAt,
      openedAt: shared?.openedAt ?? null,
      expiresAt: now + leftMs,
      reading: 0,
      waiting: [],
      readBy: 0,
    };
    return { room, leftMs };
  }

  #giveUp(): void {
    this.#timer = null;
    this.#deps.registry.giveUpAwaited();
  }
}
