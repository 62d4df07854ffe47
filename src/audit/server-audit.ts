import type { Logger } from 'pino';
import type { Clock, Timer } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { AuditRepository } from '../store/store.ts';
import { SERVER } from './audit-events.ts';
import { type Audit, AuditLog, AuditUnavailable, NO_AUDIT } from './audit-log.ts';
import { ownBuild } from './build-info.ts';
import { createSeals, nextRow, type Seals } from './chain.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

interface Dependencies {
  config: Pick<Config, 'audit' | 'store'>;
  rows: AuditRepository;
  clock: Clock;
  log: Logger;
}

/** A server's audit: says when the server starts and stops, deletes rows whose time is over, and logs its head. */
export interface ServerAudit extends Audit {
  /** The server begins to serve. */
  begin(): Promise<void>;
}

/** Nothing is written before `begin`, except what is asked for. With 0 days in the configuration, nothing ever is. */
export function openServerAudit({ config, rows, clock, log }: Dependencies): ServerAudit {
  const { days } = config.audit;
  if (days === 0) {
    const begin = (): Promise<void> => {
      log.warn({ event: 'audit-off', reason: 'GLIR_AUDIT_DAYS is 0.' });
      return Promise.resolve();
    };
    return { ...NO_AUDIT, begin };
  }
  const seals = createSeals(config.store.keys);
  const audit = new AuditLog({ rows, seals, clock, log });
  const build = ownBuild();
  let timer: Timer | null = null;
  let housekeeping = Promise.resolve();

  const everyHour = (): void => {
    timer = clock.after(HOUR_MS, everyHour);
    housekeeping = purge({ rows, seals, days, now: clock.now(), log }).then(() => audit.logHead());
  };

  return {
    require: (...events) => audit.require(...events),
    record: (...events) => audit.record(...events),
    available: () => audit.available(),
    logHead: () => audit.logHead(),
    async begin() {
      const started = { action: 'server-started', ...SERVER, ...build } as const;
      try {
        await audit.require(started);
      } catch (error) {
        if (!(error instanceof AuditUnavailable)) throw error;
        // No note is opened until it can be written.
        audit.record(started);
      }
      everyHour();
      await housekeeping;
    },
    async close() {
      timer?.cancel();
      await housekeeping;
      audit.record({ action: 'server-stopped', ...SERVER, ...build });
      await audit.close();
    },
  };
}

interface Purge {
  rows: AuditRepository;
  seals: Seals;
  days: number;
  /** Milliseconds since the Unix epoch. */
  now: number;
}

/** What fails is tried again in an hour. */
async function purge({ log, ...options }: Purge & { log: Logger }): Promise<void> {
  try {
    const purged = await purgeAudit(options);
    if (purged > 0) log.info({ event: 'audit-purged', rows: purged });
  } catch (error) {
    log.warn({ event: 'audit-not-purged', reason: error instanceof Error ? error.message : typeof error });
  }
}

/**
 * Deletes the rows whose time is over, by whole days of UTC; gives how many. A new row names the last of them and its
 * hash, so that the rest can be checked, and nobody else can cut off the start of the audit unseen. Rejects with a
 * StoreError.
 */
export async function purgeAudit({ rows, seals, days, now }: Purge): Promise<number> {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const through = await rows.lastBefore(today - days * DAY_MS);
  const first = await rows.first();
  if (through === undefined || first === undefined) return 0;
  const purged = { action: 'audit-purged', ...SERVER, through: through.seq, throughHash: through.hash } as const;
  await rows.purge(through, (last) => Promise.resolve([nextRow(last, purged, now, seals)]));
  return through.seq - first.seq + 1;
}
