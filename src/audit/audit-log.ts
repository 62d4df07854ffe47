import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Clock, Timer } from '../clock.ts';
import type { AuditLink, AuditReader, AuditRepository, AuditRow } from '../store/store.ts';
import { type AuditEvent, plainCount, SERVER } from './audit-events.ts';
import { nextRow, type Seals } from './chain.ts';
import { ChainWatch, Tampered } from './chain-watch.ts';

/** How long a row waits for others to be written with it. */
const TOGETHER_MS = 25;
/** Rows that wait at most while none can be written; one has about 500 bytes. */
const WAITING_MAX = 10_000;
/** Pauses before the next try while none can be written: a locked store holds up everything for the time of a try. */
const PAUSES_MS = [500, 1_000, 2_000, 4_000] as const;
/** The chain's head goes into the log after so many rows. */
const HEAD_EVERY_ROWS = 1_000;
/** Older rows that each write checks again: a small audit as a whole. */
const CHECKED_WITH_WRITE = 16;
/** Older rows that are checked at a time, while nobody can write. */
const CHECKED_AT_ONCE = 200;

/** The audit refuses what it cannot write down. */
export class AuditUnavailable extends Error {
  override readonly name = 'AuditUnavailable';
}

/** Writes down what happened. */
export interface Audit {
  /**
   * Writes it now, behind everything that waits, and on the disk when it resolves. Rejects with AuditUnavailable when it
   * cannot be written; then nothing of it is.
   */
  require(...events: AuditEvent[]): Promise<void>;
  /** Writes it within 25 ms. While that is impossible it waits, up to 10,000 rows; what is lost is counted. Never throws. */
  record(...events: AuditEvent[]): void;
  /** Whether rows can be written, as far as it is known; then notes can be opened. */
  available(): boolean;
  /** Writes the chain's head into the log, if it moved: a copy of it that leaves this machine shows a chain cut short. */
  logHead(): void;
  /** Writes what waits, and nothing after that. */
  close(): Promise<void>;
}

/** For a server whose admin wants none. */
export const NO_AUDIT: Audit = {
  require: () => Promise.resolve(),
  record: () => undefined,
  available: () => true,
  logHead: () => undefined,
  close: () => Promise.resolve(),
};

interface Dependencies {
  rows: AuditRepository;
  seals: Seals;
  clock: Clock;
  log: Logger;
  /** A row up to which the audit was just found whole; otherwise it begins wherever the audit ends. */
  checkedUpTo?: AuditLink | null;
  /** How many rows wait at most while none can be written. */
  waitingMax?: number;
}

interface Waiting {
  event: AuditEvent;
  at: number;
}

/** An audit over these rows. Several processes may write to them. */
export class AuditLog implements Audit {
  readonly #deps: Dependencies;
  readonly #waitingMax: number;
  readonly #watch: ChainWatch;
  readonly #waiting: Waiting[] = [];
  /** The last row that this process wrote. */
  #head: AuditLink | null = null;
  #loggedSeq = 0;
  #timer: Timer | null = null;
  #closed = false;
  /** The last write, which the next one waits for. */
  #writing: Promise<unknown> = Promise.resolve();
  #isFull = false;
  /** Since when no row could be written. */
  #outage: { since: number; tries: number; refused: number; lost: number } | null = null;
  /** Somebody changed what this process had written: nothing is added to that. */
  #broken = false;

