import { type Generated, type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { StoreError } from '../errors.ts';
import type { SqlTraits } from './sql-traits.ts';

interface TenantRow {
  platform: string;
  tenant: string;
}

interface DoctorRow extends TenantRow {
  user: string;
}

interface AdminRow {
  platform: string | null;
  tenant: string | null;
  user: string | null;
  subject: string | null;
}

/** The tables, as the migrations make them. Times are milliseconds since the Unix epoch. */
export interface Tables {
  tenants: TenantRow;
  installations: TenantRow & { key_id: string; nonce: Uint8Array; box: Uint8Array };
  settings: TenantRow & { data: string };
  conversations: DoctorRow & { data: string };
  /** What each doctor chose for themselves, a row for each thing. */
  preferences: DoctorRow & { item: string; data: string };
  history: DoctorRow & {
    id: Generated<number>;
    room_tag: string;
    created_at: number;
    opened_at: number;
    ended_at: number;
    reason: string;
    read_by: number;
  };
  /** `room` is the SHA-256 of the room's id, as in `tombstones`; `run` keeps the message up to date. */
  chat_messages: DoctorRow & {
    room_tag: string;
    room: Uint8Array;
    run: string;
    is_over: number;
    data: string;
    keep_until: number;
  };
  one_time_states: { hash: Uint8Array; data: string; until: number };
  server_keys: { name: string; key_id: string | null; nonce: Uint8Array | null; box: Uint8Array };
  audit: { seq: number; at: number; record: string; hash: string; key_id: string | null; seal: string | null };
  /**
   * One row for each run of the server. Its lease is renewed for as long as it can write; `boot_until` counts from the start
   * of the machine that `boot` names. `incarnation` names the database that the lease was written in, see `incarnationOf`.
   */
  server_runs: {
    run: string;
    lease_until: number;
    boot: string | null;
    boot_until: number | null;
    incarnation: string | null;
  };
  /** When all rooms of a doctor or a tenant were revoked last; `owner` is a hash of whom. */
  revocations: { owner: Uint8Array; at: number };
  /**
   * Rooms that are not over. `room` is the SHA-256 of the room's id; `run` hosts it, and `epoch` counts up whenever a run
   * takes it. When the host's lease is over, the room may be taken for `grace_ms` more. `tag` is what logs say of the room.
   * `revoked` is the reason for which it has to end and may not be taken any more.
   */
  rooms: DoctorRow & {
    room: Uint8Array;
    tag: string;
    run: string;
    epoch: number;
    grace_ms: number;
    join_hash: string | null;
    phone: string | null;
    created_at: number;
    opened_at: number | null;
    expires_at: number;
    read_by: number;
    revoked: string | null;
  };
  /** `hash` is the SHA-256 of the ticket, `box` what the ticket alone can decrypt. `used_by` is a hash as well. */
  tickets: { hash: Uint8Array; room: Uint8Array; box: Uint8Array; until: number; used_by: Uint8Array | null };
  tombstones: {
    room: Uint8Array;
    join_hash: string | null;
    phone: string | null;
    reason: string;
    ended_at: number;
    keep_until: number;
  };
  /**
   * Who is to come into the admin console with a link, and who is in it. Each is by the SHA-256 of what its holder shows; an
   * admin of a tenant has the first three columns, the operator has `subject`.
   */
  admin_links: AdminRow & { hash: Uint8Array; code: Uint8Array; tries: number; until: number };
  admin_sessions: AdminRow & { hash: Uint8Array; until: number; ends_at: number };
  /** Deliveries of chat platforms that some node has taken. */
  deliveries: { hash: Uint8Array; until: number };
  /** Nodes of a cluster. `heartbeat_at` is by the database's clock. */
  nodes: { run: string; url: string; heartbeat_at: number };
  /** What only one node at a time does, until its lease of it is over by the database's clock. */
  duties: { name: string; run: string; until: number };
  /** What nodes say to each other and is too large for a notification. */
  node_messages: { id: Generated<number>; message: Uint8Array; until: number };
}

/** What repositories query. */
export type Database = Kysely<Tables>;

/** By their names, in whose order they run. */
type Migrations = Readonly<Record<string, Migration>>;

/**
 * What brings a database from each state to the next. A migration that was released is never changed: add another one,
 * with a higher number, in SQL that SQLite and PostgreSQL understand; where they differ, `traits` says how.
 */
export function migrationsFor(traits: SqlTraits): Migrations {
  return {
    '0001': { up: (db) => execute(db, firstTables(traits)) },
    '0002': { up: (db) => execute(db, tablesForNodes(traits)) },
    '0003': { up: (db) => execute(db, tableOfRevocations(traits)) },
    '0004': { up: (db) => execute(db, chatMessages(traits)) },
    '0005': { up: (db) => execute(db, tableOfPreferences(traits)) },
    '0006': { up: (db) => execute(db, tablesOfAdmins(traits)) },
  };
}

/**
 * Brings the database to the newest schema, wholly or not at all. Several processes may do so at once.
 *
 * @throws StoreError `newer-schema` when a newer GLIR made the database, `unusable`
 */
export async function migrate<Tables>(
  db: Kysely<Tables>,
  traits: SqlTraits,
  migrations: Migrations = migrationsFor(traits),
): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const unknown = await firstUnknown(db, migrations);
  if (unknown === undefined) throw error;
  const message = `The store has the migration "${unknown}", which this GLIR does not know. Run the GLIR that made it, or a newer one.`;
  throw new StoreError('newer-schema', message);
}

