import type { Logger } from 'pino';
import type { Clock, Timer } from '../clock.ts';
import type { Nodes } from '../store/store.ts';

const BEAT_MS = 1_000;
/** A node whose last heartbeat is older is dead to the others. */
const ALIVE_MS = 4_000;
/** Without a heartbeat of its own for so long, a node cannot tell others that are dead from others that could not write. */
const QUIET_MS = 2_000;
const PURGE_MS = 60_000;

/** Says in the database, each second, that this node is alive, and knows how to tell which others are. */
export class Heartbeat {
  readonly #run: string;
  readonly #url: string;
  readonly #nodes: Nodes;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #onBeat: (quietMs: number) => Promise<void>;
  #lastBeat: number;
  /** The last heartbeat before the last time without any, and until when it counts. */
  #before = { beat: 0, until: Number.NEGATIVE_INFINITY };
  #purgedAt = Number.NEGATIVE_INFINITY;
  #timer: Timer | null = null;
  #beating: Promise<void> = Promise.resolve();
  #stopped = false;

  /** `onBeat` runs with each, and hears how long ago the last one was that could be written; it never rejects. */
  constructor({
    run,
    url,
    nodes,
    clock,
    log,
    onBeat,
  }: {
    run: string;
    url: string;
    nodes: Nodes;
    clock: Clock;
    log: Logger;
    onBeat: (quietMs: number) => Promise<void>;
  }) {
    this.#run = run;
    this.#url = url;
    this.#nodes = nodes;
    this.#clock = clock;
    this.#log = log;
    this.#onBeat = onBeat;
    this.#lastBeat = clock.uptime();
  }

  /** From now on this node is alive to the others. Rejects with a StoreError when that cannot be written. */
  async start(): Promise<void> {
    await this.#nodes.beat(this.#run, this.#url);
    this.#lastBeat = this.#clock.uptime();
    this.#timer = this.#clock.after(BEAT_MS, () => this.#beat());
  }

  /** From now on this node is gone to the others. Never rejects. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#beating;
    await this.#attempt('node-not-removed', () => this.#nodes.remove(this.#run));
  }

  /** How old another node's heartbeat may be, in milliseconds. After a time in which nobody could write, it may be older. */
  aliveWithin(): number {
    const now = this.#clock.uptime();
    const quiet = now - (now < this.#before.until ? this.#before.beat : this.#lastBeat);
    return ALIVE_MS + (quiet > QUIET_MS ? quiet : 0);
  }

  #beat(): void {
    const beganAt = this.#clock.uptime();
    this.#beating = this.#beatAt(beganAt).then(() => {
      if (this.#stopped) return;
      const took = this.#clock.uptime() - beganAt;
      this.#timer = this.#clock.after(Math.max(0, BEAT_MS - took), () => this.#beat());
    });
  }

  async #beatAt(beganAt: number): Promise<void> {
    await Promise.all([this.#register(), this.#onBeat(beganAt - this.#lastBeat)]);
    if (beganAt - this.#purgedAt < PURGE_MS) return;
    this.#purgedAt = beganAt;
    await this.#attempt('nodes-not-purged', () => this.#nodes.purge());
  }

  async #register(): Promise<void> {
    const written = await this.#attempt('node-not-registered', () => this.#nodes.beat(this.#run, this.#url));
    if (!written) return;
    const now = this.#clock.uptime();
    if (now - this.#lastBeat > QUIET_MS) this.#before = { beat: this.#lastBeat, until: now + ALIVE_MS };
    this.#lastBeat = now;
  }

  async #attempt(event: string, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.#log.warn({ event, error: error instanceof Error ? error.message : typeof error });
      return false;
    }
  }
}
