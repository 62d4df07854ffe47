import { readFileSync } from 'node:fs';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';
import { Kysely, PostgresDialect } from 'kysely';
import type { ClientConfig } from 'pg';
import type { PostgresConfig } from '../../config/postgres-url.ts';
import { StoreError } from '../errors.ts';
import { type OpenDatabase, ROOMS_WAIT_MS, WAIT_MS } from './database.ts';
import { type Database, migrate, type Tables } from './migrations.ts';
import { PatientPool } from './postgres-pool.ts';
import { postgresTraits } from './sql-traits.ts';

/** Connections of one server at most, for rooms and the audit, and for everything else. */
const CONNECTIONS = 5;

/**
 * Opens a PostgreSQL with the newest schema, which is made where it is missing: several servers that start at once wait
 * for the one that makes it. Connections that break are made again with the next call.
 *
 * @throws StoreError `unusable` or `newer-schema`
 */
export async function openPostgresDatabase(config: PostgresConfig): Promise<OpenDatabase> {
  const migrated = await openPatiently(config);
  await migrated.destroy();
  const pools = { db: poolFor(config, WAIT_MS, CONNECTIONS), roomsDb: poolFor(config, ROOMS_WAIT_MS, CONNECTIONS) };
  const [db, roomsDb] = [over(pools.db), over(pools.roomsDb)];
  // Rooms would not wait for a first connection to be made.
  await Promise.all([pools.db.warm(), pools.roomsDb.warm()]);
  return {
    db,
    roomsDb,
    async close() {
      await Promise.all([db.destroy(), roomsDb.destroy()]);
    },
  };
}

/**
 * The same database over a single connection whose calls may take as long as they take, for work on the whole of it.
 *
 * @throws StoreError `unusable` or `newer-schema`
 */
export async function openPatiently(config: PostgresConfig): Promise<Database> {
  const db = over(poolFor(config, null, 1));
  try {
    await migrate(db, postgresTraits);
    return db;
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

function poolFor(config: PostgresConfig, waitMs: number | null, connections: number): PatientPool {
  return new PatientPool({ connection: connectionTo(config), waitMs, connections });
}

function over(pool: PatientPool): Database {
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

/** How the client connects. @throws StoreError `unusable` when the CA's certificate cannot be read */
export function connectionTo({ host, port, user, password, database, tls }: PostgresConfig): ClientConfig {
  // Left out, the client would look for a password in the environment and in the home folder.
  return { host, port, user, password: password?.reveal() ?? '', database, ssl: tlsOptions(host, tls) };
}

/** See "SSL Support" in the manual of libpq: with a CA, `require` checks the certificate, but not whose it is. */
function tlsOptions(host: string, { mode, rootCert }: PostgresConfig['tls']): false | ConnectionOptions {
  if (mode === 'disable') return false;
  const ca = rootCert === null ? {} : { ca: readRootCert(rootCert) };
  const checked: ConnectionOptions =
    mode === 'verify-full'
      ? // The client tells Node no address that is no name, which would then be compared with "localhost".
        { rejectUnauthorized: true, checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate) }
      : { rejectUnauthorized: rootCert !== null, checkServerIdentity: () => undefined };
  return { ...ca, ...checked };
}

function readRootCert(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    const message = `The certificate that sslrootcert in GLIR_DATABASE_URL names cannot be read${code}: ${file}. Set the path of a PEM file that GLIR may read.`;
    throw new StoreError('unusable', message);
  }
}
