import type { Logger } from 'pino';
import type { BootTime, Clock, Timer } from '../clock.ts';
import { LIMITS } from '../protocol/constants.ts';
import { Refused } from '../protocol/errors.ts';
import type { Tombstone } from './room.ts';
import type { Moment, RoomRepository, SharedRoom } from './room-repository.ts';

const RETRY_MS = 1_000;
const RENEW_MS = 10_000;
/** A process that dies just before it would renew its lease leaves a whole grace to come back in. */
const LEASE_MS = RENEW_MS + LIMITS.graceSeconds * 1000;

interface Dependencies {
  repository: RoomRepository;
  clock: Clock;
  /** Null where it cannot be known. */
  bootTime: () => BootTime | null;
  log: Logger;
  /** Hears how many shared rooms of earlier runs are over because they did not come back. */
  onLost(count: number): void;
}

/**
 * Keeps which rooms may come back and which are over, and fails closed: a tombstone that cannot be written stays in memory
 * and is tried again every second. Until it is written nothing new is begun, and the lease is not renewed: should the
 * process die, no room comes back once the lease is over.
 */
export class RoomPersistence {
  readonly #deps: Dependencies;
  readonly #unsaved = new Map<string, Tombstone>();
  /** Which rooms of earlier runs are over without that being written yet. */
  #unrecovered: 'lapsed' | 'all' | null = null;
  #available = false;
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
  }

  /** See `RoomRepository`. */
  get run(): string {
    return this.#deps.repository.run;
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

  /** Tries a last time to keep what is not kept, and to renew the lease; nothing is kept from then on. */
  async close(): Promise<void> {
    this.#renewal?.cancel();
    this.#retry?.cancel();
    this.#renewIsDue = true;
    await this.#tryAgain();
    this.#closed = true;
    this.#retry?.cancel();
  }

  /** Keeps tombstones. Known as soon as it is called; never rejects, because the rooms are over in any case. */
  async saveTombstones(tombstones: readonly Tombstone[]): Promise<void> {
    if (this.#closed) return;
    for (const tombstone of tombstones) this.#unsaved.set(tombstone.roomId, tombstone);
    // While it cannot be written each try may take a moment, which many that end at once must not add up to.
    if (this.#available) await this.#write();
  }

  /** Rejects with Refused `unavailable` when it cannot be known. */
  async findTombstone(roomId: string): Promise<Tombstone | undefined> {
    return this.#unsaved.get(roomId) ?? (await this.#ask((repository) => repository.findTombstone(roomId)));
  }

  /** See `RoomRepository`. Rejects with Refused `unavailable` when it cannot be known. */
  findRecoverable(roomId: string): Promise<SharedRoom | undefined> {
    return this.#ask((repository) => repository.findRecoverable(roomId));
  }

  /** See `RoomRepository`. Rejects with Refused `unavailable` when it cannot be known. */
  heldLease(run: string): Promise<boolean> {
    return this.#ask((repository) => repository.heldLease(run));
  }

  /** Rejects with Refused: `ended-room` when there is a tombstone, `unavailable` when it could not be kept. */
  async saveShared(room: SharedRoom): Promise<void> {
    this.mustBeAvailable();
    if (!(await this.#ask((repository) => repository.saveShared(room)))) throw new Refused('ended-room');
  }

  /** Rejects with Refused `unavailable` when nothing can be kept at this moment. */
  async check(): Promise<void> {
    this.mustBeAvailable();
    await this.#ask((repository) => repository.renewLease(this.#leaseEnd()));
  }

  /** Throws Refused `unavailable` while something could not be kept. */
  mustBeAvailable(): void {
    if (!this.#available) throw new Refused('unavailable');
  }

  /** Shared rooms of earlier runs are over, see `RoomRepository`. Never rejects. */
  async endUnrecovered(which: 'lapsed' | 'all'): Promise<void> {
    this.#unrecovered = which;
    if (this.#available) await this.#write();
  }

  async #ask<Result>(work: (repository: RoomRepository) => Promise<Result>): Promise<Result> {
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
      await this.#writeUnrecovered();
      if (this.#available && !this.#renewIsDue) return;
      await repository.renewLease(this.#leaseEnd());
      this.#renewIsDue = false;
      this.#available = true;
      if (this.#troubled) log.info({ event: 'rooms-writable' });
      this.#troubled = false;
    } catch (error) {
      this.#failed(error);
    }
  }

  async #writeUnsaved(): Promise<void> {
    const tombstones = [...this.#unsaved.values()];
    if (tombstones.length === 0) return;
    await this.#deps.repository.saveTombstones(tombstones);
    for (const { roomId } of tombstones) this.#unsaved.delete(roomId);
  }

  async #writeUnrecovered(): Promise<void> {
    const { repository, clock, log, onLost } = this.#deps;
    const which = this.#unrecovered;
    if (which === null) return;
    const count = await repository.endUnrecovered(clock.now(), which);
    if (this.#unrecovered === which) this.#unrecovered = null;
    if (count === 0) return;
    log.info({ event: 'rooms-not-recovered', rooms: count });
    onLost(count);
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
    const { clock, bootTime } = this.#deps;
    const boot = bootTime();
    return { time: clock.now() + LEASE_MS, boot: boot === null ? null : { ...boot, ms: boot.ms + LEASE_MS } };
  }
}
