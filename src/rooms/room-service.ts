import type { Timer } from '../clock.ts';
import { randomBytes, toBase64Url } from '../protocol/bytes.ts';
import { type EndReason, LIMITS } from '../protocol/constants.ts';
import { Refused } from '../protocol/errors.ts';
import { ROOM_ID_BYTES } from '../protocol/link.ts';
import type { Policy, PolicyLimits } from '../protocol/messages.ts';
import { samePolicy, strictestPolicy } from '../protocol/policy.ts';
import type { OwnerClaims, OwnerTokens } from './owner-tokens.ts';
import { limitsWithin, within } from './policy.ts';
import { graceMs, RoomRecovery } from './recovery.ts';
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
import type { AbsentEnd, Revocation, RoomRecord, RoomRepository } from './room-repository.ts';
import { UNREPEATABLE } from './room-repository.ts';
import { RoomStore, type RoomStoreDependencies } from './room-store.ts';
import { hashOfTicket, openTicket, sealTicket } from './tickets.ts';

export type { RoomEvent } from './room.ts';

const KEEP_READERS_MS = 1_000;
const STOPPED: ReadonlySet<EndReason> = new Set(['stopped']);

interface Dependencies extends RoomStoreDependencies {
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
  #absentListeners: readonly ((ends: readonly AbsentEnd[]) => void)[] = [];
  /** The last piece of work for each room that has one under way. */
  readonly #turns = new Map<string, Promise<unknown>>();
  /** Rooms of which more people have read the note than is written. */
  readonly #readersToKeep = new Map<string, Timer>();
  /** Rooms that their own pages destroyed before anybody had read, and when: for as long as their compose links count. */
  readonly #destroyedUnread = new Map<string, number>();
  #stopping = false;

