import type { Logger } from 'pino';
import type { BootTime, Clock, Timer } from '../clock.ts';
import type { EndReason } from '../protocol/constants.ts';
import { Refused } from '../protocol/errors.ts';
import type { DoctorId, RoomCounts, Tombstone } from './room.ts';
import type {
  AbsentEnd,
  ClaimedRoom,
  FoundTicket,
  HostedRoom,
  HostTombstone,
  Moment,
  NotKept,
  RedeemedTicket,
  Revocation,
  RoomRecord,
  RoomRepository,
  StoredTicket,
} from './room-repository.ts';

const RETRY_MS = 1_000;
const RENEW_MS = 10_000;
/** A renewal may take a moment. */
const LEASE_MS = RENEW_MS + 5_000;
/**
 * After a start, rooms are given as much time to come back as they had when it began: however long it was before, their
 * composers need a moment to notice that a server is there.
 */
const START_MS = 2 * 60 * 1000;

interface Dependencies {
  repository: RoomRepository;
  clock: Clock;
  /** Null where it cannot be known. */
  bootTime: () => BootTime | null;
  log: Logger;
  /** Whether the server of another run serves nobody any more, as far as anybody can say. */
  isGone: (run: string) => Promise<boolean>;
  /**
   * How long everything must have been writable before leases of others count as over, in milliseconds: where several nodes
   * could not write for a while, each has to renew its own first.
   */
  settleMs: number;
}

/** What happens while rooms are kept, for the rules of rooms. */
export interface PersistenceListener {
  /** Rooms ended that no node hosted. */
  onAbsentEnds(ends: readonly AbsentEnd[]): void;
  /** It is a good time to check that this run still hosts what it believes to host. */
  onRenewed(): Promise<void>;
}

interface UnsavedRevocation {
  readonly revocation: Revocation;
  /** When the doctor wanted it: what was begun later is not meant, should it be kept late. */
  readonly at: number;
}

/**
 * Keeps which rooms there are, who hosts them and which are over, and fails closed: a tombstone that cannot be written stays
 * in memory and is tried again every second. Until it is written nothing new is begun, and the lease is not renewed: should
 * the process die, no room comes back once the lease and the room's grace are over.
 */
export class RoomPersistence {
  readonly #deps: Dependencies;
  readonly #startedAt: Moment;
  readonly #startedUptime: number;
  readonly #unsaved = new Map<string, HostTombstone>();
  #unsavedRevocations: UnsavedRevocation[] = [];
  /** Tombstones that were not kept, for whoever ended their rooms. */
  readonly #notKept = new WeakMap<HostTombstone, NotKept>();
  #listener: PersistenceListener | null = null;
  #available = false;
  /** Since when everything could be written, in the clock's uptime. */
  #availableSince = 0;
  /** Whether the log says that nothing can be written. */
  #troubled = false;
  #closed = false;
  #renewIsDue = false;
  /** Tries although the last try failed. */
  #retryIsDue = false;
  #retry: Timer | null = null;
  #renewal: Timer | null = null;
  #last: Promise<void> = Promise.resolve();
  /** The next write, when it has not begun: it does for everybody who asks until then. */
  #next: Promise<void> | null = null;

  constructor(deps: Dependencies) {
    this.#deps = deps;
    this.#startedAt = this.#moment();
    this.#startedUptime = deps.clock.uptime();
  }

  /** Whether everything that has to be kept is kept, as far as the last try shows. */
  get available(): boolean {
    return this.#available;
  }

  /** Begins to keep, or to try. */
  open(): Promise<void> {
    this.#renewal = this.#deps.clock.after(RENEW_MS, () => this.#renew());
    return this.#tryAgain();
  }

  listen(listener: PersistenceListener): void {
    this.#listener = listener;
  }

  /** Tries a last time to keep what is not kept, and to renew the lease; nothing is kept from then on. */
  async close(): Promise<void> {
    this.#listener = null;
    this.#renewal?.cancel();
    this.#retry?.cancel();
    this.#renewIsDue = true;
    await this.#tryAgain();
    this.#closed = true;
    this.#retry?.cancel();
  }