  constructor(deps: Dependencies) {
    this.#deps = deps;
    this.#waitingMax = deps.waitingMax ?? WAITING_MAX;
    this.#watch = new ChainWatch(deps.seals, deps.checkedUpTo ?? null, ({ message, isCertain }) =>
      this.#logDoubt(isCertain, { reason: message }),
    );
  }

  async require(...events: AuditEvent[]): Promise<void> {
    if (await this.#write(this.#timed(events))) return;
    if (this.#outage !== null) this.#outage.refused += 1;
    throw new AuditUnavailable('The audit cannot be written, so this is refused. Look at the log for the reason.');
  }

  record(...events: AuditEvent[]): void {
    if (this.#closed) return;
    for (const entry of this.#timed(events)) this.#keep(entry);
    this.#writeIn(TOGETHER_MS);
  }

  available(): boolean {
    return this.#outage === null && !this.#broken;
  }

  logHead(): void {
    if (this.#head === null || this.#head.seq === this.#loggedSeq) return;
    this.#loggedSeq = this.#head.seq;
    this.#deps.log.info({ event: 'audit-head', head: `${this.#head.seq}:${this.#head.hash}` });
  }

  /**
   * Checks every row once, a few at a time, and lets whoever writes go first. What was changed since this process began
   * ends its writing, as it does when a write finds it. Never rejects.
   */
  async check(): Promise<void> {
    let isDone = false;
    while (!isDone) {
      const step = this.#writing.then(() => this.#checkNow(CHECKED_AT_ONCE));
      this.#writing = step;
      isDone = await step;
      // SQLite answers at once: whatever else waits comes first.
      if (!isDone) await setImmediate();
    }
  }

  /** Takes note of what other processes have written: whoever takes it away afterwards is found. Never rejects. */
  async follow(): Promise<void> {
    const step = this.#writing.then(() => this.#checkNow(0));
    this.#writing = step;
    await step;
  }

  async close(): Promise<void> {
    await this.#write([]);
    this.#timer?.cancel();
    this.#closed = true;
    this.logHead();
    const lost = this.#waiting.length + (this.#outage?.lost ?? 0);
    if (lost > 0) this.#deps.log.error({ event: 'audit-lost', lost });
  }

  #timed(events: readonly AuditEvent[]): Waiting[] {
    const at = this.#deps.clock.now();
    return events.map((event) => ({ event, at }));
  }

  #writeIn(ms: number): void {
    this.#timer ??= this.#deps.clock.after(ms, () => {
      this.#timer = null;
      void this.#write([]);
    });
  }

  /** Everything that waits, then `now`, in one transaction; false when it failed. One write at a time. */
  #write(now: readonly Waiting[]): Promise<boolean> {
    const write = this.#writing.then(() => this.#writeNow(now));
    this.#writing = write;
    return write;
  }

  async #writeNow(now: readonly Waiting[]): Promise<boolean> {
    if (this.#closed || this.#broken) return false;
    // A try could hold up everything, so while none succeeds only the timer tries.
    if (this.#outage !== null && now.length > 0) return false;
    const waiting = [...this.#waiting];
    const all = [...waiting, ...this.#resumed(), ...now];
    if (all.length === 0) return true;
    try {
      this.#head = await this.#deps.rows.append((last, rows) => this.#rowsBehind(last, rows, all));
      if (this.#head !== null) this.#watch.wrote(this.#head);
      this.#waiting.splice(0, waiting.length);
    } catch (error) {
      this.#failed(error);
      return false;
    }
    this.#works();
    if (this.#head !== null && this.#head.seq - this.#loggedSeq >= HEAD_EVERY_ROWS) this.logHead();
    return true;
  }

  async #rowsBehind(last: AuditRow | null, reader: AuditReader, all: readonly Waiting[]): Promise<AuditRow[]> {
    const { seals } = this.#deps;
    const mistrusted = await this.#watch.follow(last, reader);
    await this.#watch.look(reader, CHECKED_WITH_WRITE);
    const rows: AuditRow[] = [];
    for (const { event, at } of [...this.#mistrust(mistrusted), ...all]) {
      rows.push(nextRow(rows.at(-1) ?? last, event, at, seals));
    }
    return rows;
  }

  /** What happened before the start keeps no doctor from working, but nothing is built upon it in silence. */
  #mistrust(found: Awaited<ReturnType<ChainWatch['follow']>>): Waiting[] {
    if (found === null) return [];
    this.#logDoubt(found.isCertain, { row: found.seq });
    return this.#timed([{ action: 'audit-mistrusted', ...SERVER, through: found.seq }]);
  }

  /** Where a key of before is missing, nobody needs to have done anything wrong. */
  #logDoubt(isCertain: boolean, found: { reason: string } | { row: number }): void {
    const { log } = this.#deps;
    if (isCertain) log.error({ event: 'audit-tampered', since: 'before-the-start', ...found });
    else
      log.warn({
        event: 'audit-key-missing',
        next: 'Set the older key too, behind the first of GLIR_DATA_KEYS.',
        ...found,
      });
  }

  /** What others have written, and the next `most` rows of `check`; whether those were the last ones. */
  async #checkNow(most: number): Promise<boolean> {
    if (this.#closed || this.#broken || this.#head === null || this.#outage !== null) return true;
    let isDone = true;
    try {
      await this.#deps.rows.append(async (last, reader) => {
        await this.#watch.follow(last, reader);
        isDone = most === 0 || (await this.#watch.look(reader, most));
        return [];
      });
    } catch (error) {
      // What cannot be read now is checked the next time.
      if (error instanceof Tampered) this.#failed(error);
      return true;
    }
    return isDone;
  }

  #resumed(): Waiting[] {
    if (this.#outage === null) return [];
    const { since, refused, lost } = this.#outage;
    const counted = { since: new Date(since).toISOString(), refused: plainCount(refused), lost: plainCount(lost) };
    return this.#timed([{ action: 'audit-resumed', ...SERVER, ...counted }]);
  }

  #failed(error: unknown): void {
    const { log, clock } = this.#deps;
    this.#broken = error instanceof Tampered;
    const reason = error instanceof Error ? error.message : typeof error;
    if (this.#outage === null) log.error({ event: this.#broken ? 'audit-tampered' : 'audit-failing', reason });
    this.#outage ??= { since: clock.now(), tries: 0, refused: 0, lost: 0 };
    this.#loseExcess(this.#outage);
    const pause = PAUSES_MS[Math.min(this.#outage.tries, PAUSES_MS.length - 1)] ?? 0;
    this.#outage.tries += 1;
    this.#timer?.cancel();
    this.#timer = null;
    if (!this.#broken) this.#writeIn(pause);
  }

  #works(): void {
    if (this.#outage === null) return;
    const { refused, lost } = this.#outage;
    this.#outage = null;
    this.#deps.log.warn({ event: 'audit-resumed', refused, lost });
  }

  #keep(entry: Waiting): void {
    this.#waiting.push(entry);
    if (this.#waiting.length <= this.#waitingMax) return;
    if (this.#outage !== null) return this.#loseExcess(this.#outage);
    // So many at once happen when a server with many notes stops.
    if (!this.#isFull) void this.#write([]).finally(() => (this.#isFull = false));
    this.#isFull = true;
  }

  /** Loses the youngest of those that are too many. */
  #loseExcess(outage: { lost: number }): void {
    const lost = this.#waiting.splice(this.#waitingMax).length;
    if (lost > 0 && outage.lost === 0) this.#deps.log.error({ event: 'audit-losing' });
    outage.lost += lost;
  }
}
