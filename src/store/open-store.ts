import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import type { Logger } from 'pino';
import type { BootTime, Clock, Timer } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { createAuditRepository } from './audit-repository.ts';
import { createChatMessages } from './chat-messages.ts';
import { createConversations } from './conversations.ts';
import { eraseDeleted } from './database/erase-deleted.ts';
import { lockFolder, type ServerLock } from './database/folder-lock.ts';
import { folderOf, mustHoldStore, openDatabase, type StorePlace } from './database/open-database.ts';
import { sharedDisk } from './database/shared-disk.ts';
import { damageIn } from './database/sqlite-database.ts';
import { createDeliveries } from './deliveries.ts';
import { StoreError } from './errors.ts';
import { createHistory } from './history.ts';
import { createInstallations } from './installations.ts';
import { createKeyRing, noKeyRing } from './key-ring.ts';
import { createNodes } from './nodes.ts';
import { createOneTimeStates } from './one-time-states.ts';
import { createPreferences } from './preferences.ts';
import { createRoomRepository, type StoredRooms } from './room-repository.ts';
import { serverKey } from './server-keys.ts';
import { createSettings } from './settings.ts';
import type { AuditRepository, Store } from './store.ts';
import { removeDoctor, removeTenant } from './tenants.ts';

const HOUSEKEEPING_MS = 60 * 60 * 1000;
const BOOT_ID = '/proc/sys/kernel/random/boot_id';

interface Dependencies {
  /** `config.store`; needs a folder or PostgreSQL, and for what platforms give GLIR at least one key. */
  settings: Config['store'];
  clock: Clock;
  log: Logger;
  /**
   * A server has its folder or its database to itself; `of-cluster`, it shares the database with other nodes alone. Tools do
   * not ask for that, and work beside it.
   */
  forServer?: 'alone' | 'of-cluster';
}

/**
 * Opens the store in PostgreSQL where it is configured, otherwise in `glir.db` under the folder, both of which are made where
 * missing, for this user alone. Several processes may have it open. Every hour it deletes what is too old.
 *
 * @throws StoreError `in-use`, `unusable` or `newer-schema`
 */
export async function openStore(dependencies: Dependencies): Promise<Store> {
  const lock = dependencies.forServer ? await lockFor(dependencies) : null;
  try {
    return await openLocked(dependencies, lock);
  } catch (error) {
    await lock?.release();
    throw error;
  }
}

async function lockFor({ settings, clock, log, forServer }: Dependencies): Promise<ServerLock> {
  if (settings.postgres === null) {
    const dir = folderOf(settings.dir);
    const lock = lockFolder(dir);
    refuseWhenShared(dir, lock, log);
    return lock;
  }
  // The client of PostgreSQL takes its share of memory, so only who needs it loads it.
  const { lockPostgres } = await import('./database/postgres-lock.ts');
  return await lockPostgres(settings.postgres, { clock, shared: forServer === 'of-cluster' });
}

/** Once the folder is there: what it is on says whether SQLite can be trusted in it. */
function refuseWhenShared(dir: string, lock: ServerLock, log: Logger): void {
  try {
    const fileSystem = sharedDisk(dir);
    if (fileSystem === null) return;
    const next = 'If other machines can write there, set GLIR_DATA_DIR to a folder on a disk of this machine.';
    log.warn({ event: 'store-on-shared-disk', fileSystem, next });
  } catch (error) {
    void lock.release();
    throw error;
  }
}

/** The store; it lets go of the lock when it is closed. */
async function openLocked({ settings, clock, log }: Dependencies, lock: ServerLock | null): Promise<Store> {
  const ring = settings.keys.length === 0 ? null : createKeyRing(settings.keys);
  const { db, roomsDb, close } = await openDatabase(settings);
  const history = createHistory(db, clock, settings.historyDays);
  const states = createOneTimeStates(db, clock);
  const deliveries = createDeliveries(db, clock);
  const rooms = createRoomRepository(roomsDb);
  if (lock !== null && settings.postgres === null) refuseWhenDamaged(rooms, folderOf(settings.dir), log);
  const messages = createChatMessages(db, clock, rooms.run);
  const housekeeping = await everyHour(clock, log, async () => {
    await states.purge();
    await deliveries.purge();
    await history.purge();
    await messages.purge();
    await rooms.purge(clock.now());
    await eraseDeleted(db, [
      'one_time_states',
      'deliveries',
      'history',
      'tombstones',
      'revocations',
      'rooms',
      'tickets',
      'server_runs',
    ]);
  });

  return {
    installations: createInstallations(db, ring ?? noKeyRing),
    settings: createSettings(db),
    history,
    states,
    deliveries,
    conversations: createConversations(db),
    preferences: createPreferences(db),
    messages,
    rooms,
    audit: createAuditRepository(roomsDb),
    nodes: settings.postgres === null ? null : createNodes(db, roomsDb),
    serverKey: (name) => serverKey(name, { db, ring, log }),
    removeTenant: (tenant) => removeTenant(db, tenant),
    removeDoctor: (doctor) => removeDoctor(db, doctor),
    async close() {
      await housekeeping.stop();
      await close();
      await lock?.release();
    },
  };
}

/** In a damaged file nothing new is begun: what is written there may be lost, or damage more. */
function refuseWhenDamaged(rooms: StoredRooms, dir: string, log: Logger): void {
  const damage = damageIn(dir);
  if (damage === null) return;
  const next = 'Stop GLIR and restore a backup: npm run glir -- restore FILE. Until then it opens no notes.';
  log.error({ event: 'store-damaged', damage, next });
  rooms.renewLease = () => Promise.reject(new StoreError('unusable', `glir.db is damaged (${damage}). ${next}`));
}

/**
 * Opens the audit alone, which needs no key, for tools that read it. A server may have it open.
 *
 * @throws StoreError `unusable` also where there is none, or `newer-schema`
 */
export async function openAudit(place: StorePlace): Promise<{ audit: AuditRepository; close(): Promise<void> }> {
  if (place.postgres === null) mustHoldStore(place.dir, 'audit');
  const { db, close } = await openDatabase(place);
  return { audit: createAuditRepository(db), close };
}

/** Now, and then every hour. A failure is logged: the next round tries again. */
async function everyHour(clock: Clock, log: Logger, work: () => Promise<void>): Promise<{ stop(): Promise<void> }> {
  let timer: Timer;
  let working = Promise.resolve();
  let stopped = false;
  const round = (): void => {
    timer = clock.after(HOUSEKEEPING_MS, round);
    working = work().catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : typeof error;
      if (!stopped) log.warn({ event: 'store-housekeeping', error: reason });
    });
  };
  round();
  await working;
  return {
    async stop() {
      stopped = true;
      timer.cancel();
      await working;
    },
  };
}

/** The machine's time since it was started; null where the system does not tell one start from another. */
export function readBootTime(): BootTime | null {
  try {
    return { boot: readFileSync(BOOT_ID, 'utf8').trim(), ms: uptime() * 1000 };
  } catch {
    return null;
  }
}
