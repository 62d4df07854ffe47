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

/**
 * Takes the lock of a database for a server. It is an advisory lock of PostgreSQL on a connection of its own, which ends with
 * the process, however that ends. When the connection breaks, the lock is taken again as soon as PostgreSQL answers.
 *
 * @throws StoreError `in-use` when another server has it, `unusable`
 */
export async function lockPostgres(config: PostgresConfig, clock: Clock): Promise<ServerLock> {
  let held: pg.Client | null = null;
  let retry: Timer | null = null;
  let released = false;

  const take = async (): Promise<void> => {
    const client = await connected(config);
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
async function connected(config: PostgresConfig): Promise<pg.Client> {
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
    const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS taken', [
      ...SERVER_LOCK,
    ]);
    if (rows[0]?.taken === true) return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw asPostgresError(error);
  }
  await client.end();
  throw new StoreError(
    'in-use',
    'Another server runs on this database. Stop it first, or name a database of its own for this one in GLIR_DATABASE_URL.',
  );
}
