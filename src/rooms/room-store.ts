import type { Clock } from '../clock.ts';
import { type EndReason, LIMITS } from '../protocol/constants.ts';
import { Refused } from '../protocol/errors.ts';
import { Deadlines } from './deadlines.ts';
import type { Decision, Room, Tombstone } from './room.ts';
import type { Registry } from './room-persistence.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** What happened to a room, for whoever has to tell people: the signalling, the bots, the log. */
export type RoomEvent =
  | { kind: 'drafted' | 'opened' | 'extended' | 'interrupted' | 'resumed' | 'readers-changed'; room: Room }
  /** The server stops and the room waits for the next start; its composer has brought it to this one. */
  | { kind: 'suspended' | 'recovered'; room: Room }
  /** Decided in the chat; and carried out by the composer, whoever decided it. */
  | { kind: 'decision-requested' | 'decision-made'; room: Room; readerId: string; decision: Decision }
  | { kind: 'ended'; room: Room; tombstone: Tombstone };

export type RoomListener = (event: RoomEvent) => void;

export interface RosterDependencies {
  clock: Clock;
  registry: Registry;
  /** Hears of a listener that threw. */
  fault(error: unknown): void;
}

/** The rooms that are not over, what each of them waits for, and how they end. */
export class RoomStore {
  readonly #clock: Clock;
  readonly #registry: Registry;
  readonly #fault: (error: unknown) => void;
  readonly #rooms = new Map<string, Room>();
  readonly #expiry: Deadlines;
  readonly #grace: Deadlines;
  #listeners: readonly RoomListener[] = [];

  constructor({ clock, registry, fault }: RosterDependencies) {
    this.#clock = clock;
    this.#registry = registry;
    this.#fault = fault;
    this.#expiry = new Deadlines(clock);
    this.#grace = new Deadlines(clock);
  }

  /** See `Rooms.onEvent`. */
  onEvent(listener: RoomListener, first: boolean): () => void {
    this.#listeners = first ? [listener, ...this.#listeners] : [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== listener);
    };
  }

  /** Tells everybody everything. Whoever fails at it fails alone: rooms also end by timers, where nobody could catch it. */
  tell(...events: RoomEvent[]): void {
    for (const event of events) {
      for (const listener of this.#listeners) {
        try {
          listener(event);
        } catch (error) {
          this.#fault(error);
        }
      }
    }
  }

  add(room: Room, leftMs: number): void {
    this.#rooms.set(room.id, room);
    this.expireIn(room, leftMs);
  }

  all(): Room[] {
    return [...this.#rooms.values()];
  }

  /** A room that is not over, also when it should be. */
  get(roomId: string): Room | undefined {
    return this.#rooms.get(roomId);
  }

  /** A room past its expiry is ended by asking for it. */
  find(roomId: string): Room | undefined {
    const room = this.#rooms.get(roomId);
    if (room === undefined || this.#expiry.leftMs(roomId) > 0) return room;
    this.end([room], 'expired');
    return undefined;
  }

  /** Throws Refused: `ended-room`, `unknown-room`, `unavailable` when nobody can say. */
  live(roomId: string): Room {
    const room = this.find(roomId);
    if (room !== undefined) return room;
    throw new Refused(this.#registry.tombstone(roomId) === undefined ? 'unknown-room' : 'ended-room');
  }

  leftMs(roomId: string): number {
    return this.#expiry.leftMs(roomId);
  }

  expireIn(room: Room, ms: number): void {
    room.expiresAt = this.#clock.now() + ms;
    this.#expiry.set(room.id, ms, () => this.end([room], 'expired'));
  }

  /** The room's composer is away: after the grace the room is lost. False when that is waited for already. */
  await(room: Room): boolean {
    if (this.#grace.has(room.id)) return false;
    this.#grace.set(room.id, LIMITS.graceSeconds * 1000, () => this.end([room], 'lost'));
    return true;
  }

  /** The room's composer is there, or is not waited for any more. */
  awaitNoMore(roomId: string): void {
    this.#grace.cancel(roomId);
  }

  /** Ends rooms for good, those that are not over yet; gives how many. Tombstones are kept before anybody is told. */
  end(rooms: readonly Room[], reason: EndReason): number {
    const endedAt = this.#clock.now();
    const over = rooms.filter(({ id }) => this.#rooms.delete(id));
    const ends = over.map((room) => {
      const { id: roomId, joinHash, phone, expiresAt } = room;
      const keepUntil = Math.max(expiresAt, endedAt) + DAY_MS;
      const tombstone: Tombstone = { roomId, joinHash, phone, reason, endedAt, keepUntil };
      this.#expiry.cancel(roomId);
      this.#grace.cancel(roomId);
      room.state = 'ended';
      return { kind: 'ended', room, tombstone } as const;
    });
    this.#registry.bury(ends.map(({ tombstone }) => tombstone));
    this.tell(...ends);
    return over.length;
  }

  /** Forgets every room without ending it; nothing is due any more. */
  clear(): void {
    this.#expiry.clear();
    this.#grace.clear();
    this.#rooms.clear();
  }
}
