import type { Clock, Timer } from '../clock.ts';
import type { EndReason } from '../protocol/constants.ts';
import type { DoctorId, Room, RoomCounts, RoomEvent, RoomListener, Tombstone } from './room.ts';
import type { RoomPersistence } from './room-persistence.ts';
import type { NotKept } from './room-repository.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface RoomStoreDependencies {
  clock: Clock;
  persistence: RoomPersistence;
  /** Hears of a listener that threw. */
  onListenerError(error: unknown): void;
}

interface LiveRoom {
  room: Room;
  /** When it expires, in the clock's uptime: a clock that is set moves nothing. */
  until: number;
  expiry: Timer;
  /** Runs while its composer is away. */
  grace: Timer | null;
  keeping: Keeping;
}

/** How a room of this node is kept. */
export interface Keeping {
  /** In which this node has become its host, see `RoomRepository`. */
  readonly epoch: number;
  /** How long it waits for its composer, in milliseconds. */
  readonly graceMs: number;
}

/** Ends that hold also for a room which is another node's by now: the doctor wanted them. */
const WANTED: ReadonlySet<EndReason> = new Set(['revoked', 'left', 'locked']);

/** The rooms of this server that are not over, what each of them waits for, and how they end. */
export class RoomStore {
  readonly #deps: RoomStoreDependencies;
  readonly #rooms = new Map<string, LiveRoom>();
  /** How many there are of each doctor and of each tenant. */
  readonly #counts = new Map<string, number>();
  /** Rooms whose tombstone is being kept. */
  readonly #ending = new Map<string, Promise<void>>();
  #listeners: readonly RoomListener[] = [];

  constructor(deps: RoomStoreDependencies) {
    this.#deps = deps;
  }

