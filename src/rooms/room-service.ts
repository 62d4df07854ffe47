import type { EndReason } from '../protocol/constants.ts';
import { Refused } from '../protocol/errors.ts';
import type { Policy, PolicyLimits } from '../protocol/messages.ts';
import { type DraftDependencies, Drafts } from './drafts.ts';
import type { OwnerClaims, OwnerTokens } from './owner-tokens.ts';
import { within } from './policy.ts';
import { RoomRecovery } from './recovery.ts';
import { type Decision, type Doctor, type Room, sameDoctor, type Tombstone } from './room.ts';
import { type RoomListener, RoomStore, type RosterDependencies } from './room-store.ts';

export type { RoomEvent } from './room-store.ts';

interface Dependencies extends Omit<DraftDependencies, 'store'>, RosterDependencies {
  ownerTokens: OwnerTokens;
}

/** The rules of rooms: every change of a room's state goes through here. */
export class RoomService {
  readonly #deps: Dependencies;
  readonly #store: RoomStore;
  readonly #drafts: Drafts;
  readonly #returns: RoomRecovery;
  #suspended = false;

  constructor(deps: Dependencies) {
    this.#deps = deps;
    this.#store = new RoomStore(deps);
    this.#returns = new RoomRecovery({ ...deps, store: this.#store, expiryMaxSeconds: deps.defaults.expiryMaxSeconds });
    this.#drafts = new Drafts({ ...deps, store: this.#store });
  }

  /** The server can be reached: rooms of its earlier run may come back from now on, for as long as a grace lasts. */
  start(): void {
    this.#returns.begin();
  }

  /**
   * The server is about to stop. Drafts whose link nobody opened end as `stopped`, because nothing could bring them back;
   * every other room waits for its composer to bring it to the next start.
   */
  suspend(): void {
    this.#store.end(this.#drafts.unopened, 'stopped');
    this.#suspended = true;
    this.#returns.stop();
    this.#store.tell(...this.#store.all().map((room) => ({ kind: 'suspended', room }) as const));
  }

  /** Forgets every room without ending it; nothing is due any more. */
  close(): void {
    this.#store.clear();
  }

  /** Longest expiry that the admin allows, in seconds. */
  get expiryMaxSeconds(): number {
    return this.#deps.defaults.expiryMaxSeconds;
  }

  /** Calls `listener` on every change until the returned function is called; `first` is before others, which may be slow. */
  onEvent(listener: RoomListener, { first = false }: { first?: boolean } = {}): () => void {
    return this.#store.onEvent(listener, first);
  }

  /**
   * Starts a draft for a doctor, with a ticket for their browser. `limits` are those of the doctor's workspace where it
   * has its own; what is chosen beyond them, now or at "Share", is lowered to them. `phone` is the practice's.
   * Throws Refused `unavailable` while nothing can be kept: then nobody could be sure that the room stays over.
   */
  draft(
    doctor: Doctor,
    choice: Partial<Policy> = {},
    limits: Partial<PolicyLimits> = {},
    phone: string | null = null,
  ): { room: Room; ticket: string; ticketUntil: number } {
    return this.#drafts.begin(doctor, choice, limits, phone);
  }

