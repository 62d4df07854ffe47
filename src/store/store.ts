import type { z } from 'zod';
import type { EndReason } from '../protocol/constants.ts';
import type { DoctorId, Tenant } from '../rooms/room.ts';
import type { RoomRepository } from '../rooms/room-repository.ts';

export type { DoctorId, Tenant };

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
  readonly deliveries: Deliveries;
  readonly admins: AdminAccess;
  readonly conversations: Conversations;
  readonly preferences: Preferences;
  readonly messages: ChatMessages;
  readonly rooms: RoomRepository;
  /** Belongs to no tenant: it outlives them, for as long as the admin wants. */
  readonly audit: AuditRepository;
  /** Null where there can be no other node: the data is in a folder. */
  readonly nodes: Nodes | null;

  /** See `serverKey`. */
  serverKey(name: string): Promise<Uint8Array>;

  /**
   * Deletes everything of a tenant, in one transaction. End the tenant's rooms first: a room that ends later leaves a
   * new row in the history.
   */
  removeTenant(tenant: Tenant): Promise<void>;

  /** Deletes a person's history, conversation, preferences and messages, in one transaction. */
  removeDoctor(doctor: DoctorId): Promise<void>;

  /** Lets go of the database. Nothing may be called afterwards. */
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

/** How many notes of one hour ended for one reason, and how many readers they had. */
export interface NoteCount {
  hour: number;
  reason: EndReason;
  notes: number;
  readers: number;
}

/** Doctors' past notes, kept for `GLIR_HISTORY_DAYS`. */
export interface History {
  /** Keeps a note that is over; does nothing when no history is kept. */
  add(doctor: DoctorId, note: PastNote): Promise<void>;
  /** The doctor's notes whose time in the history is not over, the last ended first, at most `limit`. */
  ofDoctor(doctor: DoctorId, limit: number): Promise<PastNote[]>;
  /**
   * How many notes ended since then, by hour and reason, oldest first: of one tenant, or of all. Hours are
   * of the Unix epoch.
   */
  counts(tenant: Tenant | null, since: number): Promise<NoteCount[]>;
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
  /** Deletes states whose time is over. The store does so by itself every hour. */
  purge(): Promise<void>;
}

/** What chat platforms deliver, and may deliver again to any node of the cluster. */
export interface Deliveries {
  /** Whether this is the first time within `lifeMs` that any node takes the delivery of this key. */
  take(key: string, lifeMs: number): Promise<boolean>;
  /** What was taken could not be carried out: the next one takes it. */
  giveBack(key: string): Promise<void>;
  /** Forgets those whose time is over. The store does so by itself every hour. */
  purge(): Promise<void>;
}

/** Who is in the admin console: an admin of one tenant, or whoever runs the server, by the subject of their OpenID provider. */
export type AdminIdentity =
  | ({ readonly kind: 'tenant-admin' } & DoctorId)
  | { readonly kind: 'operator'; readonly subject: string };

/** Ways into the admin console. Links, codes and sessions are kept as hashes: whoever reads the database gets in with none. */
export interface AdminAccess {
  /** A fresh link's token (base64url, 256 random bits), and the code of six digits that its admin types in with it. */
  issueLink(who: AdminIdentity, lifeSeconds: number): Promise<{ token: string; code: string }>;
  /**
   * Who a link was made for, to the first who shows it with its code. A wrong code uses one of five tries up; after that, and
   * when it was used or is too old, the link is `over`.
   */
  redeemLink(token: string, code: string): Promise<AdminIdentity | 'wrong-code' | 'over'>;
  /** A session's token. It ends after `idleSeconds` without a request, and after `lifeSeconds` in any case. */
  beginSession(who: AdminIdentity, life: { idleSeconds: number; lifeSeconds: number }): Promise<string>;
  /** Whose session it is, which goes on; null when it is over or never was. */
  findSession(token: string, idleSeconds: number): Promise<AdminIdentity | null>;
  endSession(token: string): Promise<void>;
  /** Deletes what is over. The store does so by itself every hour. */
  purge(): Promise<void>;
}

/** How to reach a person again, as JSON whose form is the platform's. */
export interface Conversations {
  /** Replaces what was kept before. */
  save(doctor: DoctorId, data: object): Promise<void>;
  find<Data>(doctor: DoctorId, schema: z.ZodType<Data>): Promise<Data | null>;
  /** Whether there was one. */
  remove(doctor: DoctorId): Promise<boolean>;
}

/** What each doctor chose for themselves, such as the name that patients see. */
export interface Preferences {
  /** Keeps one thing as JSON; what was kept of it before is replaced. */
  save(doctor: DoctorId, item: string, data: unknown): Promise<void>;
  /** All that the doctor chose, by item; what was not chosen is missing. */
  ofDoctor<Data>(doctor: DoctorId, schema: z.ZodType<Data>): Promise<Data>;
}

