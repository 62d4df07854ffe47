import type { Logger } from 'pino';
import type { Clock, Timer } from '../clock.ts';
import type { Nodes } from '../store/store.ts';

/** How long a duty is a node's, by the database's clock. */
const LEASE_MS = 15_000;
const RENEW_MS = 5_000;
/** How soon a node takes a duty that is free. */
const TRY_MS = 1_000;
/** A duty that could not be renewed for so long is given up, before another node may take it. */
const GIVE_UP_MS = 10_000;

/** What one node at a time does. */
export interface Duty {
  /** This node has it from now on. */
  start(): void | Promise<void>;
  /** This node has it no longer, and may get it again. */
  stop(): void | Promise<void>;
}

/** What one node at a time does, such as to keep a platform's connection. */
export interface Duties {
  /** Starts the duty whenever this node has it. Each name once. */
  holdDuty(name: string, duty: Duty): void;
  /** Stops them all; other nodes may take them at once. */
  close(): Promise<void>;
}

/** Those of a node by itself, which has all of them. */
export function ownDuties(log: Logger): Duties {
  const held: { name: string; duty: Duty; started: Promise<void> }[] = [];
  return {
    holdDuty(name, duty) {
      held.push({ name, duty, started: attempt(() => duty.start(), name, log) });
    },
    async close() {
      const stopping = held.splice(0).map(async ({ name, duty, started }) => {
        await started;
        await attempt(() => duty.stop(), name, log);
      });
      await Promise.all(stopping);
    },
  };
}

/** Those of a node among others: a lease in the database says whose each one is. */
export function sharedDuties(parts: {
  nodes: Pick<Nodes, 'takeDuty' | 'releaseDuty'>;
  run: string;
  clock: Clock;
  log: Logger;
}): Duties {
  const held: LeasedDuty[] = [];
  return {
    holdDuty(name, duty) {
      const leased = new LeasedDuty(name, duty, parts);
      held.push(leased);
      leased.begin();
    },
    async close() {
      await Promise.all(held.splice(0).map((leased) => leased.close()));
    },
  };
}

class LeasedDuty {
  readonly #name: string;
  readonly #duty: Duty;
  readonly #parts: Parameters<typeof sharedDuties>[0];
  /** What is done to the duty, one after the other. */
  #turn: Promise<void> = Promise.resolve();
  #working: Promise<void> = Promise.resolve();
  #isHeld = false;
  #closed = false;
  #next: Timer | null = null;
  #giveUp: Timer | null = null;

  constructor(name: string, duty: Duty, parts: Parameters<typeof sharedDuties>[0]) {
    this.#name = name;
    this.#duty = duty;
    this.#parts = parts;
  }

  begin(): void {
    this.#working = this.#round();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#next?.cancel();
    const wasHeld = this.#isHeld;
    this.#drop();
    await Promise.all([this.#turn, this.#working]);
    if (wasHeld) await this.#release();
  }

  /** Takes or renews the lease, and again in a while. */
  async #round(): Promise<void> {
    const { nodes, run, clock, log } = this.#parts;
    const askedAt = clock.uptime();
    let isMine: boolean | null = null;
    try {
      isMine = await nodes.takeDuty(this.#name, run, LEASE_MS);
    } catch (error) {
      // Whether it can be kept is seen when the time for it is over.
      log.warn({ event: 'duty-not-renewed', duty: this.#name, error: messageOf(error) });
    }
    if (this.#closed) {
      if (isMine === true) await this.#release();
      return;
    }
    if (isMine === true) this.#keep(GIVE_UP_MS - (clock.uptime() - askedAt));
    if (isMine === false) this.#drop();
    this.#next = clock.after(this.#isHeld ? RENEW_MS : TRY_MS, () => this.begin());
  }

  /** The duty is this node's for `ms` milliseconds, unless that was over before the answer came. */
  #keep(ms: number): void {
    this.#giveUp?.cancel();
    if (ms <= 0) return this.#drop();
    this.#giveUp = this.#parts.clock.after(ms, () => this.#drop());
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#parts.log.info({ event: 'duty-taken', duty: this.#name });
    this.#then(() => this.#duty.start());
  }

  #drop(): void {
    this.#giveUp?.cancel();
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#parts.log.info({ event: 'duty-given-up', duty: this.#name });
    this.#then(() => this.#duty.stop());
  }

  #then(work: () => void | Promise<void>): void {
    this.#turn = this.#turn.then(() => attempt(work, this.#name, this.#parts.log));
  }

  async #release(): Promise<void> {
    const { nodes, run, log } = this.#parts;
    try {
      await nodes.releaseDuty(this.#name, run);
    } catch (error) {
      // It is over by itself soon.
      log.warn({ event: 'duty-not-released', duty: this.#name, error: messageOf(error) });
    }
  }
}

async function attempt(work: () => void | Promise<void>, duty: string, log: Logger): Promise<void> {
  try {
    await work();
  } catch (error) {
    log.error({ event: 'duty-error', duty, err: error });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : typeof error;
}
