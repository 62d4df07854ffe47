import { randomBytes, toBase64Url } from '../protocol/bytes.ts';
import type { EndReason } from '../protocol/constants.ts';
import { Refused } from '../protocol/errors.ts';
import { ROOM_ID_BYTES } from '../protocol/link.ts';
import type { Policy, PolicyLimits } from '../protocol/messages.ts';
import type { OwnerClaims, OwnerTokens } from './owner-tokens.ts';
import { limitsWithin, within } from './policy.ts';
import { RoomRecovery } from './recovery.ts';
import {
  type Decision,
  type Doctor,
  type DoctorId,
  type Room,
  type RoomCounts,
  type RoomListener,
  sameDoctor,
  sameTenant,
  type Tenant,
  type Tombstone,
} from './room.ts';
import { RoomStore, type RoomStoreDependencies } from './room-store.ts';
import type { Tickets } from './tickets.ts';

export type { RoomEvent } from './room.ts';

interface Dependencies extends RoomStoreDependencies {
  tickets: Tickets;
  ownerTokens: OwnerTokens;
  /** The admin's defaults and limits for new rooms. */
  defaults: { policy: Policy; expiryMaxSeconds: number };
  /** Called before a draft comes to be, which it refuses by rejecting. */
  beforeDraft?: (room: Room) => Promise<void>;
}

/** A room as it stands, with the newest token of the tab that owns it. */
interface OwnedRoom {
  room: Room;
  ownerToken: string;
}

/**
 * The rules of rooms: every change of a room's state goes through here. Rooms are snapshots; whoever needs the newest asks
 * again. What waits for the store is done one after the other for each room, except ending it, which never waits.
 */
export class RoomService {
  readonly #deps: Dependencies;
  readonly #store: RoomStore;
  readonly #recovery: RoomRecovery;
  /** Drafts whose compose link nobody has opened. */
  readonly #unopened = new Set<string>();
  /** The last piece of work for each room that has one under way. */
  readonly #turns = new Map<string, Promise<unknown>>();
  #stopping = false;

  constructor(deps: Dependencies) {
    this.#deps = deps;
    this.#store = new RoomStore(deps);
    const { expiryMaxSeconds } = deps.defaults;
    this.#recovery = new RoomRecovery({ ...deps, store: this.#store, expiryMaxSeconds });
    this.#store.onEvent(({ kind, room }) => kind === 'ended' && this.#unopened.delete(room.id), true);
  }

  /** The server can be reached: rooms of its earlier runs may come back from now on, for as long as a grace lasts. */
  start(): Promise<void> {
    return this.#recovery.begin();
  }

  /**
   * The server is about to stop. Drafts whose link nobody opened end as `stopped`, because nothing could bring them back;
   * every other room waits for its composer to bring it to the next start.
   */
  async suspend(): Promise<void> {
    this.#stopping = true;
    this.#recovery.stop();
    await this.#store.end([...this.#unopened], 'stopped');
    this.#store.emit(...this.#store.all().map((room) => ({ kind: 'suspended', room }) as const));
  }

