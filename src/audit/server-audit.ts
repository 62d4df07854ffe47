import type { Logger } from 'pino';
import type { Clock, Timer } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { AuditRepository } from '../store/store.ts';
import { SERVER } from './audit-events.ts';
import { type Audit, AuditLog, AuditUnavailable, NO_AUDIT } from './audit-log.ts';
import { ownBuild } from './build-info.ts';
import { createSeals } from './chain.ts';
import { ClockJumped, type Purge, purgeAudit } from './retention.ts';
import { Broken } from './verify.ts';

const HOUR_MS = 60 * 60 * 1000;
/** How often a node looks at what the others have written: it knows of it when somebody takes it away. */
const FOLLOW_MS = 10_000;

interface Dependencies {
  config: Pick<Config, 'audit' | 'store'>;
  /** Whether other nodes write to the same audit. */
  isShared: boolean;
  rows: AuditRepository;
  clock: Clock;
  log: Logger;
}

/** A server's audit: says when the server starts and stops, deletes rows whose time is over, checks all rows, and logs its head. */
export interface ServerAudit extends Audit {
  /** The server begins to serve. */
  begin(): Promise<void>;
}

/** Nothing is written before `begin`, except what is asked for. With 0 days in the configuration, nothing ever is. */
export function openServerAudit({ config, isShared, rows, clock, log }: Dependencies): ServerAudit {
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
  let followTimer: Timer | null = null;
  let housekeeping = Promise.resolve();
  const closing = new AbortController();
  const purge = createPurge(log);

  const everyHour = (): void => {
    timer = clock.after(HOUR_MS, everyHour);
    audit.logHead();
    // One after the other: both walk through all rows.
    housekeeping = audit.check().then(() => purge({ rows, seals, days, now: clock.now(), signal: closing.signal }));
  };

  const followOthers = (): void => {
    followTimer = clock.after(FOLLOW_MS, () => void audit.follow().then(followOthers));
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
      if (isShared) followOthers();
    },
    async close() {
      timer?.cancel();
      followTimer?.cancel();
      closing.abort();
      audit.record({ action: 'server-stopped', ...SERVER, ...build });
      await audit.close();
      await housekeeping;
    },
  };
}

/** What fails is tried again in an hour; that the clock may be wrong is said once, until it was right again. */
function createPurge(log: Logger): (options: Purge) => Promise<void> {
  let isClockDoubted = false;
  return async (options) => {
    try {
      const purged = await purgeAudit(options);
      isClockDoubted = false;
      if (purged > 0) log.info({ event: 'audit-purged', rows: purged });
    } catch (error) {
      if (options.signal?.aborted || (error instanceof ClockJumped && isClockDoubted)) return;
      isClockDoubted = error instanceof ClockJumped;
      const reason = error instanceof Error ? error.message : typeof error;
      log.warn({ event: 'audit-not-purged', reason, ...(error instanceof Broken ? { row: error.seq } : {}) });
    }
  };
}
