import type { AuditLink, AuditReader, AuditRow } from '../store/store.ts';
import { type AuditRecord, recordSchema } from './audit-events.ts';
import { canonical, everyRow, hashOf, NO_HASH, type Seals } from './chain.ts';

/** How often a check begins anew because a purge came in between. */
const TRIES = 3;

/** A head that was written down elsewhere; the place is null when only the hash was. */
export interface KnownHead {
  seq: number | null;
  hash: string;
}

/** What a check of the audit found. */
export type Verdict =
  | {
      kind: 'whole';
      rows: number;
      /** The place before the first row that is kept: 0, or the last one that was purged. */
      purgedThrough: number;
      head: AuditLink | null;
      /** Rows without a seal that a key of ours can check: of before there was one, or of before it was rotated. */
      unsealed: number;
    }
  /** `seq` is the first row that is wrong, or missing. */
  | { kind: 'broken'; seq: number; why: string }
  /** From row `seq` on nobody can tell without a key, or without the time at which the given head was logged. */
  | { kind: 'unknown'; seq: number; why: string; needs: 'key' | 'time-of-head' };

/**
 * Checks every row: that it is as it was written, that it follows the one before, that nothing is missing at the start
 * or in between, its seal, and that `head` is there still.
 */
export async function verify(
  rows: AsyncIterable<AuditRow> | Iterable<AuditRow>,
  seals: Seals,
  head: KnownHead | null = null,
): Promise<Verdict> {
  const check = new ChainCheck(seals, { head });
  try {
    for await (const row of rows) check.take(row);
    return check.end();
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    const { seq, message: why } = error;
    return error instanceof Unknowable
      ? { kind: 'unknown', seq, why, needs: error.needs }
      : { kind: 'broken', seq, why };
  }
}

/** Checks the audit as `verify` does, while others may write to it and purge it. */
export async function verifyAll(
  rows: Pick<AuditReader, 'first' | 'page'>,
  seals: Seals,
  head: KnownHead | null = null,
): Promise<Verdict> {
  for (let tries = 1; ; tries++) {
    const first = await rows.first();
    const verdict = await verify(everyRow(rows), seals, head);
    // A purge that came in between looks like rows that are missing.
    if (verdict.kind === 'whole' || tries === TRIES || (await rows.first())?.seq === first?.seq) return verdict;
  }
}

/** A row that is not what it has to be. */
export class Broken extends Error {
  override readonly name = 'Broken';
  /** The first row that is wrong, or missing. */
  readonly seq: number;

  constructor(seq: number, why: string) {
    super(why);
    this.seq = seq;
  }
}

/** A row that may well be what it has to be, but nobody can tell with what is there. */
export class Unknowable extends Broken {
  /** What would tell. */
  readonly needs: 'key' | 'time-of-head';

  constructor(seq: number, why: string, needs: Unknowable['needs']) {
    super(seq, why);
    this.needs = needs;
  }
}

/** What the first row of a chain follows. */
export const CHAIN_START: AuditLink = { seq: 0, hash: NO_HASH };

/** Checks rows one after the other, in their order; see `verify`. */
export class ChainCheck {
  readonly #seals: Seals;
  readonly #head: KnownHead | null;
  #last: AuditLink | null;
  #rows = 0;
  #headSeen = false;
  /** What the first row follows. */
  #start = CHAIN_START;
  #purged = CHAIN_START;
  #unsealed = 0;
  /** The first row with a seal of a key that we do not have, and nobody vouches for yet, and the id of that key. */
  #unvouched: { seq: number; keyId: string; mayBeOurs: boolean } | null = null;
  /** A sealed row that tells of a restore, before which rows were lost. */
  #restored: { seq: number; at: string } | null = null;
  /** The first row that tells of a purge and has no seal: with a key that is nobody's word. */
  #unsealedPurge: number | null = null;
  #sealedBefore: boolean;
  #goodBefore: boolean;

  /** @param after a row that is known to be right, when the check begins behind it */
  constructor(seals: Seals, { head = null, after = null }: { head?: KnownHead | null; after?: AuditLink | null } = {}) {
    this.#seals = seals;
    this.#head = head;
    this.#last = after;
    this.#sealedBefore = after !== null && seals.currentId !== null;
    this.#goodBefore = this.#sealedBefore;
  }

  /** The last row that was taken, or what the check began behind; null before that. */
  get last(): AuditLink | null {
    return this.#last;
  }

  /** The last row that a purge among these rows has deleted. */
  get purged(): AuditLink {
    return this.#purged;
  }

