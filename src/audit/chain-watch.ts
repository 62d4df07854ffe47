import type { AuditLink, AuditReader, AuditRow } from '../store/store.ts';
import { prevOf, type Seals } from './chain.ts';
import { Broken, CHAIN_START, ChainCheck, Unknowable } from './verify.ts';

/** Rows that are read at a time behind those that are known. */
const PAGE_ROWS = 250;

/** What was written is not what is there. */
export class Tampered extends Error {
  override readonly name = 'Tampered';
  /** False when a key is missing that could tell. */
  readonly isCertain: boolean;

  constructor(found: Broken) {
    const { seq, message } = found;
    super(
      `Row ${seq} of the audit was changed, added or removed outside of GLIR (row ${seq} ${message}). Keep a copy of glir.db, run "npm run glir -- audit verify", and start GLIR again: until then it opens no notes.`,
    );
    // A head that this process wrote itself is certain, whatever was restored before.
    this.isCertain = !(found instanceof Unknowable && found.needs === 'key');
  }
}

/** The last row of before, when nobody with our keys has written it. */
interface Mistrusted {
  seq: number;
  isCertain: boolean;
}

/**
 * Watches the audit of a running process: knows the last row that is right, and where the audit begins. Every call has to be
 * made in the turn of whoever writes, so that no row comes or goes meanwhile.
 */
export class ChainWatch {
  readonly #seals: Seals;
  /** Tells that the audit was broken before this process began: that keeps nobody from working. */
  readonly #wasBroken: (found: Tampered) => void;
  /** The last row that is known to be right; null before the first row of this process. */
  #head: AuditLink | null;
  /** What the first row follows; null while that is not known. */
  #start: AuditLink | null = null;
  /** A walk through all rows, a few at a time. */
  #walk: ChainCheck | null = null;
  #walked = false;
  #isOff = false;

  /** @param head a row up to which the audit was checked already */
  constructor(seals: Seals, head: AuditLink | null, wasBroken: (found: Tampered) => void) {
    this.#seals = seals;
    this.#head = head;
    this.#wasBroken = wasBroken;
  }

  /** This process has written rows up to this one. */
  wrote(head: AuditLink): void {
    this.#head = head;
  }

  /**
   * Checks what others have written or purged since, and that the audit begins where it did. Before the first row of this
   * process there is nothing to compare with: then gives the last row's place when nobody with our keys wrote it, else
   * null; `isCertain` is false when a key that we do not have may have. Rejects with Tampered.
   */
  async follow(last: AuditRow | null, rows: AuditReader): Promise<Mistrusted | null> {
    if (this.#head === null) return this.#begin(last, rows);
    const head = this.#head;
    await tamperedWhenBroken(async () => {
      const check = await this.#checkBehind(head, rows);
      if (check.purged.seq > (this.#start?.seq ?? 0)) this.#startAt(check.purged);
      this.#mustBeginWith(await rows.first());
      this.#head = check.last;
    });
    return null;
  }

  /**
   * Checks the next rows of a walk through all of them; gives whether it has come to the end. What the first walk finds was
   * there before: then there is no other one. Rejects with Tampered.
   */
  async look(rows: AuditReader, most: number): Promise<boolean> {
    if (this.#isOff) return true;
    try {
      return await tamperedWhenBroken(() => this.#lookAt(rows, most));
    } catch (error) {
      if (this.#walked || !(error instanceof Tampered)) throw error;
      this.#isOff = true;
      this.#wasBroken(error);
      return true;
    }
  }

  async #lookAt(rows: AuditReader, most: number): Promise<boolean> {
    this.#walk ??= new ChainCheck(this.#seals, { head: this.#head });
    const walk = this.#walk;
    const page = await rows.page(walk.last?.seq ?? 0, most);
    for (const row of page) walk.take(row);
    if (page.length === most) return false;
    walk.end();
    this.#walk = null;
    this.#walked = true;
    return true;
  }

  async #begin(last: AuditRow | null, rows: AuditReader): Promise<Mistrusted | null> {
    const first = await rows.first();
    this.#startAt(first === undefined ? CHAIN_START : startOf(first));
    if (last === null || this.#seals.check(last) === 'good') return null;
    if (this.#seals.currentId === null) {
      // A trial on a server's data: what it adds has no seal, and "verify" will say so.
      this.#isOff = last.keyId !== null;
      return null;
    }
    // A trial without keys leaves rows without seals, all of them.
    if (last.keyId === null && first?.keyId === null) return null;
    return { seq: last.seq, isCertain: last.keyId === null || this.#seals.check(last) === 'forged' };
  }

  /** Every row behind `head`, which has to be there still unless a purge among those rows took it. */
  async #checkBehind(head: AuditLink, rows: AuditReader): Promise<ChainCheck> {
    const own = await rows.find(head.seq);
    if (own === undefined) return this.#checkRest(head, rows);
    const check = new ChainCheck(this.#seals, { after: { seq: head.seq - 1, hash: prevOf(own) } });
    check.take(own);
    if (own.hash !== head.hash) throw new Broken(head.seq, 'was rewritten');
    await takeRest(check, rows);
    check.mustBeSealed();
    return check;
  }

  /** The row that was known is gone: all that is left has to be whole, and has to say so. */
  async #checkRest(head: AuditLink, rows: AuditReader): Promise<ChainCheck> {
    const check = new ChainCheck(this.#seals, { head });
    await takeRest(check, rows);
    check.end();
    return check;
  }

  #startAt(start: AuditLink): void {
    this.#start = start;
    this.#walk = null;
  }

  #mustBeginWith(first: AuditRow | undefined): void {
    const start = first === undefined ? null : startOf(first);
    this.#start ??= start ?? CHAIN_START;
    if (start?.seq === this.#start.seq && start.hash === this.#start.hash) return;
    throw new Broken(this.#start.seq + 1, 'is missing, or is not the first row any more');
  }
}

async function takeRest(check: ChainCheck, rows: AuditReader): Promise<void> {
  for (;;) {
    const page = await rows.page(check.last?.seq ?? 0, PAGE_ROWS);
    for (const row of page) check.take(row);
    if (page.length < PAGE_ROWS) return;
  }
}

function startOf(first: AuditRow): AuditLink {
  return { seq: first.seq - 1, hash: prevOf(first) };
}

async function tamperedWhenBroken<Result>(check: () => Promise<Result>): Promise<Result> {
  try {
    return await check();
  } catch (error) {
    throw error instanceof Broken ? new Tampered(error) : error;
  }
}
