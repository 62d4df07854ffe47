import type { Logger } from 'pino';
import type { Clock } from '../../src/clock.ts';
import type { Tenant } from '../../src/store/store.ts';
import { errorFields } from '../commands/error-fields.ts';
import { remedyFor } from './delivery-error.ts';
import { pauseAfter } from './retry-pauses.ts';
import { TenantPace } from './tenant-pace.ts';

/** An answer that comes later than that is of no use to the doctor. */
const PATIENCE_MS = 5 * 60 * 1000;

/** How GLIR says anything in a chat: every call to a platform that shows something goes through here. */
export interface Sender {
  /**
   * One call, in the tenant's turn, and once: for a status, which is tried again by the board with the then latest one.
   * Rejects as the call does.
   *
   * @param urgent whether somebody waits for it
   */
  once<Result>(tenant: Tenant, urgent: boolean, call: () => Promise<Result>): Promise<Result>;
  /**
   * One answer or message: tried again for five minutes as long as that may help. Rejects as the last try does.
   *
   * @param tenant null for a call that the platform does not count
   */
  send<Result>(tenant: Tenant | null, call: () => Promise<Result>): Promise<Result>;
  /** Nothing is tried again from now on. */
  close(): void;
}

/** @param onRetry hears whenever a message has to be sent again */
export function createSender({
  clock,
  log,
  onRetry = () => undefined,
}: {
  clock: Clock;
  log: Logger;
  onRetry?: () => void;
}): Sender {
  const pace = new TenantPace(clock);
  let isClosed = false;

  async function send<Result>(tenant: Tenant | null, call: () => Promise<Result>): Promise<Result> {
    const until = clock.uptime() + PATIENCE_MS;
    for (let failures = 1; ; failures += 1) {
      try {
        return await (tenant === null ? call() : pace.run(tenant, true, call));
      } catch (error) {
        const pause = pauseAfter(error, failures);
        if (isClosed || remedyFor(error) !== 'later' || clock.uptime() + pause > until) throw error;
        onRetry();
        log.warn({ event: 'message-not-taken', againInMs: pause, ...errorFields(error) });
        await new Promise<void>((resolve) => clock.after(pause, resolve));
      }
    }
  }

  return {
    once: (tenant, urgent, call) => pace.run(tenant, urgent, call),
    send,
    close() {
      isClosed = true;
    },
  };
}
