import { createHash } from 'node:crypto';
import type { EndReason } from '../protocol/constants.ts';
import type { Policy, PolicyLimits } from '../protocol/messages.ts';

/** Who owns a room. */
export interface Doctor {
  platform: 'slack' | 'teams' | 'local';
  /** Workspace or organisation. */
  tenant: string;
  /** The platform's id of the person. */
  user: string;
  /** Shown to the patient if the doctor lets it; never logged. */
  displayName: string;
}

/** A workspace or an organisation. A `Doctor` is one too. */
export type Tenant = Pick<Doctor, 'platform' | 'tenant'>;

/** A person in a tenant. A `Doctor` is one too. */
export type DoctorId = Pick<Doctor, 'platform' | 'tenant' | 'user'>;

/** A reader who waits for the doctor's decision. The short code is the one on the patient's page: six digits. */
export interface WaitingReader {
  readerId: string;
  /** 1 for the first reader that knocked, and so on. */
  number: number;
  shortCode: string;
}

/** What a doctor decides about a reader who waits. */
export type Decision = 'admit' | 'refuse';

export type RoomState = 'draft' | 'open' | 'interrupted' | 'ended';

/**
 * One live note's metadata, as it is at one moment: the server never holds the note. All times are milliseconds since the
 * Unix epoch.
 */
export interface Room {
  readonly id: string;
  readonly doctor: Doctor;
  readonly policy: Policy;
  /** Whether the doctor was asked for the policy, and chose it, before the composer's page was opened. */
  readonly isChosen: boolean;
  readonly limits: PolicyLimits;
  /** The practice's phone number, for patients whose note is gone; null when its admin gave none. */
  readonly phone: string | null;
  readonly state: RoomState;
  /** SHA-256 of the join key in base64url, known from "Share" on. */
  readonly joinHash: string | null;
  readonly createdAt: number;
  /** When "Share" was first pressed; null before. */
  readonly openedAt: number | null;
  /** When the room ends by itself: for an open room its expiry, for a draft the end of its ticket or draft time. */
  readonly expiresAt: number;
  /** Readers that are admitted at this moment. */
  readonly reading: number;
  /** Readers that ask to be admitted, as the composer tells. */
  readonly waiting: readonly WaitingReader[];
  /** How many readers had the note on screen so far, as the composer tells. */
  readonly readBy: number;
  /** Whether the doctor can see the composer's page, as it tells; true until it does. */
  readonly isPageVisible: boolean;
}

/** What outlives a room, so that nothing brings it back and a late patient is told what happened. */
export interface Tombstone {
  readonly roomId: string;
  readonly joinHash: string | null;
  readonly phone: string | null;
  readonly reason: EndReason;
  readonly endedAt: number;
  /** When the tombstone itself may go: a day after the room's expiry. */
  readonly keepUntil: number;
}

/** What happened to a room, for whoever has to tell people: the signalling, the bots, the log. `room` is as it is then. */
export type RoomEvent =
  | {
      kind: 'drafted' | 'opened' | 'extended' | 'restricted' | 'interrupted' | 'resumed' | 'readers-changed';
      room: Room;
    }
  /** The server stops; the room waits for the next start, or goes to another node. */
  | { kind: 'suspended'; room: Room }
  /** Its composer has brought the room to this node, in this epoch. */
  | { kind: 'recovered'; room: Room; epoch: number }
  /** Its composer has brought the room to another node. */
  | { kind: 'moved'; room: Room }
  /** Decided in the chat; and carried out by the composer, whoever decided it. */
  | { kind: 'decision-requested' | 'decision-made'; room: Room; readerId: string; decision: Decision }
  /** More time was asked for in the chat. */
  | { kind: 'more-time-requested'; room: Room }
  /** `elsewhere`: another node ended it, and wrote that down. */
  | { kind: 'ended'; room: Room; tombstone: Tombstone; elsewhere?: true };

export type RoomListener = (event: RoomEvent) => void;

/** How many rooms a doctor, and all doctors of the tenant, have open or are about to begin. */
export interface RoomCounts {
  readonly user: number;
  readonly tenant: number;
}

/** Whether two are the same person; a display name may change. */
export function sameDoctor(a: DoctorId, b: DoctorId): boolean {
  return sameTenant(a, b) && a.user === b.user;
}

export function sameTenant(a: Tenant, b: Tenant): boolean {
  return a.platform === b.platform && a.tenant === b.tenant;
}

const TAG_CHARACTERS = 8;

/** What the log, a chat and the history may say of a room: enough to recognise it, too little to open it. */
export function roomTag(roomId: string): string {
  return roomId.slice(0, TAG_CHARACTERS);
}

/** By which a room is kept, and named among nodes when its id is not known: SHA-256 of the id, in base64url. */
export function hashOfRoom(roomId: string): string {
  return createHash('sha256').update(roomId).digest('base64url');
}
