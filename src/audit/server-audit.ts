import type { Logger } from 'pino';
import type { Clock, Timer } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { AuditRows } from '../store/audit-rows.ts';
import { SERVER } from './audit-events.ts';
import { type Audit, AuditUnavailable, createAudit, NO_AUDIT } from './audit-log.ts';
import { ownBuild } from './build-info.ts';
import { createSeals, type Seals } from './chain.ts';
import { purgeAudit } from './retention.ts';

const HOUR_MS = 60 * 60 * 1000;

interface Dependencies {
  config: Pick<Config, 'audit' | 'store'>;
  rows: AuditRows;
  clock: Clock;
  log: Logger;
}

/** A server's audit: says when the server starts and stops, deletes rows whose time is over, and logs its head. */
export interface ServerAudit extends Audit {
  /** The server begins to serve. */
  begin(): void;
  /** The server has stopped: nothing happens any more. */
  close(): void;
}

/** Nothing is written before `begin`, except what is asked for. With 0 days in the configuration, nothing ever is. */
export function openServerAudit({ config, rows, clock, log }: Dependencies): ServerAudit {
  const { days } = config.audit;
  if (days === 0) {
    return { ...NO_AUDIT, begin: () => log.warn({ event: 'audit-off', reason: 'GLIR_AUDIT_DAYS is 0.' }) };
  }
  const seals = createSeals(config.store.keys);
  const audit = createAudit({ rows, seals, clock, log });
  const build = ownBuild();
  let timer: Timer | null = null;

  const everyHour = (): void => {
    timer = clock.after(HOUR_MS, everyHour);
    purge({ rows, seals, days, now: clock.now(), log });
    audit.logHead();
  };

  return {
    require: (...events) => audit.require(...events),
    record: (...events) => audit.record(...events),
    available: () => audit.available(),
    logHead: () => audit.logHead(),
    begin() {
      const started = { action: 'server-started', ...SERVER, ...build } as const;
      try {
        audit.require(started);
      } catch (error) {
        if (!(error instanceof AuditUnavailable)) throw error;
        // No note is opened until it can be written.
        audit.record(started);
      }
      everyHour();
    },
    close() {
      timer?.cancel();
      audit.record({ action: 'server-stopped', ...SERVER, ...build });
      audit.close();
    },
  };
}

/** Tried again in an hour. */
function purge({
  rows,
  seals,
  days,
  now,
  log,
}: {
  rows: AuditRows;
  seals: Seals;
  days: number;
  now: number;
  log: Logger;
}) {
  try {
    const purged = purgeAudit(rows, seals, days, now);
    if (purged > 0) log.info({ event: 'audit-purged', rows: purged });
  } catch (error) {
    log.warn({ event: 'audit-not-purged', reason: error instanceof Error ? error.message : typeof error });
  }
}
