import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { asStoreError } from '../errors.ts';

/** Prepared statements that are kept; GLIR has fewer of them. */
const STATEMENTS_MAX = 200;

/**
 * Lets one piece of work at a time use a database file. Connections of one process that waited for each other inside of
 * SQLite would block the thread that has to finish the other's transaction.
 */
export class Mutex {
  #tail: Promise<void> = Promise.resolve();

  /** Resolves with the function that lets the next one in. */
  async acquire(): Promise<() => void> {
    const before = this.#tail;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tail = promise;
    await before;
    return resolve;
  }
}

/** Kysely over Node's own SQLite. All connections to the same file share a mutex. */
export class NodeSqliteDialect implements Dialect {
  readonly #db: DatabaseSync;
  readonly #mutex: Mutex;

  constructor(db: DatabaseSync, mutex: Mutex) {
    this.#db = db;
    this.#mutex = mutex;
  }

  createAdapter(): SqliteAdapter {
    return new TransactionalSqliteAdapter();
  }

  createDriver(): Driver {
    return new NodeSqliteDriver(this.#db, this.#mutex);
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }
}

/** SQLite takes part of a schema's change back like any other, so all migrations of a start are one transaction. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class NodeSqliteDriver implements Driver {
  readonly #db: DatabaseSync;
  readonly #mutex: Mutex;
  readonly #connection: NodeSqliteConnection;
  #release: () => void = () => undefined;

  constructor(db: DatabaseSync, mutex: Mutex) {
    this.#db = db;
    this.#mutex = mutex;
    this.#connection = new NodeSqliteConnection(db);
  }

  init(): Promise<void> {
    return Promise.resolve();
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    this.#release = await this.#mutex.acquire();
    return this.#connection;
  }

  releaseConnection(): Promise<void> {
    this.#release();
    return Promise.resolve();
  }

  /** Takes the right to write at the start, so that it cannot be lost halfway. */
  beginTransaction(): Promise<void> {
    return this.#run('BEGIN IMMEDIATE');
  }

  commitTransaction(): Promise<void> {
    return this.#run('COMMIT');
  }

  /** Some errors, such as a full disk, have ended the transaction by themselves. */
  rollbackTransaction(): Promise<void> {
    return this.#db.isTransaction ? this.#run('ROLLBACK') : Promise.resolve();
  }

  destroy(): Promise<void> {
    this.#db.close();
    return Promise.resolve();
  }

  #run(command: string): Promise<void> {
    return promised(() => this.#db.exec(command));
  }
}

class NodeSqliteConnection implements DatabaseConnection {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, { statement: StatementSync; reads: boolean }>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  executeQuery<Row>({ sql: text, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    return promised(() => {
      const { statement, reads } = this.#prepared(text);
      const values = parameters.map(inputValue);
      // The rows' form is what the query says; what depends on it is checked where it is read.
      if (reads) return { rows: statement.all(...values) as Row[] };
      return { rows: [], numAffectedRows: BigInt(statement.run(...values).changes) };
    });
  }

  streamQuery(): never {
    throw new Error('Rows are read a page at a time.');
  }

  #prepared(text: string): { statement: StatementSync; reads: boolean } {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    if (this.#statements.size >= STATEMENTS_MAX) this.#statements.clear();
    const statement = this.#db.prepare(text);
    const prepared = { statement, reads: statement.columns().length > 0 };
    this.#statements.set(text, prepared);
    return prepared;
  }
}

function inputValue(value: unknown): SQLInputValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
    return value;
  }
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`SQLite stores no ${typeof value}.`);
}

/** Does the work now; whatever it throws becomes a rejection, and SQLite's errors StoreErrors. */
function promised<Result>(work: () => Result): Promise<Result> {
  try {
    return Promise.resolve(work());
  } catch (error) {
    return Promise.reject(asStoreError(error));
  }
}
