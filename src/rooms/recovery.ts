import type { Clock, Timer } from '../clock.ts';
import { LIMITS } from '../protocol/constants.ts';
import { Refused } from '../protocol/errors.ts';
import type { OwnerClaims } from './owner-tokens.ts';
import { limitsWithin } from './policy.ts';
import { hashOfRoom, type Room } from './room.ts';
import type { RoomPersistence } from './room-persistence.ts';
import type { ClaimedRoom, RoomRecord } from './room-repository.ts';
import type { RoomStore } from './room-store.ts';

/** A room that is just being begun, taken or ended is kept and not here for less. */
const STRAY_MS = 15_000;
/** How often is looked for rooms that nobody brought back in time. */
const ABANDONED_MS = 60_000;

interface Dependencies {
  clock: Clock;
  persistence: RoomPersistence;
  store: RoomStore;
  /** Work on one room, after what was asked before of the same room. */
  inTurn: (roomId: string, work: () => Promise<void>) => Promise<void>;
  /** Longest expiry that the server allows now. */
  expiryMaxSeconds: number;
}

/**
 * Rooms that other runs of the server hosted: those of this node before a restart, and those of other nodes. Their composers
 * hold the notes and may bring them here; whatever nobody brings back within its grace is over. And rooms that this node
 * hosted until their composers went elsewhere.
 */
export class RoomRecovery {
  readonly #deps: Dependencies;
  #timer: Timer | null = null;
  /** Rooms that are kept as this node's and are not here, with the uptime at which that was seen first. */
  #strays: ReadonlyMap<string, number> = new Map();

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** From now on, rooms whose time to come back is over are ended. */
  begin(): Promise<void> {
    this.#timer = this.#deps.clock.after(ABANDONED_MS, () => void this.begin());
    return this.#deps.persistence.endAbandoned();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** The join hash of a shared room that is not here and may come back at any moment; null for every other room. */
  async joinHashOf(roomId: string): Promise<string | null> {
    const record = await this.#deps.persistence.findClaimable(roomId);
    return this.#deps.store.find(roomId) === undefined ? (record?.joinHash ?? null) : null;
  }

  /**
   * Makes the room again that an owner token tells of; it waits for its composer like one that was cut off, or is over at
   * once when it has to be.
   *
   * @throws Refused `ended-room`, `unknown-room` when it cannot come back any more, `unavailable`
   */
  async recover(claims: OwnerClaims): Promise<void> {
    const { persistence } = this.#deps;
    const { roomId } = claims;
    if ((await persistence.findTombstone(roomId)) !== undefined) throw new Refused('ended-room');
    this.#bring(claims, await persistence.claim(roomId));
  }

  /**
   * The composer of a room that is here came back: whatever happened meanwhile, this node hosts the room from now on. When
   * another one has hosted it in between, the room is what its token says, and not what this node remembers of it. When
   * nobody can be asked, the room goes on as it is.
   *
   * @throws Refused `ended-room`, `unknown-room` when it is over without this node having heard of it
   */
  async reclaim(claims: OwnerClaims): Promise<void> {
    const { persistence, store } = this.#deps;
    const { roomId } = claims;
    const before = store.keeping(roomId);
    try {
      const claimed = await persistence.claim(roomId);
      if (claimed.epoch - 1 === before?.epoch) return store.setKeeping(roomId, { epoch: claimed.epoch });
      store.drop(roomId);
      this.#bring(claims, claimed);
    } catch (error) {
      if (!(error instanceof Refused) || error.code === 'unavailable') return;
      await this.#leave(roomId);
      throw error;
    }
  }

  /** A room is here from now on, and waits for its composer. */
  #bring(claims: OwnerClaims, { record, epoch }: ClaimedRoom): void {
    const { store } = this.#deps;
    const { room, leftMs } = this.#roomFrom(claims, record);
    store.add(room, leftMs, { epoch, graceMs: record.graceMs });
    store.emit({ kind: 'recovered', room, epoch });
    if (store.find(room.id) !== undefined) store.startGrace(room.id);
  }

  /** Another node hosts the room from this epoch on. Harmless when it is not here, or here in a later one. */
  moved(roomId: string, epoch: number): void {
    const { store } = this.#deps;
    const own = store.keeping(roomId);
    if (own !== undefined && own.epoch < epoch) store.drop(roomId);
  }