  /** See `RoomService.onEvent`. */
  onEvent(listener: RoomListener, first: boolean): () => void {
    this.#listeners = first ? [listener, ...this.#listeners] : [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== listener);
    };
  }

  /** Tells everybody everything. Whoever fails at it fails alone: rooms also end by timers, where nobody could catch it. */
  emit(...events: RoomEvent[]): void {
    for (const event of events) {
      for (const listener of this.#listeners) {
        try {
          listener(event);
        } catch (error) {
          this.#deps.onListenerError(error);
        }
      }
    }
  }

  add(room: Room, leftMs: number, keeping: Keeping): void {
    const until = this.#deps.clock.uptime() + leftMs;
    this.#rooms.set(room.id, { room, until, expiry: this.#expireIn(room.id, leftMs), grace: null, keeping });
    this.#count(room.doctor, 1);
  }

  /** How a live room is kept; undefined when it is over or another node's. */
  keeping(roomId: string): Keeping | undefined {
    return this.#rooms.get(roomId)?.keeping;
  }

  /** Harmless when the room is over. */
  setKeeping(roomId: string, change: Partial<Keeping>): void {
    const live = this.#rooms.get(roomId);
    if (live !== undefined) live.keeping = { ...live.keeping, ...change };
  }

  /** Another node hosts the room from now on: nothing of it ends. Harmless when it is not here. */
  drop(roomId: string): void {
    const room = this.#forget(roomId);
    if (room !== undefined) this.emit({ kind: 'moved', room });
  }

  all(): Room[] {
    return [...this.#rooms.values()].map(({ room }) => room);
  }

  /** How many rooms a doctor and the doctor's tenant have. */
  countOf(doctor: DoctorId): RoomCounts {
    const [user, tenant] = countKeys(doctor);
    return { user: this.#counts.get(user) ?? 0, tenant: this.#counts.get(tenant) ?? 0 };
  }

  /** A room that is not over; undefined otherwise. A room past its expiry is ended by asking for it. */
  find(roomId: string): Room | undefined {
    const live = this.#rooms.get(roomId);
    if (live === undefined || this.leftMs(roomId) > 0) return live?.room;
    void this.end([roomId], 'expired');
    return undefined;
  }

  /** Replaces a live room's snapshot; gives the new one, or undefined when the room is over. */
  update(roomId: string, change: Partial<Omit<Room, 'id' | 'doctor'>>): Room | undefined {
    const live = this.#rooms.get(roomId);
    if (live === undefined) return undefined;
    live.room = { ...live.room, ...change };
    return live.room;
  }

  /** Milliseconds until it expires, 0 or less when it should have; infinite for a room that is not live. */
  leftMs(roomId: string): number {
    const live = this.#rooms.get(roomId);
    return live === undefined ? Number.POSITIVE_INFINITY : live.until - this.#deps.clock.uptime();
  }

  /** Moves a live room's expiry. */
  setExpiry(roomId: string, ms: number): void {
    const live = this.#rooms.get(roomId);
    if (live === undefined) return;
    const { clock } = this.#deps;
    live.expiry.cancel();
    live.until = clock.uptime() + ms;
    live.expiry = this.#expireIn(roomId, ms);
    live.room = { ...live.room, expiresAt: clock.now() + ms };
  }

  /** The room's composer is away: after the grace the room is lost. False when the room is over or in its grace already. */
  startGrace(roomId: string): boolean {
    const live = this.#rooms.get(roomId);
    if (live === undefined || live.grace !== null) return false;
    live.grace = this.#deps.clock.after(live.keeping.graceMs, () => void this.end([roomId], 'lost'));
    return true;
  }

  isInGrace(roomId: string): boolean {
    return this.#rooms.get(roomId)?.grace != null;
  }

  /** The room's composer is there, or is not waited for any more. */
  cancelGrace(roomId: string): void {
    const live = this.#rooms.get(roomId);
    live?.grace?.cancel();
    if (live !== undefined) live.grace = null;
  }

  /**
   * Ends rooms for good, those that are not over yet; gives how many. None of them is live from the call on; their
   * tombstones are kept before anybody is told. Never rejects.
   */
  async end(roomIds: readonly string[], reason: EndReason): Promise<number> {
    const ends = roomIds.flatMap((roomId) => this.#remove(roomId, reason));
    if (ends.length === 0) return 0;
    const wanted = WANTED.has(reason);
    const saving = this.#deps.persistence.saveTombstones(ends.map(({ tombstone }) => ({ tombstone, wanted })));
    let ended = 0;
    const ending = saving.then((notKept) => {
      for (const { room } of ends) this.#ending.delete(room.id);
      ended = ends.length - notKept.size;
      this.emit(...ends.map((end) => eventInstead(end, notKept.get(end.room.id))));
    });
    for (const { room } of ends) this.#ending.set(room.id, ending);
    await ending;
    return ended;
  }

  /** A room that was kept and is not to be: nothing brings it back. Never rejects. */
  async forgetKept(room: Room): Promise<void> {
    const tombstone = this.#tombstoneOf(room, 'stopped');
    await this.#deps.persistence.saveTombstones([{ tombstone, wanted: true }]);
  }

  /** Another node ended the room, and wrote that down. Harmless when it is not here. */
  endedElsewhere(tombstone: Tombstone): void {
    const room = this.#forget(tombstone.roomId);
    if (room === undefined) return;
    this.emit({ kind: 'ended', room: { ...room, state: 'ended' }, tombstone, elsewhere: true });
  }

  /** Whether the room is over and nobody was told yet: its event follows. */
  isEnding(roomId: string): boolean {
    return this.#ending.has(roomId);
  }

  /** Forgets every room without ending it, when everybody was told of those that are over; nothing is due any more. */
  async close(): Promise<void> {
    for (const roomId of [...this.#rooms.keys()]) this.#forget(roomId);
    await Promise.all(this.#ending.values());
  }

  #remove(roomId: string, reason: EndReason): Extract<RoomEvent, { kind: 'ended' }>[] {
    const room = this.#forget(roomId);
    if (room === undefined) return [];
    return [{ kind: 'ended', room: { ...room, state: 'ended' }, tombstone: this.#tombstoneOf(room, reason) }];
  }

  #tombstoneOf({ id: roomId, joinHash, phone, expiresAt }: Room, reason: EndReason): Tombstone {
    const endedAt = this.#deps.clock.now();
    return { roomId, joinHash, phone, reason, endedAt, keepUntil: Math.max(expiresAt, endedAt) + DAY_MS };
  }

  #forget(roomId: string): Room | undefined {
    const live = this.#rooms.get(roomId);
    live?.expiry.cancel();
    live?.grace?.cancel();
    if (this.#rooms.delete(roomId) && live !== undefined) this.#count(live.room.doctor, -1);
    return live?.room;
  }

  #count(doctor: DoctorId, more: 1 | -1): void {
    for (const key of countKeys(doctor)) {
      const count = (this.#counts.get(key) ?? 0) + more;
      if (count > 0) this.#counts.set(key, count);
      else this.#counts.delete(key);
    }
  }

  #expireIn(roomId: string, ms: number): Timer {
    return this.#deps.clock.after(ms, () => void this.end([roomId], 'expired'));
  }
}

/** What happened to a room that this node took for over, when that was not kept. */
function eventInstead(end: Extract<RoomEvent, { kind: 'ended' }>, notKept: NotKept | undefined): RoomEvent {
  if (notKept === undefined) return end;
  if (notKept === 'moved') return { kind: 'moved', room: end.room };
  return { ...end, tombstone: notKept, elsewhere: true };
}

/** Of a doctor, and of all doctors of the tenant. */
function countKeys({ platform, tenant, user }: DoctorId): [user: string, tenant: string] {
  return [JSON.stringify([platform, tenant, user]), JSON.stringify([platform, tenant])];
}
