import type { Clock, Timer } from '../../src/clock.ts';
import type { Tenant } from '../../src/store/store.ts';
import { DeliveryError } from './delivery-error.ts';

/** For so long after a platform asked to slow down in a tenant, calls there come one after the other. */
const SLOW_MS = 60_000;
/** Then so far apart: some platforms take fifty changes of messages in a minute. */
const PACE_MS = 1_200;

interface Waiting {
  urgent: boolean;
  begin: () => void;
}

interface Pace {
  slowUntil: number;
  /** When the next call may begin while it is slow. */
  next: number;
  waiting: Waiting[];
  timer: Timer | null;
}

/**
 * Paces the calls to a platform, tenant by tenant. As long as the platform does not ask to slow down, every call begins at
 * once. A call that has to wait by itself holds up no other one.
 */
export class TenantPace {
  readonly #clock: Clock;
  readonly #paces = new Map<string, Pace>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Makes a call in its turn, once.
   *
   * @param urgent whether somebody waits for it: such calls come before all others of the tenant
   */
  async run<Result>(tenant: Tenant, urgent: boolean, call: () => Promise<Result>): Promise<Result> {
    const key = `${tenant.platform} ${tenant.tenant}`;
    const pace = this.#paces.get(key);
    if (pace !== undefined) await this.#turn(key, pace, urgent);
    try {
      return await call();
    } catch (error) {
      if (error instanceof DeliveryError && error.retryAfterMs !== null) this.#slowDown(key);
      throw error;
    }
  }

  #slowDown(key: string): void {
    const now = this.#clock.now();
    const pace = this.#paces.get(key);
    if (pace !== undefined) pace.slowUntil = now + SLOW_MS;
    else this.#paces.set(key, { slowUntil: now + SLOW_MS, next: now, waiting: [], timer: null });
  }

  #turn(key: string, pace: Pace, urgent: boolean): Promise<void> {
    return new Promise((resolve) => {
      const entry = { urgent, begin: resolve };
      const behind = urgent ? pace.waiting.findIndex((other) => !other.urgent) : -1;
      pace.waiting.splice(behind < 0 ? pace.waiting.length : behind, 0, entry);
      this.#next(key, pace);
    });
  }

  #next(key: string, pace: Pace): void {
    if (pace.timer !== null) return;
    const now = this.#clock.now();
    if (now >= pace.slowUntil) {
      this.#paces.delete(key);
      for (const { begin } of pace.waiting.splice(0)) begin();
      return;
    }
    if (now >= pace.next) {
      pace.waiting.shift()?.begin();
      pace.next = now + PACE_MS;
    }
    if (pace.waiting.length === 0) return;
    pace.timer = this.#clock.after(pace.next - now, () => {
      pace.timer = null;
      this.#next(key, pace);
    });
  }
}
