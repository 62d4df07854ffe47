import { type RawBuilder, sql } from 'kysely';
import { StoreError } from '../errors.ts';
import { incarnationOf } from './incarnation.ts';
import type { Database, Tables } from './migrations.ts';

/** Rows that are read, written and compared at a time. */
const PAGE_ROWS = 500;

type TableName = keyof Tables;
type Row = Readonly<Record<string, unknown>>;

/** Every table, those first that others refer to, with the columns that tell its rows apart. */
const KEYS: { readonly [Name in TableName]: readonly (string & keyof Tables[Name])[] } = {
  tenants: ['platform', 'tenant'],
  installations: ['platform', 'tenant'],
  settings: ['platform', 'tenant'],
  conversations: ['platform', 'tenant', 'user'],
  preferences: ['platform', 'tenant', 'user', 'item'],
  chat_messages: ['platform', 'tenant', 'user', 'room_tag'],
  history: ['id'],
  admin_links: ['hash'],
  admin_sessions: ['hash'],
  one_time_states: ['hash'],
  server_keys: ['name'],
  audit: ['seq'],
  server_runs: ['run'],
  rooms: ['room'],
  tickets: ['hash'],
  tombstones: ['room'],
  revocations: ['owner'],
  deliveries: ['hash'],
  nodes: ['run'],
  duties: ['name'],
  node_messages: ['id'],
};
const TABLES = Object.keys(KEYS) as TableName[];

/** How many rows of each table were copied, in the order of the tables. */
export type CopiedRows = readonly (readonly [table: TableName, rows: number])[];

/**
 * Copies every row into an empty PostgreSQL, compares each with what arrived, and keeps all or nothing. Nobody may write to
 * the source meanwhile.
 *
 * @throws StoreError `unusable` when the target is not empty, or a row arrived as another one
 */
export function copyDatabase(source: Database, target: Database): Promise<CopiedRows> {
  return target.transaction().execute(async (transaction) => {
    // A server that starts meanwhile waits, and then finds what was copied.
    await sql`LOCK TABLE ${sql.join(TABLES.map((table) => sql.table(table)))} IN ACCESS EXCLUSIVE MODE`.execute(
      transaction,
    );
    for (const table of TABLES) await mustBeEmpty(transaction, table);
    // A purge has taken the first rows of the audit away, so what comes does not begin with row 1.
    await sql`ALTER TABLE audit DISABLE TRIGGER audit_grows`.execute(transaction);
    const counts: [TableName, number][] = [];
    for (const table of TABLES) counts.push([table, await copyTable(source, transaction, table)]);
    await sql`ALTER TABLE audit ENABLE TRIGGER audit_grows`.execute(transaction);
    await sql`SELECT setval(pg_get_serial_sequence('history', 'id'), coalesce(max(id), 0) + 1, false) FROM history`.execute(
      transaction,
    );
    for (const [table, rows] of counts) await compareTables(source, transaction, table, rows);
    // Rooms may come back in the database that they are in now.
    const incarnation = await incarnationOf(transaction);
    await transaction.updateTable('server_runs').set({ incarnation }).execute();
    return counts;
  });
}

async function mustBeEmpty(target: Database, table: TableName): Promise<void> {
  const { rows } = await sql`SELECT 1 FROM ${sql.table(table)} LIMIT 1`.execute(target);
  if (rows.length === 0) return;
  const message = `The database of GLIR_DATABASE_URL is not empty: its table ${table} has rows. Give GLIR an empty one, in which no server has run yet.`;
  throw new StoreError('unusable', message);
}

async function copyTable(source: Database, target: Database, table: TableName): Promise<number> {
  let count = 0;
  for await (const page of pagesOf(source, table)) {
    const columns = Object.keys(page[0] ?? {});
    const values = page.map((row) => sql`(${sql.join(columns.map((column) => row[column]))})`);
    await sql`INSERT INTO ${sql.table(table)} (${names(columns)}) VALUES ${sql.join(values)}`.execute(target);
    count += page.length;
  }
  return count;
}

/** Reads both from the beginning, in the same order: bytes and texts are compared byte by byte in both databases. */
async function compareTables(source: Database, target: Database, table: TableName, rows: number): Promise<void> {
  const arrived = pagesOf(target, table);
  let compared = 0;
  for await (const page of pagesOf(source, table)) {
    const { value: other = [] } = await arrived.next();
    for (const [index, row] of page.entries()) mustBeSame(table, row, other[index]);
    compared += page.length;
  }
  const { value: more = [] } = await arrived.next();
  if (compared !== rows || more.length > 0) throw different(table);
}

function mustBeSame(table: TableName, row: Row, other: Row | undefined): void {
  const columns = Object.keys(row);
  if (other === undefined || columns.length !== Object.keys(other).length) throw different(table);
  if (columns.some((column) => plain(row[column]) !== plain(other[column]))) throw different(table);
}

function different(table: TableName): StoreError {
  const message = `A row of the table ${table} would have arrived as another one, so nothing was moved. Stop everything that writes to the folder, and try again.`;
  return new StoreError('unusable', message);
}

/** Pages of rows in the order of the table's key. */
async function* pagesOf(db: Database, table: TableName): AsyncGenerator<Row[], undefined> {
  const keys = KEYS[table];
  let after: RawBuilder<unknown> = sql``;
  for (;;) {
    const { rows } = await sql<Row>`SELECT * FROM ${sql.table(table)} ${after}
      ORDER BY ${names(keys)} LIMIT ${PAGE_ROWS}`.execute(db);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    after = sql`WHERE (${names(keys)}) > (${sql.join(keys.map((key) => last[key]))})`;
  }
}

function names(columns: readonly string[]): RawBuilder<unknown> {
  return sql.join(columns.map((column) => sql.ref(column)));
}

function plain(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
}
