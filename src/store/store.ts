import type { z } from 'zod';
import type { EndReason } from '../protocol/constants.ts';
import type { Doctor } from '../rooms/room.ts';
import type { AuditRows } from './audit-rows.ts';

/** A workspace or an organisation. An `Origin` is one too. */
export type Tenant = Pick<Doctor, 'platform' | 'tenant'>;

/** A person in a tenant. An `Origin` is one too. */
export type DoctorId = Pick<Doctor, 'platform' | 'tenant' | 'user'>;

/**
 * Durable metadata: what GLIR has to remember of tenants and doctors. Never a note, a link, a secret of a link or a
 * short code. Every call may reject with a `StoreError`; data that is read goes through the schema that is passed, and
 * does not come out when it does not fit (`unreadable`).
 */
export interface Store {
  readonly installations: Installations;
  readonly settings: Settings;
  readonly history: History;
  readonly states: OneTimeStates;
  readonly conversations: Conversations;
  /** Belongs to no tenant: it outlives them, for as long as the admin wants. */
  readonly audit: AuditRows;

  /**
   * Deletes everything of a tenant, in one transaction. End the tenant's rooms first: a room that ends later leaves a
   * new row in the history.
   */
  removeTenant(tenant: Tenant): Promise<void>;

  /** Deletes a person's history and conversation, in one transaction. */
  removeDoctor(person: DoctorId): Promise<void>;

  /** Lets go of the file. Nothing may be called afterwards. */
  close(): Promise<void>;
}

/** What a platform gave us when an admin installed GLIR, tokens included. Encrypted at rest. */
export interface Installations {
  /** Keeps the data (JSON) of a tenant; what was kept before is replaced. */
  save(tenant: Tenant, data: object): Promise<void>;

  /**
   * The tenant's data, or null when there is none. Rejects with `missing-key` when the row's key is not among
   * `GLIR_DATA_KEYS`, and with `tampered` when the row was changed outside of GLIR.
   */
  find<Data>(tenant: Tenant, schema: z.ZodType<Data>): Promise<Data | null>;

  /** Every tenant of a platform that has an installation, for a start that has to look after each. */
  tenants(platform: Tenant['platform']): Promise<Tenant[]>;

  /** Deletes the installation alone; whether there was one. `Store.removeTenant` deletes the rest as well. */
  remove(tenant: Tenant): Promise<boolean>;

  /**
   * Encrypts the rows of older keys with the first of `GLIR_DATA_KEYS`, all or none of them; gives how many there were.
   * Afterwards the older keys can be taken out.
   */
  rotate(): Promise<number>;
}

/** What a tenant's admin chose, as JSON whose form is the caller's. */
export interface Settings {
  /** Replaces what was kept before. */
  save(tenant: Tenant, settings: object): Promise<void>;
  /** Null when the admin chose nothing yet. */
  find<Data>(tenant: Tenant, schema: z.ZodType<Data>): Promise<Data | null>;
}

/** A note that is over, without its content. Times are milliseconds since the Unix epoch. */
export interface PastNote {
  /** The room's short tag: enough to recognise it in the log, too little to open anything. */
  roomTag: string;
  createdAt: number;
  /** When the doctor pressed "Share". */
  openedAt: number;
  endedAt: number;
  reason: EndReason;
  /** How many readers had it on screen. */
  readBy: number;
}

/** Doctors' past notes, kept for `GLIR_HISTORY_DAYS`. */
export interface History {
  /** Keeps a note that is over; does nothing when no history is kept. */
  add(doctor: DoctorId, note: PastNote): Promise<void>;
  /** The doctor's notes whose time in the history is not over, the last ended first, at most `limit`. */
  ofDoctor(doctor: DoctorId, limit: number): Promise<PastNote[]>;
  /** Deletes notes whose time is over; gives how many. The store does so by itself every hour. */
  purge(): Promise<number>;
}

/** Random texts that are good for one use within their time, such as the state of an OAuth request (RFC 6749, 10.12). */
export interface OneTimeStates {
  /** A fresh state (base64url, 256 random bits) that stands for `data` (JSON); only its hash is kept. */
  issue(data: object, lifeSeconds: number): Promise<string>;
  /**
   * What the state stands for, to the first who asks, also among several processes; null when it is unknown, used or
   * too old. A state is used up even when its data does not fit the schema.
   */
  redeem<Data>(state: string, schema: z.ZodType<Data>): Promise<Data | null>;
}

/** How to reach a person again, as JSON whose form is the platform's. */
export interface Conversations {
  /** Replaces what was kept before. */
  save(person: DoctorId, data: object): Promise<void>;
  find<Data>(person: DoctorId, schema: z.ZodType<Data>): Promise<Data | null>;
  /** Whether there was one. */
  remove(person: DoctorId): Promise<boolean>;
}