  constructor(deps: Dependencies) {
    this.#deps = deps;
    this.#store = new RoomStore(deps);
    const { expiryMaxSeconds } = deps.defaults;
    this.#recovery = new RoomRecovery({
      ...deps,
      store: this.#store,
      inTurn: (roomId, work) => this.#inTurn(roomId, work),
      expiryMaxSeconds,
    });
    this.#store.onEvent(({ kind, room }) => {
      if (kind !== 'ended' && kind !== 'moved') return;
      this.#unopened.delete(room.id);
      this.#readersToKeep.get(room.id)?.cancel();
      this.#readersToKeep.delete(room.id);
    }, true);
    deps.persistence.listen({
      onAbsentEnds: (ends) => this.#tellAbsent(ends),
      onRenewed: () => this.#recovery.verify(),
    });
  }

  /** The server can be reached: rooms that nobody hosts and nobody brings back in time are ended from now on. */
  start(): Promise<void> {
    return this.#recovery.begin();
  }

  /** The server is about to stop: every room waits for its composer to bring it to the next start, or to another node. */
  suspend(): void {
    this.#stopping = true;
    this.#recovery.stop();
    this.#store.emit(...this.#store.all().map((room) => ({ kind: 'suspended', room }) as const));
  }

  /** Forgets every room without ending it, and keeps what is not written of it; nothing is due any more. */
  async close(): Promise<void> {
    this.#stopping = true;
    this.#recovery.stop();
    const unkept = [...this.#readersToKeep.keys()];
    for (const timer of this.#readersToKeep.values()) timer.cancel();
    this.#readersToKeep.clear();
    await Promise.all(unkept.map((roomId) => this.#keepReaders(roomId)));
    await this.#store.close();
  }

  /** Longest expiry that the admin allows, in seconds. */
  get expiryMaxSeconds(): number {
    return this.#deps.defaults.expiryMaxSeconds;
  }

  /** Calls `listener` on every change until the returned function is called; `first` is before others, which may be slow. */
  onEvent(listener: RoomListener, { first = false }: { first?: boolean } = {}): () => void {
    return this.#store.onEvent(listener, first);
  }

  /** Calls `listener` with rooms that ended while no node hosted them, until the returned function is called. */
  onAbsentEnds(listener: (ends: readonly AbsentEnd[]) => void): () => void {
    this.#absentListeners = [...this.#absentListeners, listener];
    return () => {
      this.#absentListeners = this.#absentListeners.filter((one) => one !== listener);
    };
  }

  /**
   * Starts a draft for a doctor, with a ticket for their browser. `limits` are those of the doctor's workspace where it
   * has its own; what is chosen beyond them, now or at "Share", is lowered to them. `phone` is the practice's. `isChosen`: the
   * doctor was asked, so the composer's page need not ask again.
   * Rejects with Refused `unavailable` while nothing can be kept: then nobody could be sure that the room stays over.
   */
  async draft(
    doctor: Doctor,
    choice: Partial<Policy> = {},
    limits: Partial<PolicyLimits> = {},
    phone: string | null = null,
    isChosen = false,
  ): Promise<{ room: Room; ticket: string; ticketUntil: number }> {
    const { clock, persistence, ownerTokens, defaults, beforeDraft } = this.#deps;
    persistence.mustBeAvailable();
    const own = limitsWithin(defaults.expiryMaxSeconds, limits);
    const leftMs = LIMITS.ticketSeconds * 1000;
    const until = clock.now() + leftMs;
    const room: Room = {
      id: toBase64Url(randomBytes(ROOM_ID_BYTES)),
      doctor,
      policy: within(own, { ...defaults.policy, ...choice }),
      isChosen,
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
      isPageVisible: true,
    };
    const { ticket, hash, box } = sealTicket(ownerTokens.sign(room, clock.now()));
    const keeping = { epoch: 1, graceMs: graceMs(room) };
    // Whoever opens the link may write for as long as a note may live.
    const expiresAt = until + own.expiryMaxSeconds * 1000;
    await persistence.add(recordOf({ ...room, expiresAt }, keeping.graceMs), { hash, box, until });
    try {
      await beforeDraft?.(room);
      if (this.#stopping) throw new Refused('unavailable');
    } catch (error) {
      await this.#store.forgetKept(room);
      throw error;
    }
    this.#store.add(room, leftMs, keeping);
    this.#unopened.add(room.id);
    this.#store.emit({ kind: 'drafted', room });
    return { room, ticket, ticketUntil: until };
  }

  /**
   * What a ticket is good for, and for how many milliseconds more; it is as good afterwards.
   * Rejects with Refused like `redeem`.
   */
  async look(
    ticket: string,
    composerPresent: (roomId: string) => boolean,
  ): Promise<{ claims: OwnerClaims; leftMs: number }> {
    const { claims, until, isUsed } = await this.#foundTicket(ticket);
    const { roomId } = claims;
    if (isUsed) throw new Refused(composerPresent(roomId) ? 'composer-present' : 'used-ticket');
    const leftMs = this.#unopened.has(roomId) ? this.#store.leftMs(roomId) : until - this.#deps.clock.now();
    if (leftMs <= -LIMITS.ticketSeconds * 1000) throw new Refused('unknown-ticket');
    if (leftMs <= 0) throw new Refused('expired-ticket');
    if ((await this.findTombstone(roomId)) !== undefined) throw new Refused('ended-room');
    return { claims, leftMs };
  }

  /**
   * Somebody begins to write behind the compose link, at whichever node. Gives the room and its owner token. `page` is a random
   * word of the page: one that lost its connection before it heard the answer may ask again, as long as nothing is shared.
   * `release` makes the ticket good again, as if nobody had used it, when the composer could not be connected.
   * Rejects with Refused: `unknown-ticket`, `expired-ticket`, `used-ticket`, `composer-present`, `ended-room`, `unavailable`.
   */
  async redeem(
    ticket: string,
    composerPresent: (roomId: string) => boolean,
    page?: string,
  ): Promise<OwnedRoom & { release: () => Promise<void> }> {
    const { persistence } = this.#deps;
    if (this.#stopping) throw new Refused('unavailable');
    // The ticket would be used up for nothing.
    persistence.mustBeAvailable();
    const hash = hashOfTicket(ticket);
    const redeemed = await persistence.redeemTicket(hash, page === undefined ? null : hashOfTicket(page));
    const claims = redeemed === undefined ? null : this.#claimsOfTicket(ticket, redeemed.box);
    if (redeemed === undefined || claims === null) throw new Refused('unknown-ticket');
    if (redeemed.usedBefore === 'by another') {
      throw new Refused(composerPresent(claims.roomId) ? 'composer-present' : 'used-ticket');
    }
    return await this.#inTurn(claims.roomId, async () => {
      const room = await this.#draftOf(claims, redeemed.until).catch(async (error: unknown) => {
        if (redeemed.usedBefore === 'by nobody') await this.#unuse(hash);
        throw error;
      });
      if (!this.#unopened.delete(room.id)) return { ...this.#owned(room), release: () => Promise.resolve() };
      const ticketMs = this.#store.leftMs(room.id);
      // The ticket's ten minutes are for opening it; writing may take as long as a note may live.
      this.#store.setExpiry(room.id, room.limits.expiryMaxSeconds * 1000);
      const release = async (): Promise<void> => {
        if (this.find(room.id) === undefined) return;
        this.#unopened.add(room.id);
        this.#store.cancelGrace(room.id);
        this.#store.setExpiry(room.id, ticketMs);
        await this.#unuse(hash);
      };
      return { ...this.#owned(await this.getLive(room.id)), release };
    });
  }

  /**
   * The doctor pressed "Share". Said again, because the answer was lost or the doctor thought better of it, it makes the
   * choice stricter in each point, and nothing wider: the room that comes back says how it is.
   * Rejects with Refused `not-allowed` when the room was shared under another link, `unavailable` while nothing can be kept.
   */
  open(roomId: string, joinHash: string, policy: Policy): Promise<OwnedRoom> {
    return this.#inTurn(roomId, async () => {
      const { clock } = this.#deps;
      const room = await this.getLive(roomId);
      if (room.state === 'open' && room.joinHash === joinHash) return this.#owned(await this.#restrict(room, policy));
      if (room.state !== 'draft') throw new Refused('not-allowed');
      const chosen = within(room.limits, policy);
      const totalMs = chosen.expirySeconds * 1000;
      const openedAt = room.openedAt ?? clock.now();
      // Shared before, in an earlier run: the time counts from then.
      const leftMs =
        room.openedAt === null ? totalMs : Math.min(openedAt + totalMs - clock.now(), this.#store.leftMs(roomId));
      await this.#save({ ...room, joinHash, openedAt }, leftMs);
      const opened = await this.#changed(roomId, { policy: chosen, joinHash, openedAt, state: 'open' });
      this.#store.emit({ kind: 'opened', room: opened });
      if (this.#store.isInGrace(roomId)) this.#interrupt(opened);
      return this.#owned(opened);
    });
  }

  /**
   * Lets an open room live for so long in all, as far as its limits allow; never for less than it would, so that it may be
   * said again. Rejects with Refused `not-allowed` when it is not open, `unavailable` while nothing can be kept.
   */
  extend(roomId: string, totalSeconds: number): Promise<OwnedRoom> {
    return this.#inTurn(roomId, async () => {
      const room = await this.getLive(roomId);
      if (room.state === 'draft') throw new Refused('not-allowed');
      const { policy, limits } = room;
      const expirySeconds = Math.min(totalSeconds, limits.expiryMaxSeconds);
      const addedSeconds = expirySeconds - policy.expirySeconds;
      if (addedSeconds <= 0) return this.#owned(room);
      await this.#save(room, this.#store.leftMs(roomId) + addedSeconds * 1000);
      const extended = await this.#changed(roomId, { policy: { ...policy, expirySeconds } });
      this.#store.emit({ kind: 'extended', room: extended });
      return this.#owned(extended);
    });
  }

  /**
   * The composer comes back with its owner token: to its room, or to one that an earlier run of the server or another node
   * hosted, which is made again from the token. Gives the room as it stands and its newest token.
   * Rejects with Refused: `wrong-owner`, `ended-room`, `unknown-room` when nothing can come back any more, `unavailable`.
   */
  async resume(ownerToken: string): Promise<OwnedRoom> {
    const claims = this.claimsOf(ownerToken);
    if (this.#stopping) throw new Refused('unavailable');
    return await this.#inTurn(claims.roomId, async () => {
      if (this.find(claims.roomId) === undefined) await this.#recovery.recover(claims);
      else await this.#recovery.reclaim(claims);
      return this.#owned(await this.getLive(claims.roomId));
    });
  }

  /** What an owner token says. Throws Refused `wrong-owner` when it is not one of ours. */
  claimsOf(ownerToken: string): OwnerClaims {
    return this.#deps.ownerTokens.verify(ownerToken);
  }

  /**
   * What an owner token says whose page may begin another note: for as long as the room could have lived, while it is open and
   * after it has ended by itself.
   * Rejects with Refused: `wrong-owner`, `ended-room`, `unavailable`.
   */
  async claimsForAnother(ownerToken: string): Promise<OwnerClaims> {
    const { clock, defaults } = this.#deps;
    const claims = this.claimsOf(ownerToken);
    if (this.#stopping) throw new Refused('unavailable');
    const { createdAt, openedAt } = claims;
    const longestMs = limitsWithin(defaults.expiryMaxSeconds, claims.limits).expiryMaxSeconds * 1000;
    const until = (openedAt ?? createdAt + LIMITS.ticketSeconds * 1000) + longestMs;
    if (clock.now() >= until) throw new Refused('ended-room');
    return await this.#repeatable(claims, { forbidden: UNREPEATABLE, unread: false });
  }

  /**
   * The same behind a compose link that another browser used, which may have been a program that checks links: for as long as
   * the link would have been good, and not beside a live note that somebody has read.
   * Rejects with Refused: `unknown-ticket`, `used-ticket`, `ended-room`, `unavailable`.
   */
  async claimsForAnotherBrowser(ticket: string): Promise<OwnerClaims> {
    if (this.#stopping) throw new Refused('unavailable');
    const { claims, until } = await this.#foundTicket(ticket);
    const { roomId } = claims;
    if (this.#deps.clock.now() >= until || (this.find(roomId)?.readBy ?? 0) > 0) throw new Refused('used-ticket');
    // Such a program presses "Destroy now" as well. What the doctor revoked in the chat stays revoked.
    const forbidden = this.#destroyedUnread.has(roomId) ? STOPPED : UNREPEATABLE;
    return await this.#repeatable(claims, { forbidden, unread: true });
  }

  /** Rejects with Refused `ended-room` when the room, or all of its doctor's, ended so that nothing may follow; `unavailable`. */
  async #repeatable(
    claims: OwnerClaims,
    terms: Parameters<RoomRepository['mayBeginAnother']>[1],
  ): Promise<OwnerClaims> {
    const { roomId, doctor, createdAt } = claims;
    // An end that is being written counts before it is.
    const isForbidden =
      this.isEnding(roomId) && terms.forbidden.has((await this.findTombstone(roomId))?.reason ?? 'stopped');
    const mayBegin =
      !isForbidden && (await this.#deps.persistence.mayBeginAnother({ roomId, doctor, createdAt }, terms));
    if (!mayBegin) throw new Refused('ended-room');
    return claims;
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

  /** Lets go of rooms that are over or another node's without this one having heard of it. Never rejects. */
  verify(): Promise<void> {
    return this.#recovery.verify();
  }

  /** Another node hosts the room from this epoch on. */
  moved(roomId: string, epoch: number): void {
    this.#recovery.moved(roomId, epoch);
  }

  /** How many readers are admitted at this moment. */
  setReading(roomId: string, reading: number): void {
    if (this.find(roomId)?.reading !== reading) this.#setReaders(roomId, { reading });
  }

  /** What the composer tells of its readers, for the chat where the doctor also sees it. */
  setReaders(roomId: string, readers: Pick<Room, 'waiting' | 'readBy'> & Partial<Pick<Room, 'isPageVisible'>>): void {
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

  /**
   * The doctor asked for more time in the chat; the composer asks for it, because it also tells its readers.
   * Rejects with Refused: `unknown-room`, `ended-room`, `not-open`, `not-allowed` when the room has its longest life.
   */
  async requestMoreTime(roomId: string): Promise<void> {
    const room = await this.getLive(roomId);
    if (room.state !== 'open') throw new Refused('not-open');
    if (room.policy.expirySeconds >= room.limits.expiryMaxSeconds) throw new Refused('not-allowed');
    this.#store.emit({ kind: 'more-time-requested', room });
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

  /** The same at the word of the room's own page. */
  endByComposer(roomId: string, reason: EndReason): Promise<boolean> {
    if (this.find(roomId)?.readBy === 0) this.#rememberDestroyed(roomId);
    return this.end(roomId, reason);
  }

  /** Ends every room. Never rejects. */
  async endAll(reason: EndReason): Promise<void> {
    const roomIds = this.#store.all().map(({ id }) => id);
    await this.#store.end(roomIds, reason);
  }

  /**
   * Ends a room that this node does not host, and that no node that could be asked hosts; false when it is over already, or
   * unknown. Rejects with Refused `unavailable`.
   */
  endAbsent(roomId: string, reason: EndReason): Promise<boolean> {
    return this.#deps.persistence.endAbsent(roomId, reason);
  }

  /**
   * Ends every room that a workspace or organisation which removed GLIR has here or at nodes that are gone; gives how many.
   * None of its rooms comes back. Never rejects.
   */
  endTenant({ platform, tenant }: Tenant, reason: EndReason): Promise<number> {
    const theirs: Tenant = { platform, tenant };
    return this.#endAllOf((doctor) => sameTenant(doctor, theirs), { ...theirs, user: null, reason });
  }

  /** The same for every room of a doctor. */
  endAllOfDoctor({ platform, tenant, user }: DoctorId, reason: EndReason): Promise<number> {
    const doctor: DoctorId = { platform, tenant, user };
    return this.#endAllOf((other) => sameDoctor(other, doctor), { ...doctor, reason });
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

  /** The join hash of a shared room that is not here and may come back at any moment; else null. */
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

  /** How many rooms of a doctor and the doctor's tenant other nodes have. Rejects with Refused `unavailable`. */
  countElsewhere(doctor: DoctorId): Promise<RoomCounts> {
    return this.#deps.persistence.countElsewhere(doctor);
  }

  /** Every room that is not over. */
  all(): readonly Room[] {
    return this.#store.all();
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

  async #endAllOf(whose: (doctor: DoctorId) => boolean, revocation: Revocation): Promise<number> {
    const { persistence } = this.#deps;
    const { reason } = revocation;
    const theirs = this.#store.all().filter(({ doctor }) => whose(doctor));
    const ending = this.#store.end(
      theirs.map(({ id }) => id),
      reason,
    );
    // Those that are on their way to this node while the revocation is written.
    const brought: string[] = [];
    const unlisten = this.#store.onEvent(({ kind, room }) => {
      if (kind === 'recovered' && whose(room.doctor)) brought.push(room.id);
    }, true);
    const [here, absent] = await Promise.all([ending, persistence.revoke(revocation)]);
    await Promise.allSettled(this.#turns.values());
    unlisten();
    return here + absent + (await this.#store.end(brought, reason));
  }

  /** Whoever fails at it fails alone. */
  #tellAbsent(ends: readonly AbsentEnd[]): void {
    for (const listener of this.#absentListeners) {
      try {
        listener(ends);
      } catch (error) {
        this.#deps.onListenerError(error);
      }
    }
  }

  /** Null when the ticket is none of ours. */
  #claimsOfTicket(ticket: string, box: Uint8Array): OwnerClaims | null {
    const ownerToken = openTicket(ticket, box);
    try {
      return ownerToken === null ? null : this.claimsOf(ownerToken);
    } catch (error) {
      if (error instanceof Refused) return null;
      throw error;
    }
  }

  /** Rejects with Refused `unknown-ticket`, `unavailable`. */
  async #foundTicket(ticket: string): Promise<{ claims: OwnerClaims; until: number; isUsed: boolean }> {
    const found = await this.#deps.persistence.findTicket(hashOfTicket(ticket));
    const claims = found === undefined ? null : this.#claimsOfTicket(ticket, found.box);
    if (found === undefined || claims === null) throw new Refused('unknown-ticket');
    return { claims, until: found.until, isUsed: found.isUsed };
  }

  #rememberDestroyed(roomId: string): void {
    const now = this.#deps.clock.uptime();
    for (const [old, at] of this.#destroyedUnread) {
      if (now - at > LIMITS.ticketSeconds * 1000) this.#destroyedUnread.delete(old);
    }
    this.#destroyedUnread.set(roomId, now);
  }

  /** A ticket that came to nothing is as it was before. Never rejects. */
  async #unuse(hash: Uint8Array): Promise<void> {
    try {
      await this.#deps.persistence.releaseTicket(hash);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }

  /** The draft that a ticket stands for: from now on it is here, wherever it was before. */
  async #draftOf(claims: OwnerClaims, ticketUntil: number): Promise<Room> {
    const { roomId } = claims;
    const isHere = this.find(roomId) !== undefined;
    const lateMs = this.#deps.clock.now() - ticketUntil;
    if (!isHere && lateMs >= LIMITS.ticketSeconds * 1000) throw new Refused('unknown-ticket');
    if (!isHere && lateMs >= 0) throw new Refused('expired-ticket');
    // It may have been shared at another node.
    const kept = await this.#deps.persistence.findClaimable(roomId);
    if (kept !== undefined && kept.openedAt !== null) throw new Refused('used-ticket');
    if (isHere) await this.#recovery.reclaim(claims);
    else await this.#recovery.recover(claims);
    if (!isHere) this.#unopened.add(roomId);
    const room = await this.getLive(roomId);
    if (room.state !== 'draft') throw new Refused('used-ticket');
    return room;
  }

  /** Keeps what a room is and that it ends by itself in `leftMs`, and then moves its end. */
  async #save(room: Room, leftMs: number): Promise<void> {
    const { clock, persistence } = this.#deps;
    const until = clock.uptime() + leftMs;
    const keeping = this.#store.keeping(room.id);
    const record = recordOf({ ...room, expiresAt: clock.now() + leftMs }, keeping?.graceMs ?? graceMs(room));
    if (!(await persistence.save(record, keeping?.epoch ?? 0))) {
      await this.#recovery.leave(room.id, keeping?.epoch);
      await this.getLive(room.id);
      throw new Refused('unavailable');
    }
    this.#store.setExpiry(room.id, until - clock.uptime());
  }

  /** Makes an open room's choice stricter. */
  async #restrict(room: Room, wanted: Policy): Promise<Room> {
    const policy = strictestPolicy(room.policy, within(room.limits, wanted));
    if (samePolicy(policy, room.policy)) return room;
    const removedMs = (room.policy.expirySeconds - policy.expirySeconds) * 1000;
    if (removedMs > 0) await this.#save(room, this.#store.leftMs(room.id) - removedMs);
    const restricted = await this.#changed(room.id, { policy });
    this.#store.emit({ kind: 'restricted', room: restricted });
    return restricted;
  }

  /** Rejects like `getLive` when the room ended meanwhile. */
  async #changed(roomId: string, change: Parameters<RoomStore['update']>[1]): Promise<Room> {
    return this.#store.update(roomId, change) ?? (await this.getLive(roomId));
  }

  #interrupt({ id }: Room): void {
    const room = this.#store.update(id, { state: 'interrupted' });
    if (room !== undefined) this.#store.emit({ kind: 'interrupted', room });
  }

  #setReaders(roomId: string, change: Partial<Pick<Room, 'reading' | 'waiting' | 'readBy' | 'isPageVisible'>>): void {
    const before = this.find(roomId);
    const room = this.#store.update(roomId, change);
    if (before === undefined || room === undefined) return;
    this.#store.emit({ kind: 'readers-changed', room });
    const isFirst = graceMs(room) < (this.#store.keeping(roomId)?.graceMs ?? 0);
    // Once somebody has read the note, the room waits less long for its composer, also when nobody reads it any more.
    if (isFirst) this.#store.setKeeping(roomId, { graceMs: graceMs(room) });
    if (isFirst || (before.readBy === 0 && room.readBy > 0)) void this.#keepReaders(roomId);
    else if (room.readBy > before.readBy) this.#keepReadersLater(roomId);
  }

  /** However many read it within a second, it is written once. */
  #keepReadersLater(roomId: string): void {
    if (this.#readersToKeep.has(roomId)) return;
    const timer = this.#deps.clock.after(KEEP_READERS_MS, () => {
      this.#readersToKeep.delete(roomId);
      void this.#keepReaders(roomId);
    });
    this.#readersToKeep.set(roomId, timer);
  }

  /** Never rejects: what is kept without it does no harm. */
  async #keepReaders(roomId: string): Promise<void> {
    try {
      await this.#inTurn(roomId, async () => this.#save(await this.getLive(roomId), this.#store.leftMs(roomId)));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }

  #owned(room: Room): OwnedRoom {
    const { ownerTokens, clock } = this.#deps;
    const [now, leftMs] = [clock.now(), this.#store.leftMs(room.id)];
    // The clock may have been set since the room's end was.
    const expiresAt = Number.isFinite(leftMs) ? now + leftMs : room.expiresAt;
    return { room, ownerToken: ownerTokens.sign({ ...room, expiresAt }, now) };
  }
}

function recordOf(room: Room, graceMs: number): RoomRecord {
  const { id: roomId, doctor, joinHash, phone, createdAt, openedAt, expiresAt, readBy } = room;
  const { platform, tenant, user } = doctor;
  const id = { platform, tenant, user };
  return { roomId, doctor: id, joinHash, phone, createdAt, openedAt, expiresAt, graceMs, readBy };
}