  /** Forgets every room without ending it; nothing is due any more. */
  close(): Promise<void> {
    this.#stopping = true;
    this.#recovery.stop();
    return this.#store.close();
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
   * Rejects with Refused `unavailable` while nothing can be kept: then nobody could be sure that the room stays over.
   */
  async draft(
    doctor: Doctor,
    choice: Partial<Policy> = {},
    limits: Partial<PolicyLimits> = {},
    phone: string | null = null,
  ): Promise<{ room: Room; ticket: string; ticketUntil: number }> {
    const { clock, persistence, tickets, defaults, beforeDraft } = this.#deps;
    await persistence.check();
    const own = limitsWithin(defaults.expiryMaxSeconds, limits);
    const id = toBase64Url(randomBytes(ROOM_ID_BYTES));
    const { ticket, until } = tickets.issue(id);
    const room: Room = {
      id,
      doctor,
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
    const leftMs = until - clock.now();
    await beforeDraft?.(room);
    if (this.#stopping) throw new Refused('unavailable');
    this.#store.add(room, leftMs);
    this.#unopened.add(id);
    this.#store.emit({ kind: 'drafted', room });
    return { room, ticket, ticketUntil: until };
  }

  /**
   * The doctor's browser opened the compose link. Gives the room and its owner token. `page` is a random word of the page:
   * one that lost its connection before it heard the answer may ask again, as long as nothing is shared. `release` makes
   * the ticket good again, as if nobody had used it, when the composer could not be connected.
   * Rejects with Refused: `unknown-ticket`, `expired-ticket`, `used-ticket`, `composer-present`, `ended-room`.
   */
  async redeem(
    ticket: string,
    composerPresent: (roomId: string) => boolean,
    page?: string,
  ): Promise<OwnedRoom & { release: () => void }> {
    const { tickets } = this.#deps;
    const known = tickets.roomOf(ticket, page);
    if (known !== undefined && composerPresent(known)) throw new Refused('composer-present');
    const room = await this.getLive(tickets.redeem(ticket, page));
    if (room.state !== 'draft') throw new Refused('used-ticket');
    if (!this.#unopened.delete(room.id)) return { ...this.#owned(room), release: () => undefined };
    const ticketMs = this.#store.leftMs(room.id);
    // The ticket's ten minutes are for opening it; writing may take as long as a note may live.
    this.#store.setExpiry(room.id, room.limits.expiryMaxSeconds * 1000);
    const release = (): void => {
      if (this.find(room.id) === undefined) return;
      tickets.release(ticket);
      this.#unopened.add(room.id);
      this.#store.cancelGrace(room.id);
      this.#store.setExpiry(room.id, ticketMs);
    };
    return { ...this.#owned(await this.getLive(room.id)), release };
  }

  /**
   * The doctor pressed "Share"; said again, because the answer was lost, it changes nothing.
   * Rejects with Refused `not-allowed` when the room is not a draft, `unavailable` while nothing can be kept.
   */
  open(roomId: string, joinHash: string, policy: Policy): Promise<OwnedRoom> {
    return this.#inTurn(roomId, async () => {
      const { clock } = this.#deps;
      const room = await this.getLive(roomId);
      if (room.state === 'open' && room.joinHash === joinHash) return this.#owned(room);
      if (room.state !== 'draft') throw new Refused('not-allowed');
      const chosen = within(room.limits, policy);
      const totalMs = chosen.expirySeconds * 1000;
      const openedAt = room.openedAt ?? clock.now();
      // Shared before, in an earlier run: the time counts from then.
      const leftMs =
        room.openedAt === null ? totalMs : Math.min(openedAt + totalMs - clock.now(), this.#store.leftMs(roomId));
      await this.#saveShared({ ...room, joinHash, openedAt }, leftMs);
      const opened = await this.#changed(roomId, { policy: chosen, joinHash, openedAt, state: 'open' });
      this.#store.emit({ kind: 'opened', room: opened });
      if (this.#store.isInGrace(roomId)) this.#interrupt(opened);
      return this.#owned(opened);
    });
  }

  /**
   * Gives an open room more time, as far as its limits allow. Rejects with Refused `not-allowed` when it is not open or
   * nothing more is allowed, `unavailable` while nothing can be kept.
   */
  extend(roomId: string, seconds: number): Promise<OwnedRoom> {
    return this.#inTurn(roomId, async () => {
      const room = await this.getLive(roomId);
      if (room.state === 'draft') throw new Refused('not-allowed');
      const { policy, limits } = room;
      const addedSeconds = Math.min(seconds, limits.expiryMaxSeconds - policy.expirySeconds);
      if (addedSeconds <= 0) throw new Refused('not-allowed');
      await this.#saveShared(room, this.#store.leftMs(roomId) + addedSeconds * 1000);
      const expirySeconds = policy.expirySeconds + addedSeconds;
      const extended = await this.#changed(roomId, { policy: { ...policy, expirySeconds } });
      this.#store.emit({ kind: 'extended', room: extended });
      return this.#owned(extended);
    });
  }

  /**
   * The composer comes back with its owner token: to its room, or to one of an earlier run of the server, which is made
   * again from the token. Gives the room as it stands and its newest token.
   * Rejects with Refused: `wrong-owner`, `ended-room`, `unknown-room` when nothing can come back any more, `unavailable`.
   */
  async resume(ownerToken: string): Promise<OwnedRoom> {
    const claims = this.claimsOf(ownerToken);
    return await this.#inTurn(claims.roomId, async () => {
      if (this.find(claims.roomId) === undefined) await this.#recovery.recover(claims);
      return this.#owned(await this.getLive(claims.roomId));
    });
  }

  /** What an owner token says. Throws Refused `wrong-owner` when it is not one of ours. */
  claimsOf(ownerToken: string): OwnerClaims {
    return this.#deps.ownerTokens.verify(ownerToken);
  }

  /** The composer's connection is lost: the room has a grace to get it back. Harmless when the room is over. */
  composerLost(roomId: string): void {
    if (this.find(roomId) === undefined || this.#stopping || !this.#store.startGrace(roomId)) return;
    const room = this.#store.update(roomId, { waiting: [] });
    if (room?.state === 'open') this.#interrupt(room);
  }

  /** The composer is connected again. Harmless when the room is over. */
  composerBack(roomId: string): void {
    const room = this.find(roomId);
    this.#store.cancelGrace(roomId);
    if (room?.state !== 'interrupted') return;
    const resumed = this.#store.update(roomId, { state: 'open' });
    if (resumed !== undefined) this.#store.emit({ kind: 'resumed', room: resumed });
  }

  /** How many readers are admitted at this moment. */
  setReading(roomId: string, reading: number): void {
    if (this.find(roomId)?.reading !== reading) this.#setReaders(roomId, { reading });
  }

  /** What the composer tells of its readers, for the chat where the doctor also sees it. */
  setReaders(roomId: string, readers: Pick<Room, 'waiting' | 'readBy'>): void {
    this.#setReaders(roomId, readers);
  }

  /**
   * The doctor decided in the chat; the composer carries it out, because only it can check and send the note.
   * Rejects with Refused: `unknown-room`, `ended-room`, `unknown-reader` when nobody by that id waits any more.
   */
  async requestDecision(roomId: string, readerId: string, decision: Decision): Promise<void> {
    const room = await this.getLive(roomId);
    if (!room.waiting.some((reader) => reader.readerId === readerId)) throw new Refused('unknown-reader');
    this.#store.emit({ kind: 'decision-requested', room, readerId, decision });
  }

  /** The composer let a reader in or turned one away. */
  decisionMade(roomId: string, readerId: string, decision: Decision): void {
    const room = this.find(roomId);
    if (room !== undefined) this.#store.emit({ kind: 'decision-made', room, readerId, decision });
  }

  /**
   * Ends a room for good; false when it was over or never there. It is not live from the call on; everybody is told when its
   * tombstone is kept. Never rejects.
   */
  async end(roomId: string, reason: EndReason): Promise<boolean> {
    return (await this.#store.end([roomId], reason)) > 0;
  }

  /** Ends every room. Never rejects. */
  async endAll(reason: EndReason): Promise<void> {
    const roomIds = this.#store.all().map(({ id }) => id);
    await this.#store.end(roomIds, reason);
  }

  /** Ends every room of a workspace or organisation that removed GLIR; gives how many. Never rejects. */
  endTenant(tenant: Tenant, reason: EndReason): Promise<number> {
    return this.#recovery.endAllOf((doctor) => sameTenant(doctor, tenant), reason);
  }

  /** Ends every room of a doctor; gives how many. Never rejects. */
  endAllOfDoctor(doctor: DoctorId, reason: EndReason): Promise<number> {
    return this.#recovery.endAllOf((other) => sameDoctor(other, doctor), reason);
  }

  /** A room that is not over; undefined otherwise. A room past its expiry is ended by asking for it. */
  find(roomId: string): Room | undefined {
    return this.#store.find(roomId);
  }

  /** Like `find`. Rejects with Refused: `ended-room`, `unknown-room`, or `unavailable` when nobody can say. */
  async getLive(roomId: string): Promise<Room> {
    const room = this.find(roomId);
    if (room !== undefined) return room;
    throw new Refused((await this.findTombstone(roomId)) === undefined ? 'unknown-room' : 'ended-room');
  }

  /** How a room ended; undefined when it is live or unknown. Rejects with Refused `unavailable` when it cannot be read. */
  findTombstone(roomId: string): Promise<Tombstone | undefined> {
    return this.#deps.persistence.findTombstone(roomId);
  }

  /** The join hash of a shared room that is not there yet after a start and may come back at any moment; else null. */
  recoverableJoinHash(roomId: string): Promise<string | null> {
    return this.#recovery.joinHashOf(roomId);
  }

  /** Milliseconds until the room ends by itself, whatever the machine's clock is set to. */
  leftMs({ id }: Pick<Room, 'id'>): number {
    return this.#store.leftMs(id);
  }

  /** A doctor's rooms that are not over, oldest first. */
  of(doctor: DoctorId): Room[] {
    return this.#store.all().filter((room) => sameDoctor(room.doctor, doctor) && this.find(room.id) !== undefined);
  }

  /** How many rooms that are not over a doctor and the doctor's tenant have. */
  countOf(doctor: DoctorId): RoomCounts {
    return this.#store.countOf(doctor);
  }

  /** Whether the room is over and its end is being saved: the event that tells of it follows. */
  isEnding(roomId: string): boolean {
    return this.#store.isEnding(roomId);
  }

  /** Work on one room, after what was asked before of the same room. */
  #inTurn<Result>(roomId: string, work: () => Promise<Result>): Promise<Result> {
    const turn = (this.#turns.get(roomId) ?? Promise.resolve()).then(work, work);
    this.#turns.set(roomId, turn);
    const leave = (): void => {
      if (this.#turns.get(roomId) === turn) this.#turns.delete(roomId);
    };
    turn.then(leave, leave);
    return turn;
  }

  /** Keeps that a room is shared and ends by itself in `leftMs`, and then moves its end. */
  async #saveShared({ id: roomId, joinHash, phone, openedAt }: Room, leftMs: number): Promise<void> {
    if (joinHash === null || openedAt === null) return;
    const { clock, persistence } = this.#deps;
    const until = clock.uptime() + leftMs;
    await persistence.saveShared({ roomId, joinHash, phone, openedAt, expiresAt: clock.now() + leftMs });
    this.#store.setExpiry(roomId, until - clock.uptime());
  }

  /** Rejects like `getLive` when the room ended meanwhile. */
  async #changed(roomId: string, change: Parameters<RoomStore['update']>[1]): Promise<Room> {
    return this.#store.update(roomId, change) ?? (await this.getLive(roomId));
  }

  #interrupt({ id }: Room): void {
    const room = this.#store.update(id, { state: 'interrupted' });
    if (room !== undefined) this.#store.emit({ kind: 'interrupted', room });
  }

  #setReaders(roomId: string, change: Partial<Pick<Room, 'reading' | 'waiting' | 'readBy'>>): void {
    if (this.find(roomId) === undefined) return;
    const room = this.#store.update(roomId, change);
    if (room !== undefined) this.#store.emit({ kind: 'readers-changed', room });
  }

  #owned(room: Room): OwnedRoom {
    const { ownerTokens, clock, persistence } = this.#deps;
    return { room, ownerToken: ownerTokens.sign(room, { signedAt: clock.now(), run: persistence.run }) };
  }
}