  /** Lets go of rooms that are not this node's any more: a process that was frozen does not hear what others do. Never rejects. */
  async verify(): Promise<void> {
    const { persistence, store, inTurn } = this.#deps;
    const live = store.all().map(({ id }) => ({ id, epoch: store.keeping(id)?.epoch }));
    try {
      const hosted = await persistence.hosted();
      const revoked = live.map(({ id }) => ({ id, reason: hosted.get(hashOfRoom(id))?.revoked ?? null }));
      await Promise.all(revoked.map(({ id, reason }) => reason !== null && store.end([id], reason)));
      const others = live.filter(({ id, epoch }) => hosted.get(hashOfRoom(id))?.epoch !== epoch);
      // Whoever is taking the room anew has done so by then.
      await Promise.all(others.map(({ id, epoch }) => inTurn(id, () => this.leave(id, epoch))));
      await persistence.endOrphans(this.#orphansAmong(hosted));
    } catch (error) {
      // It is done again after the next renewal.
      if (!(error instanceof Refused)) throw error;
    }
  }

  /**
   * Rooms that have been kept as this node's for a while, and are not here: as after a database was put back under a running
   * server, in which rooms are open that have ended since.
   */
  #orphansAmong(hosted: ReadonlyMap<string, unknown>): string[] {
    const { clock, store } = this.#deps;
    const now = clock.uptime();
    const here = new Set(store.all().map(({ id }) => hashOfRoom(id)));
    const strays = [...hosted.keys()].filter((hash) => !here.has(hash));
    this.#strays = new Map(strays.map((hash) => [hash, this.#strays.get(hash) ?? now]));
    return strays.filter((hash) => now - (this.#strays.get(hash) ?? now) >= STRAY_MS);
  }

  /**
   * Lets go of a room that is not this node's any more in this epoch; harmless when it is in a later one, or over. Rejects with
   * Refused `unavailable`.
   */
  async leave(roomId: string, epoch: number | undefined): Promise<void> {
    if (epoch !== undefined && this.#deps.store.keeping(roomId)?.epoch === epoch) await this.#leave(roomId);
  }

  /** The room is over, or another node's. */
  async #leave(roomId: string): Promise<void> {
    const { persistence, store } = this.#deps;
    const tombstone = await persistence.findTombstone(roomId);
    if (tombstone === undefined) store.drop(roomId);
    else store.endedElsewhere(tombstone);
  }

  /**
   * The room, with the milliseconds it has left: 0 or less when its time was up while nobody hosted it. No token gives
   * more time than the newest one: it runs from the first "Share", and a clock that was set back adds nothing to what was
   * left at the signing.
   */
  #roomFrom(claims: OwnerClaims, { openedAt, expiresAt, readBy }: RoomRecord): { room: Room; leftMs: number } {
    const isDraft = claims.openedAt === null;
    const limits = limitsWithin(this.#deps.expiryMaxSeconds, claims.limits);
    const untils = [claims.expiresAt];
    if (openedAt !== null) untils.push(openedAt + limits.expiryMaxSeconds * 1000);
    if (openedAt !== null && !isDraft) untils.push(expiresAt);
    const until = Math.min(...untils);
    const now = this.#deps.clock.now();
    const leftMs = Math.min(until - now, until - claims.signedAt);
    const room: Room = {
      id: claims.roomId,
      doctor: claims.doctor,
      policy: claims.policy,
      isChosen: claims.isChosen,
      limits,
      phone: claims.phone,
      state: isDraft ? 'draft' : 'interrupted',
      joinHash: isDraft ? null : claims.joinHash,
      createdAt: claims.createdAt,
      openedAt,
      expiresAt: now + leftMs,
      reading: 0,
      waiting: [],
      readBy,
      isPageVisible: true,
    };
    return { room, leftMs };
  }
}

/** How long a room waits for its composer, in milliseconds. */
export function graceMs({ readBy, reading }: Pick<Room, 'readBy' | 'reading'>): number {
  return (readBy > 0 || reading > 0 ? LIMITS.graceSeconds : LIMITS.graceUnreadSeconds) * 1000;
}