  /**
   * The doctor's browser opened the compose link. Gives the room and its owner token. `page` is a random word of the page:
   * one that lost its connection before it heard the answer may ask again, as long as nothing is shared. `release` makes
   * the ticket good again, as if nobody had used it, when the composer could not be seated.
   * Throws Refused: `unknown-ticket`, `expired-ticket`, `used-ticket`, `composer-present`, `ended-room`.
   */
  redeem(
    ticket: string,
    composerPresent: (roomId: string) => boolean,
    page?: string,
  ): { room: Room; ownerToken: string; release: () => void } {
    const { room, release } = this.#drafts.open(ticket, composerPresent, page);
    return { room, ownerToken: this.#sign(room), release };
  }

  /**
   * The doctor pressed "Share"; said again, because the answer was lost, it changes nothing.
   * Throws Refused `not-allowed` when the room is not a draft, `unavailable` while nothing can be kept.
   */
  open(roomId: string, joinHash: string, policy: Policy): { room: Room; ownerToken: string } {
    const { clock } = this.#deps;
    const room = this.live(roomId);
    if (room.state === 'open' && room.joinHash === joinHash) return { room, ownerToken: this.#sign(room) };
    if (room.state !== 'draft') throw new Refused('not-allowed');
    const chosen = within(room.limits, policy);
    const totalMs = chosen.expirySeconds * 1000;
    const now = clock.now();
    const openedAt = room.openedAt ?? now;
    // Shared before, in an earlier run: the time counts from then.
    const leftMs = room.openedAt === null ? totalMs : Math.min(openedAt + totalMs - now, this.leftMs(room));
    this.#keepShared({ ...room, joinHash, openedAt, expiresAt: now + leftMs });
    Object.assign(room, { policy: chosen, joinHash, openedAt, state: 'open' });
    this.#store.expireIn(room, leftMs);
    this.#store.tell({ kind: 'opened', room });
    return { room, ownerToken: this.#sign(room) };
  }

  /**
   * Gives an open room more time, as far as its limits allow. Throws Refused `not-allowed` when it is not open or
   * nothing more is allowed, `unavailable` while nothing can be kept.
   */
  extend(roomId: string, seconds: number): { room: Room; ownerToken: string } {
    const room = this.live(roomId);
    if (room.state === 'draft') throw new Refused('not-allowed');
    const { policy, limits } = room;
    const addedSeconds = Math.min(seconds, limits.expiryMaxSeconds - policy.expirySeconds);
    if (addedSeconds <= 0) throw new Refused('not-allowed');
    const leftMs = this.leftMs(room) + addedSeconds * 1000;
    this.#keepShared({ ...room, expiresAt: this.#deps.clock.now() + leftMs });
    room.policy = { ...policy, expirySeconds: policy.expirySeconds + addedSeconds };
    this.#store.expireIn(room, leftMs);
    this.#store.tell({ kind: 'extended', room });
    return { room, ownerToken: this.#sign(room) };
  }

  /**
   * The composer comes back with its owner token: to its room, or to one of an earlier run of the server, which is made
   * again from the token. Gives the room as it stands and its newest token.
   * Throws Refused: `wrong-owner`, `ended-room`, `unknown-room` when nothing can come back any more, `unavailable`.
   */
  resume(ownerToken: string): { room: Room; ownerToken: string } {
    const claims = this.claimsOf(ownerToken);
    if (this.find(claims.roomId) === undefined) this.#returns.bring(claims);
    const room = this.live(claims.roomId);
    return { room, ownerToken: this.#sign(room) };
  }

  /** The composer's connection is lost: the room has a grace to get it back. Harmless when the room is over. */
  composerLost(roomId: string): void {
    const room = this.find(roomId);
    if (room === undefined || this.#suspended || !this.#store.await(room)) return;
    room.waiting = [];
    if (room.state !== 'open') return;
    room.state = 'interrupted';
    this.#store.tell({ kind: 'interrupted', room });
  }

  /** What an owner token says. Throws Refused `wrong-owner` when it is not one of ours. */
  claimsOf(ownerToken: string): OwnerClaims {
    return this.#deps.ownerTokens.verify(ownerToken);
  }

  /** The composer is connected again. */
  resumed(roomId: string): void {
    const room = this.live(roomId);
    this.#store.awaitNoMore(roomId);
    if (room.state !== 'interrupted') return;
    room.state = 'open';
    this.#store.tell({ kind: 'resumed', room });
  }

  /** How many readers are admitted at this moment. */
  setReading(roomId: string, reading: number): void {
    const room = this.find(roomId);
    if (room === undefined || room.reading === reading) return;
    room.reading = reading;
    this.#store.tell({ kind: 'readers-changed', room });
  }

  /** What the composer tells of its readers, for the chat where the doctor also sees it. */
  setReaders(roomId: string, people: Pick<Room, 'waiting' | 'readBy'>): void {
    const room = this.find(roomId);
    if (room === undefined) return;
    Object.assign(room, people);
    this.#store.tell({ kind: 'readers-changed', room });
  }

  /**
   * The doctor decided in the chat; the composer carries it out, because only it can check and send the note.
   * Throws Refused: `unknown-room`, `ended-room`, `unknown-reader` when nobody by that id waits any more.
   */
  decide(roomId: string, readerId: string, decision: Decision): void {
    const room = this.live(roomId);
    if (!room.waiting.some((reader) => reader.readerId === readerId)) throw new Refused('unknown-reader');
    this.#store.tell({ kind: 'decision-requested', room, readerId, decision });
  }

  /** The composer let a reader in or turned one away. */
  settled(roomId: string, readerId: string, decision: Decision): void {
    const room = this.find(roomId);
    if (room !== undefined) this.#store.tell({ kind: 'decision-made', room, readerId, decision });
  }

  /** Ends a room for good; false when it was over or never there. Its tombstone is kept before anybody is told. */
  end(roomId: string, reason: EndReason): boolean {
    const room = this.#store.get(roomId);
    return room !== undefined && this.#store.end([room], reason) > 0;
  }

  /** Ends every room. */
  endAll(reason: EndReason): void {
    this.#store.end(this.#store.all(), reason);
  }

  /** Ends every room of a workspace or organisation that removed GLIR; gives how many. */
  endTenant({ platform, tenant }: Pick<Doctor, 'platform' | 'tenant'>, reason: EndReason): number {
    return this.#returns.endAllOf((doctor) => doctor.platform === platform && doctor.tenant === tenant, reason);
  }

  /** Ends every room of a person; gives how many. */
  endAllOfDoctor(doctor: Doctor, reason: EndReason): number {
    return this.#returns.endAllOf((other) => sameDoctor(other, doctor), reason);
  }

  /** A room that is not over; undefined otherwise. A room past its expiry is ended by asking for it. */
  find(roomId: string): Room | undefined {
    return this.#store.find(roomId);
  }

  /** Like `find`. Throws Refused: `ended-room`, `unknown-room`, or `unavailable` when nobody can say. */
  live(roomId: string): Room {
    return this.#store.live(roomId);
  }

  /** Throws Refused `unavailable` when it cannot be read. */
  tombstone(roomId: string): Tombstone | undefined {
    return this.#deps.registry.tombstone(roomId);
  }

  /** The join hash of a shared room that is not there yet after a start and may come back at any moment; else null. */
  awaitedJoinHash(roomId: string): string | null {
    return this.#returns.joinHashOf(roomId);
  }

  /** Milliseconds until the room ends by itself, whatever the machine's clock is set to. */
  leftMs({ id }: Pick<Room, 'id'>): number {
    return this.#store.leftMs(id);
  }

  /** A doctor's rooms that are not over, oldest first. */
  of(doctor: Doctor): Room[] {
    return this.#store.all().filter((room) => sameDoctor(room.doctor, doctor) && this.find(room.id) !== undefined);
  }

  #keepShared({ id: roomId, joinHash, phone, openedAt, expiresAt }: Room): void {
    if (joinHash === null || openedAt === null) return;
    this.#deps.registry.share({ roomId, joinHash, phone, openedAt, expiresAt });
  }

  #sign(room: Room): string {
    return this.#deps.ownerTokens.sign(room, this.#deps.clock.now());
  }
}
