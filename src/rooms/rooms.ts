import type { Clock } from '../clock.ts';
import { randomBytes, toBase64Url } from '../protocol/bytes.ts';
import { ROOM_ID_BYTES } from '../protocol/link.ts';
import type { Policy, PolicyLimits } from '../protocol/messages.ts';
import { Refused } from '../protocol/refused.ts';
import { type EndReason, LIMITS } from '../protocol/terms.ts';
import { Deadlines } from './deadlines.ts';
import type { OwnerClaims, OwnerTokens } from './owner-token.ts';
import { limitsWithin, within } from './policy.ts';
import { type Decision, type Origin, type Room, samePerson, type Tombstone } from './room.ts';
import type { RoomStore } from './store.ts';
import type { Tickets } from './tickets.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** The admin's defaults and limits for new rooms. */
export interface RoomDefaults {
  policy: Policy;
  expiryMaxSeconds: number;
}

/** What happened to a room, for whoever has to tell people: the signalling, the bots, the log. */
export type RoomEvent =
  | { kind: 'drafted' | 'opened' | 'extended' | 'interrupted' | 'resumed' | 'readers'; room: Room }
  | { kind: 'decided'; room: Room; readerId: string; decision: Decision }
  | { kind: 'ended'; room: Room; tombstone: Tombstone };

interface Dependencies {
  clock: Clock;
  store: RoomStore;
  tickets: Tickets;
  ownerTokens: OwnerTokens;
  defaults: RoomDefaults;
}

/** The rules of rooms: every change of a room's state goes through here. */
export class Rooms {
  readonly #deps: Dependencies;
  readonly #listeners = new Set<(event: RoomEvent) => void>();
  readonly #expiry: Deadlines;
  readonly #grace: Deadlines;

  constructor(deps: Dependencies) {
    this.#deps = deps;
    this.#expiry = new Deadlines(deps.clock);
    this.#grace = new Deadlines(deps.clock);
  }

  /** Longest expiry that the admin allows, in seconds. */
  get expiryMaxSeconds(): number {
    return this.#deps.defaults.expiryMaxSeconds;
  }

