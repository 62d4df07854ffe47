import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import pg from 'pg';
import { StoreError } from '../errors.ts';
import { WAIT_MS } from './database.ts';
import { asPostgresError, silentPostgres } from './postgres-errors.ts';

/** Longer than any network needs: whoever waits has given up before, and finds the connection there the next time. */
const CONNECT_MS = 10_000;
/** A node that freezes or is cut off in the middle of a transaction must not hold up the others for longer. */
const IDLE_IN_TRANSACTION_MS = 2_000;
/** What the server gets of a call's time before it refuses by itself, which leaves the connection usable. */
const SERVER_SHARE = 0.8;
/** The system asks after an idle connection so often, so that a firewall does not forget it. */
const KEEP_ALIVE_MS = 10_000;
/** What was committed is on the disk, also where others on the same server do without that. */
const DURABLE =
  "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";
/** int8 in pg_type. */
const INT8 = 20;

/** How a pool of connections behaves. */
export interface PoolOptions {
  readonly connection: pg.ClientConfig;
  /** How long a call waits, for a connection, for others' locks and for each answer, in milliseconds; null is without end. */
  readonly waitMs: number | null;
  /** Most connections at once. */
  readonly connections: number;
}

/**
 * Connections to PostgreSQL for Kysely. It never throws but StoreErrors, never crashes the process, and connects again by
 * itself: a connection that broke, or that is silent for too long, is closed, and with it those that nobody uses.
 */
export class PatientPool implements PostgresPool {
  readonly options: object = {};
  readonly #options: PoolOptions;
  #pool: pg.Pool;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#pool = this.#fresh();
  }

  async connect(): Promise<PostgresPoolClient> {
    const pool = this.#pool;
    const { waitMs } = this.#options;
    const connecting = pool.connect();
    try {
      const client = await within(waitMs, connecting);
      return new PatientClient(client, waitMs, () => this.#renew(pool));
    } catch (error) {
      // One that comes late is for the next call.
      connecting.then(
        (late) => late.release(),
        () => undefined,
      );
      throw asPostgresError(error);
    }
  }

  /** Makes a first connection, however long that takes; the call that cannot have one says why. */
  async warm(): Promise<void> {
    const client = await this.#pool.connect().catch(ignore);
    client?.release();
  }

  end(): Promise<void> {
    return this.#pool.ended || this.#pool.ending ? Promise.resolve() : this.#pool.end();
  }

  /** The connections are of no use any more. */
  #renew(pool: pg.Pool): void {
    if (this.#pool !== pool || pool.ending) return;
    this.#pool = this.#fresh();
    pool.end().catch(ignore);
  }

  #fresh(): pg.Pool {
    const { connection, waitMs, connections } = this.#options;
    const serverMs = waitMs === null ? 0 : Math.floor(waitMs * SERVER_SHARE);
    const pool = new pg.Pool({
      ...connection,
      max: connections,
      // To connect takes as long as a call may wait, so connections are kept.
      idleTimeoutMillis: 0,
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      statement_timeout: serverMs,
      lock_timeout: serverMs,
      idle_in_transaction_session_timeout: waitMs === null ? 0 : IDLE_IN_TRANSACTION_MS,
      application_name: 'glir',
      types: { getTypeParser },
    });
    // Whoever uses a connection hears that it broke from the call; without a listener the process would end.
    pool.on('error', ignore);
    pool.on('connect', (client) => {
      client.on('error', ignore);
      client.query(DURABLE).catch(ignore);
    });
    return pool;
  }
}

/** A connection as long as somebody uses it. */
class PatientClient implements PostgresPoolClient {
  readonly #client: PostgresPoolClient;
  readonly #waitMs: number | null;
  readonly #onSilence: () => void;
  #broken: StoreError | null = null;

  constructor(client: PostgresPoolClient, waitMs: number | null, onSilence: () => void) {
    this.#client = client;
    this.#waitMs = waitMs;
    this.#onSilence = onSilence;
  }

  query<Row>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<Row>>;
  query(cursor: object): never;
  query<Row>(text: string | object, parameters: readonly unknown[] = []): Promise<PostgresQueryResult<Row>> | never {
    if (typeof text !== 'string') throw new TypeError('Rows are read a page at a time.');
    return this.#query(text, parameters);
  }

  release(destroy = false): void {
    this.#client.release(destroy || this.#broken !== null);
  }

  async #query<Row>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<Row>> {
    if (this.#broken !== null) throw this.#broken;
    const answer = this.#client.query<Row>(text, parameters);
    try {
      return await within(patience(text, this.#waitMs), answer);
    } catch (error) {
      answer.catch(ignore);
      const failure = asPostgresError(error);
      if (error instanceof StoreError) {
        // What comes later belongs to a call that nobody waits for.
        this.#broken = error;
        this.#onSilence();
      }
      throw failure;
    }
  }
}

/**
 * A slow disk is no reason to give up a commit, of which nobody could then say whether it was done; and VACUUM takes the time
 * that it takes.
 */
function patience(text: string, waitMs: number | null): number | null {
  if (waitMs === null || text.startsWith('VACUUM')) return null;
  return text === 'commit' ? Math.max(waitMs, WAIT_MS) : waitMs;
}

/** The same, or a rejection with a StoreError after so many milliseconds; null waits without end. */
export async function within<Result>(ms: number | null, work: Promise<Result>): Promise<Result> {
  if (ms === null) return work;
  const { promise: late, reject } = Promise.withResolvers<never>();
  // A thread that was busy for long hears first of its timers: whatever has arrived by then comes before them.
  const timer = setTimeout(() => setImmediate(() => setImmediate(() => reject(silentPostgres()))), ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Numbers as SQLite gives them; one that is too large for that stays a text, which no schema takes. */
function getTypeParser(type: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (type !== INT8) return pg.types.getTypeParser(type, format);
  return (text) => {
    const number = Number(text);
    return Number.isSafeInteger(number) ? number : text;
  };
}

function ignore(): void {
  // Told elsewhere.
}
