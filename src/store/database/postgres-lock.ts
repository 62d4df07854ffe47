import pg from 'pg';
import type { Clock, Timer } from '../../clock.ts';
import type { PostgresConfig } from '../../config/postgres-url.ts';
import { StoreError } from '../errors.ts';
import type { ServerLock } from './folder-lock.ts';
import { connectionTo } from './postgres-database.ts';
import { asPostgresError } from './postgres-errors.ts';
import { SERVER_LOCK } from './turns.ts';

const RETRY_MS = 1_000;
const KEEP_ALIVE_MS = 10_000;

const ANOTHER_RUNS =
  'Another server runs on this database. Stop it first, or name a database of its own for this one in GLIR_DATABASE_URL. For several servers on one database set GLIR_NODE_URL and GLIR_CLUSTER_KEY on each of them.';
const NO_NODE_RUNS =
  'A server that is no node of a cluster runs on this database and has it to itself. Stop it first, and set GLIR_NODE_URL and GLIR_CLUSTER_KEY on each server of this database.';

/**
 * Takes the lock of a database for a server, for itself or shared with the other nodes of a cluster. It is an advisory lock of PostgreSQL on a connection of its own, which ends with
 * the process, however that ends. When the connection breaks, the lock is taken again as soon as PostgreSQL answers.
 *
 * @throws StoreError `in-use` when another server has it, and both do not share it; `unusable`
 */
export async function lockPostgres(
  config: PostgresConfig,
  { clock, shared }: { clock: Clock; shared: boolean },
): Promise<ServerLock> {
  let held: pg.Client | null = null;
  let retry: Timer | null = null;
  let released = false;

  const take = async (): Promise<void> => {
    const client = await connected(config, shared);
    held = client;
    client.on('end', () => {
      held = null;
      again();
    });
    if (released) await client.end();
  };
  const again = (): void => {
    if (released) return;
    retry = clock.after(RETRY_MS, () => void take().catch(again));
  };
  await take();
  return {
    async release() {
      released = true;
      retry?.cancel();
      await held?.end();
    },
  };
}

/** A connection that has the lock. */
async function connected(config: PostgresConfig, shared: boolean): Promise<pg.Client> {
  const client = new pg.Client({
    ...connectionTo(config),
    application_name: 'glir',
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  });
  // Its end tells; without a listener the process would end.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const take = shared ? 'pg_try_advisory_lock_shared' : 'pg_try_advisory_lock';
    const { rows } = await client.query<{ taken: boolean }>(`SELECT ${take}($1, $2) AS taken`, [...SERVER_LOCK]);
    if (rows[0]?.taken === true) return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw asPostgresError(error);
  }
  await client.end();
  throw new StoreError('in-use', shared ? NO_NODE_RUNS : ANOTHER_RUNS);
}