  /** Calls `listener` on every change until the returned function is called. */
  onEvent(listener: (event: RoomEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Starts a draft for a doctor, with a ticket for their browser. `limits` are those of the doctor's workspace where it
   * has its own; what is chosen beyond them, now or at "Share", is lowered to them. `phone` is the practice's.
   */
  draft(
    origin: Origin,
    choice: Partial<Policy> = {},
    limits: Partial<PolicyLimits> = {},
    phone: string | null = null,
  ): { room: Room; ticket: string; ticketUntil: number } {
    const { clock, store, tickets, defaults } = this.#deps;
    store.purge(clock.now());
    const own = limitsWithin(this.expiryMaxSeconds, limits);
    const id = toBase64Url(randomBytes(ROOM_ID_BYTES));
    const { ticket, until } = tickets.issue(id);
    const room: Room = {
      id,
      origin,
      policy: within(own, { ...defaults.policy, ...choice }),
      limits: own,
      phone,
      state: 'draft',
      joinHash: null,
      createdAt: clock.now(),
      openedAt: null,
      expiresAt: until,
      reading: 0,
      waiting: [],
      readBy: 0,
    };
    store.add(room);
    this.#expireAt(room, until);
    this.#emit({ kind: 'drafted', room });
    return { room, ticket, ticketUntil: until };
  }

  /**
   * The doctor's browser opened the compose link. Gives the room and its owner token.
   * Throws Refused: `unknown-ticket`, `expired-ticket`, `used-ticket`, `composer-present`, `ended-room`.
   */
  redeem(ticket: string, composerPresent: (roomId: string) => boolean): { room: Room; owner: string } {
    const { tickets, ownerTokens, clock } = this.#deps;
    const known = tickets.roomOf(ticket);
    if (known !== undefined && composerPresent(known)) throw new Refused('composer-present');
    const room = this.live(tickets.redeem(ticket));
    // The ticket's ten minutes are for opening it; writing may take as long as a note may live.
    this.#expireAt(room, clock.now() + room.limits.expiryMaxSeconds * 1000);
    return { room, owner: ownerTokens.sign(room) };
  }

  /** The doctor pressed "Share". Throws Refused `not-allowed` when the room is not a draft. */
  open(roomId: string, joinHash: string, policy: Policy): { room: Room; owner: string } {
    const { clock, ownerTokens } = this.#deps;
    const room = this.live(roomId);
    if (room.state !== 'draft') throw new Refused('not-allowed');
    room.policy = within(room.limits, policy);
    room.joinHash = joinHash;
    room.state = 'open';
    room.openedAt = clock.now();
    this.#expireAt(room, room.openedAt + room.policy.expirySeconds * 1000);
    this.#emit({ kind: 'opened', room });
    return { room, owner: ownerTokens.sign(room) };
  }

  /**
   * Gives an open room more time, as far as its limits allow. Throws Refused `not-allowed` when it is not open or
   * nothing more is allowed.
   */
  extend(roomId: string, seconds: number): { room: Room; owner: string } {
    const room = this.live(roomId);
    if (room.openedAt === null) throw new Refused('not-allowed');
    const until = Math.min(room.expiresAt + seconds * 1000, room.openedAt + room.limits.expiryMaxSeconds * 1000);
    if (until <= room.expiresAt) throw new Refused('not-allowed');
    room.policy = { ...room.policy, expirySeconds: Math.ceil((until - room.openedAt) / 1000) };
    this.#expireAt(room, until);
    this.#emit({ kind: 'extended', room });
    return { room, owner: this.#deps.ownerTokens.sign(room) };
  }

  /** The composer's connection is lost: the room has a grace to get it back. Harmless when the room is over. */
  composerLost(roomId: string): void {
    const room = this.find(roomId);
    if (room === undefined || this.#grace.has(roomId)) return;
    this.#grace.set(roomId, LIMITS.graceSeconds * 1000, () => this.end(roomId, 'lost'));
    room.waiting = [];
    if (room.state !== 'open') return;
    room.state = 'interrupted';
    this.#emit({ kind: 'interrupted', room });
  }

  /** What an owner token says. Throws Refused `wrong-owner` when it is not one of ours. */
  claimsOf(ownerToken: string): OwnerClaims {
    return this.#deps.ownerTokens.verify(ownerToken);
  }

  /** The composer is connected again. */
  resumed(roomId: string): void {
    const room = this.live(roomId);
    this.#grace.cancel(roomId);
    if (room.state !== 'interrupted') return;
    room.state = 'open';
    this.#emit({ kind: 'resumed', room });
  }

  /** How many readers are admitted at this moment. */
  setReading(roomId: string, reading: number): void {
    const room = this.find(roomId);
    if (room === undefined || room.reading === reading) return;
    room.reading = reading;
    this.#emit({ kind: 'readers', room });
  }

  /** What the composer tells of its readers, for the chat where the doctor also sees it. */
  setPeople(roomId: string, people: Pick<Room, 'waiting' | 'readBy'>): void {
    const room = this.find(roomId);
    if (room === undefined) return;
    Object.assign(room, people);
    this.#emit({ kind: 'readers', room });
  }

  /**
   * The doctor decided in the chat; the composer carries it out, because only it can check and send the note.
   * Throws Refused: `unknown-room`, `ended-room`, `unknown-reader` when nobody by that id waits any more.
   */
  decide(roomId: string, readerId: string, decision: Decision): void {
    const room = this.live(roomId);
    if (!room.waiting.some((reader) => reader.readerId === readerId)) throw new Refused('unknown-reader');
    this.#emit({ kind: 'decided', room, readerId, decision });
  }

  /** Ends a room for good; false when it was over or never there. */
  end(roomId: string, reason: EndReason): boolean {
    const { clock, store } = this.#deps;
    const room = store.find(roomId);
    if (room === undefined) return false;
    this.#expiry.cancel(roomId);
    this.#grace.cancel(roomId);
    const endedAt = clock.now();
    const { joinHash, phone, expiresAt } = room;
    const tombstone = { roomId, joinHash, phone, reason, endedAt, keepUntil: Math.max(expiresAt, endedAt) + DAY_MS };
    store.bury(tombstone);
    room.state = 'ended';
    this.#emit({ kind: 'ended', room, tombstone });
    return true;
  }

  /** Ends every room, for a stop of the server. */
  endAll(reason: EndReason): void {
    for (const room of this.#deps.store.all()) this.end(room.id, reason);
  }

  /** Ends every room of a workspace or organisation that removed GLIR; gives how many. */
  endTenant({ platform, tenant }: Pick<Origin, 'platform' | 'tenant'>, reason: EndReason): number {
    const all = this.#deps.store.all();
    const theirs = all.filter(({ origin }) => origin.platform === platform && origin.tenant === tenant);
    return theirs.filter((room) => this.end(room.id, reason)).length;
  }

  /** A room that is not over; undefined otherwise. A room past its expiry is ended by asking for it. */
  find(roomId: string): Room | undefined {
    const room = this.#deps.store.find(roomId);
    if (room === undefined || this.#deps.clock.now() < room.expiresAt) return room;
    this.end(roomId, 'expired');
    return undefined;
  }

  /** Like `find`. Throws Refused: `ended-room` when there is a tombstone, `unknown-room` otherwise. */
  live(roomId: string): Room {
    const room = this.find(roomId);
    if (room !== undefined) return room;
    throw new Refused(this.tombstone(roomId) === undefined ? 'unknown-room' : 'ended-room');
  }

  tombstone(roomId: string): Tombstone | undefined {
    return this.#deps.store.tombstone(roomId);
  }

  /** A doctor's rooms that are not over, oldest first. */
  of(origin: Origin): Room[] {
    return this.#deps.store.all().filter((room) => samePerson(room.origin, origin) && this.find(room.id) !== undefined);
  }

  #expireAt(room: Room, at: number): void {
    room.expiresAt = at;
    this.#expiry.set(room.id, at - this.#deps.clock.now(), () => this.end(room.id, 'expired'));
  }

  #emit(event: RoomEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
