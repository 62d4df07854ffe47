import type { DatabaseSync } from 'node:sqlite';
import type { Logger } from 'pino';
import type { Clock, Timer } from '../../clock.ts';
import type { Config } from '../../config/config.ts';
import { StoreError } from '../error.ts';
import { createKeyRing } from '../key-ring.ts';
import type { Store } from '../store.ts';
import { sqliteConversations } from './conversations.ts';
import { openFile } from './file.ts';
import { sqliteHistory } from './history.ts';
import { sqliteInstallations } from './installations.ts';
import { migrate } from './migrations.ts';
import { asStoreError, promised } from './rows.ts';
import { sqliteSettings } from './settings.ts';
import { sqliteStates } from './states.ts';
import { forgetDeleted, sqliteTenants } from './tenants.ts';

const HOUSEKEEPING_MS = 60 * 60 * 1000;

interface Dependencies {
  /** `config.store`; needs at least one key and a folder, see `requireDataKeys`. */
  settings: Config['store'];
  clock: Clock;
  log: Logger;
}

/**
 * Opens the store in `glir.db` under the folder, both of which are made where missing, for this user alone. Several
 * processes may have it open. Every hour it deletes what is too old.
 *
 * @throws StoreError `unusable` or `newer-schema`
 */
export function openStore({ settings, clock, log }: Dependencies): Store {
  const ring = createKeyRing(settings.keys);
  if (settings.dir === null) {
    throw new StoreError('unusable', 'There is no folder for durable data. Set GLIR_DATA_DIR to an absolute path.');
  }
  const db = openFile(settings.dir);
  try {
    migrate(db);
  } catch (error) {
    db.close();
    throw asStoreError(error);
  }

  const tenants = sqliteTenants(db);
  const history = sqliteHistory(db, tenants, clock, settings.historyDays);
  const states = sqliteStates(db, clock);
  const housekeeping = everyHour(clock, log, () => {
    states.purge();
    history.purgeNow();
    forgetDeleted(db);
  });

  return {
    installations: sqliteInstallations(db, tenants, ring),
    settings: sqliteSettings(db, tenants),
    history,
    states,
    conversations: sqliteConversations(db, tenants),
    removeTenant: (tenant) => tenants.remove(tenant),
    removePerson: (person) => tenants.removePerson(person),
    close: () =>
      promised(() => {
        housekeeping.cancel();
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
