import type { BootTime } from '../clock.ts';
import type { EndReason } from '../protocol/constants.ts';
import type { DoctorId, RoomCounts, Tombstone } from './room.ts';

/** Ends that somebody wanted: nothing begins again from them. */
export const UNREPEATABLE: ReadonlySet<EndReason> = new Set(['revoked', 'stopped']);

/** What is kept of a room that is not over. Times are milliseconds since the Unix epoch. */
export interface RoomRecord {
  readonly roomId: string;
  readonly doctor: DoctorId;
  /** Null for a draft. */
  readonly joinHash: string | null;
  /** The practice's phone number, for the tombstone of a room that does not come back. */
  readonly phone: string | null;
  readonly createdAt: number;
  /** When "Share" was first pressed; null for a draft. */
  readonly openedAt: number | null;
  /** When the room ends by itself. */
  readonly expiresAt: number;
  /** How long the room waits for its composer once nobody hosts it any more. */
  readonly graceMs: number;
  /** How many readers had the note on screen, as the composer told. */
  readonly readBy: number;
}

/** A ticket as it is kept: nobody can make the ticket, or read what it stands for, from it. */
export interface StoredTicket {
  /** SHA-256 of the ticket. */
  readonly hash: Uint8Array;
  /** What only the ticket itself decrypts. */
  readonly box: Uint8Array;
  /** Until when it is good, in milliseconds since the Unix epoch. */
  readonly until: number;
}

/** A ticket that somebody looked at. */
export interface FoundTicket extends Pick<StoredTicket, 'box' | 'until'> {
  readonly isUsed: boolean;
}

/** A ticket that a page showed. */
export interface RedeemedTicket extends Pick<StoredTicket, 'box' | 'until'> {
  /** Who had used it up before. */
  readonly usedBefore: 'by nobody' | 'by this page' | 'by another';
}

/** A moment by two clocks: after a restart on the same machine the second one counts, which nobody can set. */
export interface Moment {
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  readonly boot: BootTime | null;
}

/** A room that this run hosts from now on. */
export interface ClaimedRoom {
  readonly record: RoomRecord;
  /** Counts up whenever a run takes the room: whoever has an older one hosts it no longer. */
  readonly epoch: number;
}

/** A tombstone that the room's host leaves. */
export interface HostTombstone {
  readonly tombstone: Tombstone;
  /**
   * What the doctor wanted holds wherever the room is by now. Everything else is this host's view of the room, and holds
   * only while it is the host.
   */
  readonly wanted: boolean;
}

/**
 * Why a host's tombstone was not kept: another run hosts the room by now, or the room had ended already, and this is how.
 */
export type NotKept = 'moved' | Tombstone;

/** A room that ended while no node hosted it. */
export interface AbsentEnd {
  /** SHA-256 of the room's id, in base64url: the id itself is kept nowhere. */
  readonly roomHash: string;
  /** What a log may say of the room. */
  readonly tag: string;
  readonly doctor: DoctorId;
  readonly createdAt: number;
  readonly openedAt: number | null;
  readonly readBy: number;
  readonly reason: EndReason;
  readonly endedAt: number;
}

/** The rooms of a doctor, or of a whole tenant, have to end and may not come back. */
export interface Revocation {
  readonly platform: DoctorId['platform'];
  readonly tenant: string;
  /** Null for every doctor of the tenant. */
  readonly user: string | null;
  readonly reason: EndReason;
}

/** What is kept of a room that this run hosts. */
export interface HostedRoom {
  readonly epoch: number;
  /** Why it has to end; null when it may go on. */
  readonly revoked: EndReason | null;
}

/**
 * What outlives a node: which rooms there are and who hosts them, so that they may come back and ended ones may not. What a
 * call did will survive a loss of power when it resolves; it rejects when it could not be done.
 */
export interface RoomRepository {
  /** The name of this run of the server: rooms are hosted by runs. */
  readonly run: string;

  /** Keeps a new draft, hosted by this run in epoch 1, together with its ticket. */
  add(record: RoomRecord, ticket: StoredTicket): Promise<void>;

