import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { z } from 'zod';
import type { PostgresConfig } from '../../../src/config/postgres-url.ts';
import { Secret } from '../../../src/config/secret.ts';
import type { PostgresServer } from './server.ts';

const serverSchema = z.object({
  port: z.int(),
  socketFolder: z.string(),
  password: z.string(),
  certificate: z.string(),
  pid: z.int(),
});

/** A database of its own, which belongs to an ordinary user. */
export interface TestPostgres {
  readonly config: PostgresConfig;
  /** The same as GLIR_DATABASE_URL has it. */
  readonly url: string;
  /** Runs statements as the superuser, behind GLIR's back; gives the rows of the last one. */
  run(statements: string): Promise<Record<string, unknown>[]>;
  /** Runs statements as that user. */
  runAsOwner(statements: string): Promise<void>;
  /** Takes it away, also from those who use it, and leaves it empty for another test. */
  drop(): Promise<void>;
}

/** The tests' PostgreSQL; null in a project of Vitest that has none. */
export async function sharedPostgres(): Promise<PostgresServer | null> {
  const address = inject('postgresAddress');
  if (address === undefined) return null;
  const response = await fetch(address);
  if (!response.ok) throw new Error(await response.text());
  return serverSchema.parse(await response.json());
}

/** Databases of tests that are over, for the next ones: to empty one takes a tenth of the time that a new one takes. */
const free: TestPostgres[] = [];

/** An empty database on that server. */
export async function freshDatabase(server: PostgresServer): Promise<TestPostgres> {
  const used = free.pop();
  return used ?? (await newDatabase(server));
}

async function newDatabase(server: PostgresServer): Promise<TestPostgres> {
  const name = `glir_${randomBytes(6).toString('hex')}`;
  const password = randomBytes(9).toString('base64url');
  await asSuperuser(server, 'postgres', `CREATE ROLE ${name} LOGIN PASSWORD '${password}'`);
  await asSuperuser(server, 'postgres', `CREATE DATABASE ${name} OWNER ${name}`);
  const database: TestPostgres = {
    config: {
      host: '127.0.0.1',
      port: server.port,
      user: name,
      password: new Secret(password),
      database: name,
      tls: { mode: 'disable', rootCert: null },
    },
    url: `postgres://${name}:${password}@127.0.0.1:${server.port}/${name}`,
    run: (statements) => asSuperuser(server, name, statements),
    async runAsOwner(statements) {
      await query({ host: server.socketFolder, port: server.port, user: name, database: name }, statements);
    },
    async drop() {
      await database.run(EMPTY);
      free.push(database);
    },
  };
  return database;
}

/** Ends who still uses the database, takes all out of it, and makes it as PostgreSQL makes a new one. */
const EMPTY = `
  SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  DROP SCHEMA public CASCADE;
  CREATE SCHEMA public AUTHORIZATION pg_database_owner;
  GRANT USAGE ON SCHEMA public TO PUBLIC;
`;

function asSuperuser({ socketFolder, port }: PostgresServer, database: string, statements: string) {
  return query({ host: socketFolder, port, user: 'postgres', database }, statements);
}

async function query(connection: pg.ClientConfig, statements: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    const result: pg.QueryResult | pg.QueryResult[] = await client.query(statements);
    return [result].flat().at(-1)?.rows ?? [];
  } finally {
    await client.end();
  }
}