  /**
   * Keeps tombstones. Known as soon as it is called; never rejects, because the rooms are over here in any case. Gives those
   * that are known not to be kept, by the ids of their rooms.
   */
  async saveTombstones(tombstones: readonly HostTombstone[]): Promise<ReadonlyMap<string, NotKept>> {
    const notKept = new Map<string, NotKept>();
    if (this.#closed) return notKept;
    for (const each of tombstones) this.#unsaved.set(each.tombstone.roomId, each);
    // While it cannot be written each try may take a moment, which many that end at once must not add up to.
    if (this.#available) await this.#write();
    for (const each of tombstones) {
      const instead = this.#notKept.get(each);
      if (instead !== undefined) notKept.set(each.tombstone.roomId, instead);
    }
    return notKept;
  }

  /** Rejects with Refused `unavailable` when it cannot be known. */
  async findTombstone(roomId: string): Promise<Tombstone | undefined> {
    const unsaved = this.#unsaved.get(roomId)?.tombstone;
    return unsaved ?? (await this.#ask((repository) => repository.findTombstone(roomId)));
  }

  /** Whether rooms of other runs may come back to this one. */
  async hasRoomsElsewhere(): Promise<boolean> {
    try {
      return await this.#deps.repository.hasRoomsElsewhere(this.#deps.clock.now());
    } catch {
      return true;
    }
  }

  /** See `RoomRepository`. Rejects with Refused `unavailable` when it cannot be known. */
  findClaimable(roomId: string): Promise<RoomRecord | undefined> {
    return this.#ask((repository) => repository.findClaimable(roomId, this.#asOf()));
  }

  /** See `RoomRepository`. Rejects with Refused: `ended-room`, `unknown-room`, `unavailable`. */
  async claim(roomId: string): Promise<ClaimedRoom> {
    this.mustBeAvailable();
    const now = this.#deps.clock.now();
    const claimed = await this.#ask((repository) => repository.claim(roomId, this.#asOf(), now));
    if (claimed === 'unknown') throw new Refused('unknown-room');
    if (claimed === 'ended') throw new Refused('ended-room');
    if ('epoch' in claimed) return claimed;
    this.#listener?.onAbsentEnds([claimed]);
    throw new Refused('ended-room');
  }

  /** Keeps a new draft. Rejects with Refused `unavailable` when that cannot be done. */
  async add(record: RoomRecord, ticket: StoredTicket): Promise<void> {
    this.mustBeAvailable();
    await this.#ask((repository) => repository.add(record, ticket));
  }

  /** See `RoomRepository`. Rejects with Refused `unavailable` when it could not be kept. */
  async save(record: RoomRecord, epoch: number): Promise<boolean> {
    this.mustBeAvailable();
    return await this.#ask((repository) => repository.save(record, epoch));
  }

  /** See `RoomRepository`. Rejects with Refused `unavailable`. */
  findTicket(hash: Uint8Array): Promise<FoundTicket | undefined> {
    return this.#ask((repository) => repository.findTicket(hash));
  }

  /** See `RoomRepository`. Rejects with Refused `unavailable`. */
  redeemTicket(hash: Uint8Array, page: Uint8Array | null): Promise<RedeemedTicket | undefined> {
    return this.#ask((repository) => repository.redeemTicket(hash, page));
  }

  /** See `RoomRepository`. Rejects with Refused `unavailable`. */
  releaseTicket(hash: Uint8Array): Promise<void> {
    return this.#ask((repository) => repository.releaseTicket(hash));
  }

  /** See `RoomRepository`. Rejects with Refused `unavailable`. */
  countElsewhere(doctor: DoctorId): Promise<RoomCounts> {
    return this.#ask((repository) => repository.countElsewhere(doctor, this.#deps.clock.now()));
  }

  /** The rooms that this run hosts as far as is kept. Rejects with Refused `unavailable`. */
  hosted(): Promise<ReadonlyMap<string, HostedRoom>> {
    return this.#ask((repository) => repository.hosted());
  }

  /**
   * Ends a room that this node does not host, for good; false when it is over already, or unknown. Rejects with Refused
   * `unavailable`.
   */
  async endAbsent(roomId: string, reason: EndReason): Promise<boolean> {
    this.mustBeAvailable();
    const end = await this.#ask((repository) => repository.endAbsent(roomId, reason, this.#deps.clock.now()));
    if (end !== undefined) this.#listener?.onAbsentEnds([end]);
    return end !== undefined;
  }

  /** Ends rooms that are kept as this node's although it does not have them. Rejects with Refused `unavailable`. */
  async endOrphans(roomHashes: readonly string[]): Promise<void> {
    if (roomHashes.length === 0) return;
    const ends = await this.#ask((repository) => repository.endOrphans(roomHashes, this.#deps.clock.now()));
    if (ends.length > 0) this.#listener?.onAbsentEnds(ends);
  }

  /** See `RoomRepository`. Rejects with Refused `unavailable`, also while an end or a revocation is not kept. */
  mayBeginAnother(...asked: Parameters<RoomRepository['mayBeginAnother']>): Promise<boolean> {
    this.mustBeAvailable();
    return this.#ask((repository) => repository.mayBeginAnother(...asked));
  }

  /** Lets no room of these doctors come back that nobody hosts, and ends those. Gives how many ended; never rejects. */
  async revoke(revocation: Revocation): Promise<number> {
    const { clock } = this.#deps;
    try {
      this.mustBeAvailable();
      await this.#ask((repository) => repository.revoke(revocation, null, clock.now()));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#unsavedRevocations.push({ revocation, at: clock.now() });
      return 0;
    }
    return await this.#endGone(
      (repository) => repository.runsWithRoomsOf(revocation),
      (repository, runs) => repository.endRevoked(runs, revocation, clock.now()),
    );
  }

  /** Ends the rooms that nobody hosts any more and nobody brought back in time. Never rejects. */
  async endAbandoned(): Promise<void> {
    const { clock, log, settleMs } = this.#deps;
    if (!this.#available || clock.uptime() - this.#availableSince < settleMs) return;
    const asOf = this.#asOf();
    const count = await this.#endGone(
      (repository) => repository.runsWithAbandoned(asOf),
      (repository, runs) => repository.endAbandoned(runs, asOf, clock.now()),
    );
    if (count > 0) log.info({ event: 'rooms-not-recovered', rooms: count });
  }

  /** Throws Refused `unavailable` while something could not be kept. */
  mustBeAvailable(): void {
    if (!this.#available) throw new Refused('unavailable');
  }

  /** Ends rooms of other runs, as far as those serve nobody any more. */
  async #endGone(
    runsOf: (repository: RoomRepository) => Promise<string[]>,
    end: (repository: RoomRepository, runs: readonly string[]) => Promise<AbsentEnd[]>,
  ): Promise<number> {
    try {
      const runs = await this.#ask(runsOf);
      const gone = await Promise.all(runs.map((run) => this.#deps.isGone(run)));
      const theirs = runs.filter((_, index) => gone[index]);
      if (theirs.length === 0) return 0;
      const ends = await this.#ask((repository) => end(repository, theirs));
      if (ends.length > 0) this.#listener?.onAbsentEnds(ends);
      return ends.length;
    } catch (error) {
      // It is tried again, and the log says that nothing can be written.
      if (error instanceof Refused) return 0;
      throw error;
    }
  }

  async #ask<Result>(work: (repository: RoomRepository) => Promise<Result>): Promise<Result> {
    // Whoever still asks does so while the server stops.
    if (this.#closed) throw new Refused('unavailable');
    try {
      return await work(this.#deps.repository);
    } catch (error) {
      this.#failed(error);
      throw new Refused('unavailable');
    }
  }

  #renew(): void {
    this.#renewal = this.#deps.clock.after(RENEW_MS, () => this.#renew());
    this.#renewIsDue = true;
    if (this.#available) void this.#write();
  }

  #tryAgain(): Promise<void> {
    this.#retryIsDue = true;
    return this.#write();
  }

  #write(): Promise<void> {
    this.#next ??= this.#last.then(() => {
      this.#next = null;
      return this.#writeNow();
    });
    this.#last = this.#next;
    return this.#next;
  }

  async #writeNow(): Promise<void> {
    if (this.#closed || !(this.#available || this.#retryIsDue)) return;
    this.#retryIsDue = false;
    const { repository, log } = this.#deps;
    try {
      await this.#writeUnsaved();
      await this.#writeRevocations();
      if (this.#available && !this.#renewIsDue) return;
      await repository.renewLease(this.#leaseEnd());
      this.#renewIsDue = false;
      if (!this.#available) this.#availableSince = this.#deps.clock.uptime();
      this.#available = true;
      void this.#listener?.onRenewed();
      if (this.#troubled) log.info({ event: 'rooms-writable' });
      this.#troubled = false;
    } catch (error) {
      this.#failed(error);
    }
  }

  async #writeUnsaved(): Promise<void> {
    const tombstones = [...this.#unsaved.values()];
    if (tombstones.length === 0) return;
    const notKept = await this.#deps.repository.saveTombstones(tombstones);
    for (const each of tombstones) {
      const { roomId } = each.tombstone;
      const instead = notKept.get(roomId);
      if (instead !== undefined) this.#notKept.set(each, instead);
      this.#unsaved.delete(roomId);
    }
  }

  async #writeRevocations(): Promise<void> {
    for (const unsaved of [...this.#unsavedRevocations]) {
      await this.#deps.repository.revoke(unsaved.revocation, unsaved.at, this.#deps.clock.now());
      this.#unsavedRevocations = this.#unsavedRevocations.filter((one) => one !== unsaved);
    }
  }

  #failed(error: unknown): void {
    const { clock, log } = this.#deps;
    this.#available = false;
    const reason = error instanceof Error ? error.message : typeof error;
    if (!this.#troubled) log.error({ event: 'rooms-not-writable', error: reason });
    this.#troubled = true;
    if (this.#closed) return;
    this.#retry ??= clock.after(RETRY_MS, () => {
      this.#retry = null;
      void this.#tryAgain();
    });
  }

  #leaseEnd(): Moment {
    const { time, boot } = this.#moment();
    return { time: time + LEASE_MS, boot: boot === null ? null : { ...boot, ms: boot.ms + LEASE_MS } };
  }

  /** When it is judged whether a room may come back. */
  #asOf(): Moment {
    const uptime = this.#deps.clock.uptime() - this.#startedUptime;
    return uptime < START_MS ? this.#startedAt : this.#moment();
  }

  #moment(): Moment {
    const { clock, bootTime } = this.#deps;
    return { time: clock.now(), boot: bootTime() };
  }
}
