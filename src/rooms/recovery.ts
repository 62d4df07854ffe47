import type { Clock, Timer } from '../clock.ts';
import { type EndReason, LIMITS } from '../protocol/constants.ts';
import { Refused } from '../protocol/errors.ts';
import type { OwnerClaims } from './owner-tokens.ts';
import { limitsWithin } from './policy.ts';
import type { Doctor, Room } from './room.ts';
import type { RoomPersistence } from './room-persistence.ts';
import type { SharedRoom } from './room-repository.ts';
import type { RoomStore } from './room-store.ts';

interface Dependencies {
  clock: Clock;
  persistence: RoomPersistence;
  store: RoomStore;
  /** Longest expiry that the server allows now. */
  expiryMaxSeconds: number;
}

/**
 * The rooms of the server's earlier runs. Their composers hold the notes and may bring them back within the grace that
 * every room has for its composer; whatever is not back by then is over.
 */
export class RoomRecovery {
  readonly #deps: Dependencies;
  #timer: Timer | null = null;
  /** Whose rooms may not come back any more, and why. */
  readonly #barred: { whose: (doctor: Doctor) => boolean; reason: EndReason }[] = [];

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** The server can be reached again: from now on rooms may come back, except those whose lease is over. */
  begin(): Promise<void> {
    const { clock, persistence } = this.#deps;
    this.#timer = clock.after(LIMITS.graceSeconds * 1000, () => {
      this.#timer = null;
      void persistence.endUnrecovered('all');
    });
    return persistence.endUnrecovered('lapsed');
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** Ends every room of these doctors, those that are not back yet as soon as they come; gives how many are over now. */
  endAllOf(whose: (doctor: Doctor) => boolean, reason: EndReason): Promise<number> {
    if (this.#timer !== null) this.#barred.push({ whose, reason });
    const { store } = this.#deps;
    const theirs = store.all().filter(({ doctor }) => whose(doctor));
    return store.end(
      theirs.map(({ id }) => id),
      reason,
    );
  }

  /** The join hash of a shared room that may come back at any moment; null for every other room. */
  async joinHashOf(roomId: string): Promise<string | null> {
    if (this.#timer === null) return null;
    return (await this.#deps.persistence.findRecoverable(roomId))?.joinHash ?? null;
  }

  /**
   * Makes the room again that an owner token tells of; it waits for its composer like one that was cut off, or is over at
   * once when it has to be.
   *
   * @throws Refused `ended-room`, `unknown-room` when nothing can come back any more, `unavailable`
   */
  async recover(claims: OwnerClaims): Promise<void> {
    const { persistence, store } = this.#deps;
    const { roomId } = claims;
    if ((await persistence.findTombstone(roomId)) !== undefined) throw new Refused('ended-room');
    if (this.#timer === null) throw new Refused('unknown-room');
    persistence.mustBeAvailable();
    const shared = await this.#sharedRoomOf(claims);
    // From now on it is a room of this run.
    if (shared !== undefined) await persistence.saveShared(shared);
    const { room, leftMs } = this.#roomFrom(claims, shared);
    store.add(room, leftMs);
    store.emit({ kind: 'recovered', room });
    const barred = this.#barred.find(({ whose }) => whose(room.doctor));
    if (barred !== undefined) await store.end([roomId], barred.reason);
    if (store.find(roomId) !== undefined) store.startGrace(roomId);
  }

  /** Undefined for a draft that may come back. */
  async #sharedRoomOf({ roomId, openedAt, run }: OwnerClaims): Promise<SharedRoom | undefined> {
    const { persistence } = this.#deps;
    const shared = await persistence.findRecoverable(roomId);
    const mayComeBack = shared !== undefined || (openedAt === null && (await persistence.heldLease(run)));
    // The time to come back may have ended while the store was asked.
    if (!mayComeBack || this.#timer === null) throw new Refused('unknown-room');
    return shared;
  }

  /**
   * The room, with the milliseconds it has left: 0 or less when its time was up while the server was away. No token gives
   * more time than the newest one: it runs from the first "Share", and a clock that was set back adds nothing to what was
   * left at the signing.
   */
  #roomFrom(claims: OwnerClaims, shared: SharedRoom | undefined): { room: Room; leftMs: number } {
    const isDraft = claims.openedAt === null;
    const limits = limitsWithin(this.#deps.expiryMaxSeconds, claims.limits);
    const untils = [claims.expiresAt];
    if (shared !== undefined) untils.push(shared.openedAt + limits.expiryMaxSeconds * 1000);
    if (shared !== undefined && !isDraft) untils.push(shared.expiresAt);
    const until = Math.min(...untils);
    const now = this.#deps.clock.now();
    const leftMs = Math.min(until - now, until - claims.signedAt);
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
}