  /** The next row. Throws Broken. */
  take(row: AuditRow): void {
    const record = this.#recordOf(row);
    if (this.#last === null) this.#start = { seq: row.seq - 1, hash: record.prev };
    const before = this.#last ?? this.#start;
    if (row.seq !== before.seq + 1) throw new Broken(before.seq + 1, `missing: row ${row.seq} comes instead`);
    if (record.prev !== before.hash) {
      throw new Broken(row.seq, `does not follow row ${before.seq}: a row was changed, inserted or moved here`);
    }
    this.#checkSeal(row, record);
    this.#meet(row);
    if (record.action === 'store-restored' && record.lost === 'unknown' && this.#isSealedAsNeeded(row)) {
      this.#restored ??= { seq: row.seq, at: record.at };
    }
    if (record.action === 'audit-purged') this.#purged = { seq: record.through, hash: record.throughHash };
    this.#last = { seq: row.seq, hash: row.hash };
    this.#rows += 1;
  }

  /** Throws Broken when a row among those that were taken has a seal that nobody can judge, or none where it needs one. */
  mustBeSealed(): void {
    if (this.#seals.currentId === null) return;
    this.#mustHaveSealedPurges();
    if (this.#unvouched === null) return;
    const { seq, keyId, mayBeOurs } = this.#unvouched;
    const why = `is sealed with the key "${keyId}", which GLIR_DATA_KEYS does not hold`;
    throw mayBeOurs ? new Unknowable(seq, why, 'key') : new Broken(seq, why);
  }

  /** What there is to say behind the last row. Throws Broken. */
  end(): Verdict {
    if (this.#seals.currentId !== null) this.#mustHaveSealedPurges();
    const { seq, hash } = this.#start;
    if (this.#last !== null && (seq !== this.#purged.seq || hash !== this.#purged.hash)) {
      throw new Broken(this.#purged.seq + 1, `missing: the audit begins with row ${seq + 1}, and no purge says so`);
    }
    this.mustBeSealed();
    this.#mustHaveMetHead();
    const { seq: purgedThrough } = this.#purged;
    return { kind: 'whole', rows: this.#rows, purgedThrough, head: this.#last, unsealed: this.#unsealed };
  }

  /** The row's content, if it is one, the hash is its own, and the columns beside it say the same. */
  #recordOf({ seq, at, record: text, hash }: AuditRow): AuditRecord {
    if (hashOf(text) !== hash) throw new Broken(seq, 'was changed: its hash is another one');
    const parsed = recordSchema.safeParse(jsonOrNull(text));
    if (!parsed.success || canonical(parsed.data) !== text) {
      throw new Broken(seq, 'was not written by this GLIR: its content is of another form');
    }
    if (parsed.data.seq !== seq) throw new Broken(seq, `was moved: its content is row ${parsed.data.seq}'s`);
    if (Date.parse(parsed.data.at) !== at) throw new Broken(seq, 'was changed: its time is another one');
    return parsed.data;
  }

  /**
   * Whoever rotated the keys had the rows before checked with the older ones. Without a key GLIR serves the local chat
   * alone, so only such rows go without a seal, and only in front of the first sealed one.
   */
  #checkSeal(row: AuditRow, { action, platform }: AuditRecord): void {
    const verdict = this.#seals.check(row);
    if (verdict === 'forged') throw new Broken(row.seq, 'was not written by a GLIR with these keys: its seal is wrong');
    if (verdict === 'good') {
      this.#sealedBefore = true;
      this.#goodBefore = true;
      this.#mustHaveSealedPurges();
      if (action === 'keys-rotated') this.#unvouched = null;
      return;
    }
    this.#unsealed += 1;
    if (row.keyId !== null) {
      this.#sealedBefore = true;
      // An older key comes before ours, and what purges the audit has to be beyond doubt.
      const mayBeOurs = !this.#goodBefore && action !== 'audit-purged' && (this.#unvouched?.mayBeOurs ?? true);
      this.#unvouched = { seq: this.#unvouched?.seq ?? row.seq, keyId: this.#unvouched?.keyId ?? row.keyId, mayBeOurs };
    } else if (this.#sealedBefore || (platform !== null && platform !== 'local')) {
      throw new Broken(row.seq, 'has lost its seal, or was written by somebody without the keys');
    } else if (action === 'audit-purged') {
      this.#unsealedPurge ??= row.seq;
    }
    if (this.#sealedBefore) this.#mustHaveSealedPurges();
  }

  #mustHaveSealedPurges(): void {
    if (this.#unsealedPurge === null) return;
    throw new Broken(this.#unsealedPurge, 'says that rows were purged, and has no seal: only a sealed row may say so');
  }

  #isSealedAsNeeded(row: AuditRow): boolean {
    return this.#seals.currentId === null || this.#seals.check(row) === 'good';
  }

  #meet({ seq, hash }: AuditRow): void {
    if (this.#head === null) return;
    if (hash === this.#head.hash) this.#headSeen = true;
    else if (seq === this.#head.seq && (this.#restored === null || seq < this.#restored.seq))
      throw new Broken(seq, 'was rewritten: the given head has another hash');
  }

  #mustHaveMetHead(): void {
    if (this.#head === null || this.#headSeen) return;
    const { seq, hash } = this.#head;
    if (hash === this.#purged.hash || (seq !== null && seq <= this.#purged.seq)) return;
    const next = (this.#last?.seq ?? 0) + 1;
    if (this.#restored !== null && (seq === null || seq >= this.#restored.seq)) {
      const { seq: row, at } = this.#restored;
      const why = `tells of a backup that was restored at ${at}, without the rows that were younger. A head that was logged before that time is missing for this reason; one that was logged later, because somebody took rows away`;
      throw new Unknowable(row, why, 'time-of-head');
    }
    if (seq === null) throw new Broken(next, 'missing, or rows before it were rewritten: no row has the given hash');
    throw new Broken(next, `missing: the audit once reached row ${seq}`);
  }
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