async function firstUnknown<Tables>(db: Kysely<Tables>, migrations: Migrations): Promise<string | undefined> {
  try {
    const { rows } = await sql<{ name: string }>`SELECT name FROM kysely_migration ORDER BY name`.execute(db);
    return rows.find(({ name }) => migrations[name] === undefined)?.name;
  } catch {
    // The migration's own error says what is wrong with the database.
    return undefined;
  }
}

async function execute<Tables>(db: Kysely<Tables>, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

/**
 * In SQLite what is there already stays: a database of GLIR 0.1 has most of these tables, in the same form. What only that
 * one had was never kept for long, and goes.
 */
function firstTables(traits: SqlTraits): string[] {
  const { bytes, text, time, serial, ifMissing, tableEnd, auditGuards, leftovers } = traits;
  const ofTenant = 'FOREIGN KEY (platform, tenant) REFERENCES tenants ON DELETE CASCADE';
  return [
    `CREATE TABLE ${ifMissing} tenants (
      platform ${text} NOT NULL,
      tenant ${text} NOT NULL,
      PRIMARY KEY (platform, tenant)
    ) ${tableEnd}`,
    `CREATE TABLE ${ifMissing} installations (
      platform ${text} NOT NULL,
      tenant ${text} NOT NULL,
      key_id ${text} NOT NULL,
      nonce ${bytes} NOT NULL,
      box ${bytes} NOT NULL,
      PRIMARY KEY (platform, tenant),
      ${ofTenant}
    ) ${tableEnd}`,
    `CREATE TABLE ${ifMissing} settings (
      platform ${text} NOT NULL,
      tenant ${text} NOT NULL,
      data ${text} NOT NULL,
      PRIMARY KEY (platform, tenant),
      ${ofTenant}
    ) ${tableEnd}`,
    `CREATE TABLE ${ifMissing} conversations (
      platform ${text} NOT NULL,
      tenant ${text} NOT NULL,
      "user" ${text} NOT NULL,
      data ${text} NOT NULL,
      PRIMARY KEY (platform, tenant, "user"),
      ${ofTenant}
    ) ${tableEnd}`,
    `CREATE TABLE ${ifMissing} history (
      id ${serial} PRIMARY KEY,
      platform ${text} NOT NULL,
      tenant ${text} NOT NULL,
      "user" ${text} NOT NULL,
      room_tag ${text} NOT NULL,
      created_at ${time} NOT NULL,
      opened_at ${time} NOT NULL,
      ended_at ${time} NOT NULL,
      reason ${text} NOT NULL,
      read_by INTEGER NOT NULL,
      ${ofTenant}
    ) ${tableEnd}`,
    `CREATE INDEX ${ifMissing} history_of_doctor ON history (platform, tenant, "user", ended_at)`,
    `CREATE INDEX ${ifMissing} history_by_end ON history (ended_at)`,
    `CREATE TABLE ${ifMissing} one_time_states (
      hash ${bytes} NOT NULL PRIMARY KEY,
      data ${text} NOT NULL,
      until ${time} NOT NULL
    ) ${tableEnd}`,
    `CREATE TABLE ${ifMissing} server_keys (
      name ${text} NOT NULL PRIMARY KEY,
      key_id ${text},
      nonce ${bytes},
      box ${bytes} NOT NULL
    ) ${tableEnd}`,
    `CREATE TABLE ${ifMissing} audit (
      seq ${time} PRIMARY KEY,
      at ${time} NOT NULL,
      record ${text} NOT NULL,
      hash ${text} NOT NULL,
      key_id ${text},
      seal ${text}
    ) ${tableEnd}`,
    ...auditGuards,
    `CREATE TABLE ${ifMissing} server_runs (
      run ${text} NOT NULL PRIMARY KEY,
      lease_until ${time} NOT NULL,
      boot ${text},
      boot_until ${time}
    ) ${tableEnd}`,
    `CREATE TABLE ${ifMissing} shared_rooms (
      room ${bytes} NOT NULL PRIMARY KEY,
      run ${text} NOT NULL,
      join_hash ${text} NOT NULL,
      phone ${text},
      opened_at ${time} NOT NULL,
      expires_at ${time} NOT NULL
    ) ${tableEnd}`,
    `CREATE TABLE ${ifMissing} tombstones (
      room ${bytes} NOT NULL PRIMARY KEY,
      join_hash ${text},
      phone ${text},
      reason ${text} NOT NULL,
      ended_at ${time} NOT NULL,
      keep_until ${time} NOT NULL
    ) ${tableEnd}`,
    `CREATE INDEX ${ifMissing} tombstones_by_end ON tombstones (keep_until)`,
    ...leftovers,
  ];
}

/** Rooms have rows from the draft on, which tell the node that hosts them. Rooms that are open stay so. */
function tablesForNodes({ bytes, text, time, serial, tableEnd, incarnation }: SqlTraits): string[] {
  return [
    `ALTER TABLE server_runs ADD COLUMN incarnation ${text}`,
    `CREATE TABLE rooms (
      room ${bytes} NOT NULL PRIMARY KEY,
      tag ${text} NOT NULL,
      run ${text} NOT NULL,
      epoch INTEGER NOT NULL,
      grace_ms INTEGER NOT NULL,
      platform ${text} NOT NULL,
      tenant ${text} NOT NULL,
      "user" ${text} NOT NULL,
      join_hash ${text},
      phone ${text},
      created_at ${time} NOT NULL,
      opened_at ${time},
      expires_at ${time} NOT NULL,
      read_by INTEGER NOT NULL,
      revoked ${text}
    ) ${tableEnd}`,
    'CREATE INDEX rooms_of_run ON rooms (run)',
    'CREATE INDEX rooms_of_doctor ON rooms (platform, tenant, "user")',
    `INSERT INTO rooms
      SELECT room, 'unknown', run, 1, 30000, 'local', '', '', join_hash, phone, opened_at, opened_at, expires_at, 0, NULL FROM shared_rooms`,
    // Leases that were written before go on.
    `UPDATE server_runs SET incarnation = ${incarnation}`,
    'DROP TABLE shared_rooms',
    `CREATE TABLE tickets (
      hash ${bytes} NOT NULL PRIMARY KEY,
      room ${bytes} NOT NULL,
      box ${bytes} NOT NULL,
      until ${time} NOT NULL,
      used_by ${bytes}
    ) ${tableEnd}`,
    'CREATE INDEX tickets_by_end ON tickets (until)',
    `CREATE TABLE deliveries (
      hash ${bytes} NOT NULL PRIMARY KEY,
      until ${time} NOT NULL
    ) ${tableEnd}`,
    'CREATE INDEX deliveries_by_end ON deliveries (until)',
    `CREATE TABLE nodes (
      run ${text} NOT NULL PRIMARY KEY,
      url ${text} NOT NULL,
      heartbeat_at ${time} NOT NULL
    ) ${tableEnd}`,
    `CREATE TABLE duties (
      name ${text} NOT NULL PRIMARY KEY,
      run ${text} NOT NULL,
      until ${time} NOT NULL
    ) ${tableEnd}`,
    `CREATE TABLE node_messages (
      id ${serial} PRIMARY KEY,
      message ${bytes} NOT NULL,
      until ${time} NOT NULL
    ) ${tableEnd}`,
  ];
}

/** Also rooms that are over may be begun again, unless all were revoked since. */
function tableOfRevocations({ bytes, time, tableEnd }: SqlTraits): string[] {
  return [`CREATE TABLE revocations (owner ${bytes} NOT NULL PRIMARY KEY, at ${time} NOT NULL) ${tableEnd}`];
}

/** Where chats show notes that are not over. */
function chatMessages({ bytes, text, time, tableEnd }: SqlTraits): string[] {
  return [
    `CREATE TABLE chat_messages (
      platform ${text} NOT NULL,
      tenant ${text} NOT NULL,
      "user" ${text} NOT NULL,
      room_tag ${text} NOT NULL,
      room ${bytes} NOT NULL,
      run ${text} NOT NULL,
      is_over INTEGER NOT NULL,
      data ${text} NOT NULL,
      keep_until ${time} NOT NULL,
      PRIMARY KEY (platform, tenant, "user", room_tag),
      FOREIGN KEY (platform, tenant) REFERENCES tenants ON DELETE CASCADE
    ) ${tableEnd}`,
    'CREATE INDEX chat_messages_by_end ON chat_messages (keep_until)',
    'CREATE INDEX chat_messages_followed ON chat_messages (platform, is_over)',
  ];
}

/** What doctors chose for themselves. */
function tableOfPreferences({ text, tableEnd }: SqlTraits): string[] {
  return [
    `CREATE TABLE preferences (
      platform ${text} NOT NULL,
      tenant ${text} NOT NULL,
      "user" ${text} NOT NULL,
      item ${text} NOT NULL,
      data ${text} NOT NULL,
      PRIMARY KEY (platform, tenant, "user", item),
      FOREIGN KEY (platform, tenant) REFERENCES tenants ON DELETE CASCADE
    ) ${tableEnd}`,
  ];
}

/** Who comes into the admin console. */
function tablesOfAdmins({ bytes, text, time, tableEnd }: SqlTraits): string[] {
  const who = `platform ${text}, tenant ${text}, "user" ${text}, subject ${text}`;
  const ofTenant = 'FOREIGN KEY (platform, tenant) REFERENCES tenants ON DELETE CASCADE';
  return [
    `CREATE TABLE admin_links (
      hash ${bytes} NOT NULL PRIMARY KEY,
      code ${bytes} NOT NULL,
      tries INTEGER NOT NULL,
      until ${time} NOT NULL,
      ${who},
      ${ofTenant}
    ) ${tableEnd}`,
    `CREATE TABLE admin_sessions (
      hash ${bytes} NOT NULL PRIMARY KEY,
      until ${time} NOT NULL,
      ends_at ${time} NOT NULL,
      ${who},
      ${ofTenant}
    ) ${tableEnd}`,
  ];
}