  /** Replaces what is kept of a room of this run; false, and nothing is kept, when it is over or another run hosts it. */
  save(record: RoomRecord, epoch: number): Promise<boolean>;

  /**
   * Makes this run the host of a room, whoever was it before. `ended` when there is a tombstone; an end when there was a
   * revocation, which left one now; `unknown` when there is no such room, or its time to come back was over.
   *
   * @param asOf when it is judged whether the lease of the room's host and the room's grace are over
   */
  claim(roomId: string, asOf: Moment, now: number): Promise<ClaimedRoom | AbsentEnd | 'ended' | 'unknown'>;

  /** A room that could be claimed; undefined for every other. */
  findClaimable(roomId: string, asOf: Moment): Promise<RoomRecord | undefined>;

  /** Whether other runs have rooms whose time is not up. */
  hasRoomsElsewhere(now: number): Promise<boolean>;
  /** How many rooms of a doctor, and of all doctors of the tenant, other runs have whose time is not up. */
  countElsewhere(doctor: DoctorId, now: number): Promise<RoomCounts>;

  /** The rooms that this run hosts as far as is kept, by the hash of their ids (`hashOfRoom`). */
  hosted(): Promise<ReadonlyMap<string, HostedRoom>>;

  /** Keeps tombstones, all or none. Gives those that were not kept, by the ids of their rooms: the first one of a room stays. */
  saveTombstones(tombstones: readonly HostTombstone[]): Promise<ReadonlyMap<string, NotKept>>;

  /** Leaves a tombstone of a room that another run hosts or hosted; undefined when it is over already, or unknown. */
  endAbsent(roomId: string, reason: EndReason, now: number): Promise<AbsentEnd | undefined>;

  /** Leaves tombstones of rooms of this run, by the hashes of their ids: `lost`, or as a revocation says. */
  endOrphans(roomHashes: readonly string[], now: number): Promise<AbsentEnd[]>;

  findTombstone(roomId: string): Promise<Tombstone | undefined>;

  /**
   * Revokes all their rooms, whoever hosts them; or those that were begun until a time, when it comes late. It is remembered
   * for as long as an owner token may be shown, also of rooms that are over.
   */
  revoke(revocation: Revocation, begunBefore: number | null, now: number): Promise<void>;

  /**
   * Whether the page that owns a room may begin another one: neither were all rooms of its doctor or tenant revoked since it
   * was begun, nor is it unknown, nor was it ended by somebody.
   *
   * @param terms.forbidden the ends from which nothing begins again
   * @param terms.unread not while the room is live and somebody has read its note
   */
  mayBeginAnother(
    room: Pick<RoomRecord, 'roomId' | 'doctor' | 'createdAt'>,
    terms: { forbidden: ReadonlySet<EndReason>; unread: boolean },
  ): Promise<boolean>;

  /** Other runs that have rooms which may not come back any more: their time, their host's lease and their grace are over. */
  runsWithAbandoned(asOf: Moment): Promise<string[]>;

  /** Leaves tombstones of these rooms of these runs: `lost`, `expired`, or as a revocation says. */
  endAbandoned(runs: readonly string[], asOf: Moment, now: number): Promise<AbsentEnd[]>;

  /** Other runs that have revoked rooms of a doctor or a tenant. */
  runsWithRoomsOf(revocation: Revocation): Promise<string[]>;

  /** Leaves tombstones of the rooms of these runs that were revoked. */
  endRevoked(runs: readonly string[], revocation: Revocation, now: number): Promise<AbsentEnd[]>;

  /** Until when it is certain that this run hosts its rooms; what was written before is replaced. */
  renewLease(until: Moment): Promise<void>;

  /** A ticket as it stands, which this does not use up; undefined when there is none. */
  findTicket(hash: Uint8Array): Promise<FoundTicket | undefined>;

  /**
   * Uses a ticket up for a page, unless another page has; undefined when there is none. A page is known by a hash of the word
   * that it chose, and null is a page that chose none.
   */
  redeemTicket(hash: Uint8Array, page: Uint8Array | null): Promise<RedeemedTicket | undefined>;

  /** The ticket can be redeemed again, because it came to nothing. */
  releaseTicket(hash: Uint8Array): Promise<void>;
}
