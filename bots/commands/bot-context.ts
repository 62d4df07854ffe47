import type { Logger } from 'pino';
import type { Audit } from '../../src/audit/audit-log.ts';
import type { Clock } from '../../src/clock.ts';
import type { RoomDirectory } from '../../src/cluster/room-directory.ts';
import type { Config } from '../../src/config/config.ts';
import type { DraftLimits } from '../../src/limits/draft-limits.ts';
import type { Metrics } from '../../src/metrics/metrics.ts';
import type { Store } from '../../src/store/store.ts';
import type { DoctorPreferences } from './preferences.ts';
import type { StatusBoard } from './room-status.ts';

/** What the handlers of every platform work with; made once, when the server starts. */
export interface BotContext {
  rooms: RoomDirectory;
  /** How many notes may be begun. */
  drafts: DraftLimits;
  board: StatusBoard;
  preferences: DoctorPreferences;
  clock: Clock;
  store: Store;
  audit: Audit;
  log: Logger;
  metrics: Metrics;
  publicUrl: string;
  /** The server's own limits for rooms. */
  limits: Config['rooms'];
  /**
   * Whether the server of another run serves nobody any more, as far as anybody can say. Rejects with Refused `unavailable`
   * when nobody can be asked.
   */
  isGone: (run: string) => Promise<boolean>;
}
