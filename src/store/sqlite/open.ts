import type { DatabaseSync } from 'node:sqlite';
import type { Logger } from 'pino';
import type { Clock, Timer } from '../../clock.ts';
import type { Config } from '../../config/config.ts';
import { StoreError } from '../error.ts';
import { createKeyRing, noKeyRing } from '../key-ring.ts';
import type { Store } from '../store.ts';
import { sqliteAudit } from './audit.ts';
import { sqliteConversations } from './conversations.ts';
import { openFile } from './file.ts';
import { sqliteHistory } from './history.ts';
import { sqliteInstallations } from './installations.ts';
import { migrate } from './migrations.ts';
import { type SqliteRegistry, sqliteRegistry } from './registry.ts';
import { asStoreError, promised } from './rows.ts';
import { serverKey } from './server-keys.ts';
import { sqliteSettings } from './settings.ts';
import { sqliteStates } from './states.ts';
import { forgetDeleted, sqliteTenants } from './tenants.ts';

const HOUSEKEEPING_MS = 60 * 60 * 1000;
/** A room that ends is over for everybody within a second, also while another process keeps the file to itself. */
const REGISTRY_BUSY_MS = 250;

interface Dependencies {
  /** `config.store`; needs a folder, and for what platforms give GLIR at least one key, see src/config/check-platforms.ts. */
  settings: Config['store'];
  clock: Clock;
  log: Logger;
}

/** The store, with what rooms need of it. */
export interface SqliteStore extends Store {
  readonly registry: SqliteRegistry;
  /** The folder that the file is in. */
  readonly dir: string;
  /** See `serverKey`. */
  serverKey(name: string): Uint8Array;
}

/**
 * Opens the store in `glir.db` under the folder, both of which are made where missing, for this user alone. Several
 * processes may have it open. Every hour it deletes what is too old.
 *
 * @throws StoreError `unusable` or `newer-schema`
 */
export function openStore({ settings, clock, log }: Dependencies): SqliteStore {
  const ring = settings.keys.length === 0 ? null : createKeyRing(settings.keys);
  const { dir } = settings;
  if (dir === null) {
    throw new StoreError('unusable', 'There is no folder for durable data. Set GLIR_DATA_DIR to an absolute path.');
  }
  const db = openFile(dir);
  try {
    migrate(db);
  } catch (error) {
    db.close();
    throw asStoreError(error);
  }
  const registryDb = openFile(dir, REGISTRY_BUSY_MS);

  const tenants = sqliteTenants(db);
  const history = sqliteHistory(db, tenants, clock, settings.historyDays);
  const states = sqliteStates(db, clock);
  const registry = sqliteRegistry(registryDb);
  const housekeeping = everyHour(clock, log, () => {
    states.purge();
    history.purgeNow();
    registry.purge(clock.now());
    forgetDeleted(db);
  });

  return {
    installations: sqliteInstallations(db, tenants, ring ?? noKeyRing),
    settings: sqliteSettings(db, tenants),
    history,
    states,
    conversations: sqliteConversations(db, tenants),
    audit: sqliteAudit(registryDb),
    registry,
    dir,
    serverKey: (name) => serverKey(name, { db, ring, log }),
    removeTenant: (tenant) => tenants.remove(tenant),
    removeDoctor: (person) => tenants.removeDoctor(person),
    close: () =>
      promised(() => {
        housekeeping.cancel();
        close(registryDb);
        close(db);
      }),
  };
}

/** Now and then every hour. A failure is logged: the next round tries again. */
function everyHour(clock: Clock, log: Logger, work: () => void): Timer {
  let timer: Timer;
  const round = (): void => {
    timer = clock.after(HOUSEKEEPING_MS, round);
    try {
      work();
    } catch (error) {
      log.warn({ event: 'store-housekeeping', error: error instanceof Error ? error.message : typeof error });
    }
  };
  round();
  return { cancel: () => timer.cancel() };
}

function close(db: DatabaseSync): void {
  if (db.isOpen) db.close();
}