/** Nodes that run on the same database. All times are by the database's clock. */
export interface Nodes {
  /** The node of this run is alive, and is reached at this URL. */
  beat(run: string, url: string): Promise<void>;
  /** The node of this run is gone. */
  remove(run: string): Promise<void>;
  /** Those that were alive within the last `ms` milliseconds. */
  alive(ms: number): Promise<{ run: string; url: string }[]>;
  /** All others that are known: no heartbeat of theirs was written within the last `ms` milliseconds. */
  silent(ms: number): Promise<{ run: string; url: string }[]>;
  /** The node that hosts a room, and whether it was alive within the last `ms` milliseconds; null when none is known. */
  hostOf(roomId: string, ms: number): Promise<{ run: string; url: string; epoch: number; isAlive: boolean } | null>;
  /** Where the node of a run is reached, or was within the last hour; null when it is unknown. */
  find(run: string): Promise<string | null>;
  /** Takes a duty, or renews it, for the next `ms` milliseconds; false when another run has it. */
  takeDuty(name: string, run: string, ms: number): Promise<boolean>;
  /** Another run may take the duty now. */
  releaseDuty(name: string, run: string): Promise<void>;
  /** Deletes nodes that were not alive for an hour, and messages between nodes that are too old. */
  purge(): Promise<void>;
}

/**
 * Where chats show notes that are not over, so that a server that starts can bring those messages up to date: the place of
 * a message as JSON whose form is the platform's, which note it is about by its tag and the hash of its id, and which run of
 * a server follows it: one at a time does.
 */
export interface ChatMessages {
  /** The run of this store's server. */
  readonly run: string;
  /** Replaces what was kept before: this run follows the message. It is forgotten after three days, or with the person. */
  save(doctor: DoctorId, roomId: string, data: object): Promise<void>;
  /** This run follows the message from now on, in the place of the run `from`; false when that one does not any more. */
  take(doctor: DoctorId, roomTag: string, from: string): Promise<boolean>;
  /** The message says how its note ended: nobody follows it any more. Keeps nothing where nothing is. */
  end(doctor: DoctorId, roomTag: string, data: object): Promise<void>;
  /** The message about a note; null when none is kept. */
  find<Data>(doctor: DoctorId, roomTag: string, schema: z.ZodType<Data>): Promise<ChatMessage<Data> | null>;
  /** Every message of a platform that does not say yet how its note ended. */
  followed<Data>(platform: Tenant['platform'], schema: z.ZodType<Data>): Promise<ChatMessage<Data>[]>;
  /** Whether the note of a message is not over as far as is kept: it is live, or may come back. Ask before `endOf`. */
  mayBeLive(doctor: DoctorId, roomTag: string): Promise<boolean>;
  /** How the note of a message ended, in milliseconds since the Unix epoch; null when it is not over, or nobody knows. */
  endOf(doctor: DoctorId, roomTag: string): Promise<{ reason: EndReason; at: number } | null>;
  /** Deletes what is too old. The store does so by itself every hour. */
  purge(): Promise<void>;
}

export interface ChatMessage<Data> {
  doctor: DoctorId;
  tag: string;
  /** The run that follows it. */
  run: string;
  data: Data;
}

/** A row's place in the audit's chain. */
export interface AuditLink {
  /** 1 for the first row, and one more for each that follows. */
  readonly seq: number;
  /** SHA-256 in hex. */
  readonly hash: string;
}

/** A row of the audit as it is stored. */
export interface AuditRow extends AuditLink {
  /** Milliseconds since the Unix epoch; the record says the same. */
  readonly at: number;
  /** What happened, in the very form that was hashed. */
  readonly record: string;
  /** The key and its HMAC over the hash, in hex; null while GLIR has no key. */
  readonly keyId: string | null;
  readonly seal: string | null;
}

/** Reads the audit's rows. */
export interface AuditReader {
  /** The row at this place; undefined when there is none, or none any more. */
  find(seq: number): Promise<AuditRow | undefined>;
  last(): Promise<AuditRow | undefined>;
  first(): Promise<AuditRow | undefined>;
  /**
   * The last rows before this place, the newest first, at most `limit`: those whose record holds all of these texts. What
   * they mean is the caller's to look at: a text may stand elsewhere in a record.
   */
  newest(before: number, limit: number, texts: readonly string[]): Promise<AuditRow[]>;
  /** The next rows behind this place, in their order, at most `limit`. */
  page(after: number, limit: number): Promise<AuditRow[]>;
}

/** Gives the rows that follow the one that is last at that moment; `rows` reads in the same transaction. */
export type MakeAuditRows = (last: AuditRow | null, rows: AuditReader) => Promise<readonly AuditRow[]>;

/** The audit's rows. They can be added and read, not changed; the oldest ones can be deleted once the last row says so. */
export interface AuditRepository extends AuditReader {
  /**
   * Adds rows; no other process comes in between. Gives the last of them, or null when there are none. They are on the
   * disk when it resolves.
   */
  append(make: MakeAuditRows): Promise<AuditLink | null>;
  /** Adds the row that says so, and deletes all up to `through`, which has to be in that row's record. */
  purge(through: AuditLink, make: MakeAuditRows): Promise<AuditLink | null>;
}
