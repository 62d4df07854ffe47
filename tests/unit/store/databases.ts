import { Kysely, PostgresDialect } from 'kysely';
import { onTestFinished } from 'vitest';
import type { Database, Tables } from '../../../src/store/database/migrations.ts';
import { connectionTo } from '../../../src/store/database/postgres-database.ts';
import { PatientPool } from '../../../src/store/database/postgres-pool.ts';
import { postgresTraits, type SqlTraits, sqliteTraits } from '../../../src/store/database/sql-traits.ts';
import { freshDatabase, sharedPostgres, type TestPostgres } from '../../support/postgres/databases.ts';
import type { PostgresServer } from '../../support/postgres/server.ts';
import { emptyMemoryDatabase } from './memory-database.ts';
import { type Place, postgresPlace, sqlitePlace } from './places.ts';
import { folder, type StoreOptions, storeAt } from './setup.ts';

/** A kind of database that the store runs on, for `describe.each`. */
export interface TestDatabase {
  readonly name: string;
  readonly traits: SqlTraits;
  /** An empty one, in which nothing was migrated; gone after the test. */
  open(): Promise<Kysely<Tables>>;
  /** A place for a store, in which nothing is; gone after the test. */
  newPlace(): Promise<Place>;
  /** Bytes as SQL writes them. */
  literal(bytes: Uint8Array): string;
  /** A statement that lets the database refuse what fits the condition. */
  refusing(event: 'INSERT' | 'DELETE', table: string, condition: string): string;
}

const SQLITE: TestDatabase = {
  name: 'SQLite',
  traits: sqliteTraits,
  open: () => Promise.resolve(emptyMemoryDatabase()),
  newPlace: () => Promise.resolve(sqlitePlace(folder())),
  literal: (bytes) => `x'${Buffer.from(bytes).toString('hex')}'`,
  refusing: (event, table, condition) =>
    `CREATE TRIGGER stuck BEFORE ${event} ON ${table} WHEN ${condition} BEGIN SELECT RAISE(ABORT, 'stuck'); END`,
};

/** The PostgreSQL of the tests; null in the projects of Vitest that run on SQLite. */
export const POSTGRES_SERVER: PostgresServer | null = await sharedPostgres();

/** What this project of Vitest tests: the one that has a PostgreSQL leaves SQLite to the others. */
export const TEST_DATABASES: readonly TestDatabase[] = [POSTGRES_SERVER === null ? SQLITE : on(POSTGRES_SERVER)];

/** Opens stores on a kind of database, each at a place of its own unless one is given; closed after the test. */
export function storesOn({ newPlace }: TestDatabase) {
  return async ({ place, ...options }: { place?: Place } & StoreOptions = {}) =>
    storeAt({ place: place ?? (await newPlace()), ...options });
}

/** An empty database that is gone after the test. */
export async function ownDatabase(server: PostgresServer): Promise<TestPostgres> {
  const database = await freshDatabase(server);
  onTestFinished(() => database.drop());
  return database;
}

function on(server: PostgresServer): TestDatabase {
  return {
    name: 'PostgreSQL',
    traits: postgresTraits,
    async open() {
      const { config } = await ownDatabase(server);
      const pool = new PatientPool({ connection: connectionTo(config), waitMs: null, connections: 2 });
      const db: Database = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
      onTestFinished(() => db.destroy());
      return db;
    },
    newPlace: async () => postgresPlace(await ownDatabase(server)),
    literal: (bytes) => `'\\x${Buffer.from(bytes).toString('hex')}'::bytea`,
    refusing: (event, table, condition) =>
      `CREATE FUNCTION stuck() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'stuck'; END $$;
       CREATE TRIGGER stuck BEFORE ${event} ON ${table} FOR EACH ROW WHEN (${condition}) EXECUTE FUNCTION stuck();`,
  };
}
