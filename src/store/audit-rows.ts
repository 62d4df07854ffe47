/** A row's place in the chain. */
export interface Link {
  /** 1 for the first row, and one more for each that follows. */
  readonly seq: number;
  /** SHA-256 in hex. */
  readonly hash: string;
}

/** A row of the audit as it is stored. */
export interface AuditRow extends Link {
  /** Milliseconds since the Unix epoch; the record says the same. */
  readonly at: number;
  /** What happened, in the very form that was hashed. */
  readonly record: string;
  /** The key and its HMAC over the hash, in hex; null while GLIR has no key. */
  readonly keyId: string | null;
  readonly seal: string | null;
}

/**
 * The audit's rows. They can be added and read, not changed; the oldest ones can be deleted once the last row says so.
 * Every call works at once, and throws a `StoreError` when the store cannot be used.
 */
export interface AuditRows {
  /**
   * Adds the rows that `make` gives for the row that is last at that moment: no other process comes in between. Gives the
   * last of them, or null when there are none.
   */
  append(make: (last: AuditRow | null) => readonly AuditRow[]): Link | null;
  /** The row at this place; undefined when there is none, or none any more. */
  find(seq: number): AuditRow | undefined;
  last(): AuditRow | undefined;
  first(): AuditRow | undefined;
  /** The next rows behind this place, in their order, at most `limit`. */
  page(after: number, limit: number): AuditRow[];
  /** The last of the rows from the first on that are older than this time, in milliseconds; undefined when none is. */
  lastBefore(time: number): AuditRow | undefined;
  /**
   * Adds the row that says so, and deletes all up to `through`, which has to be in that row's record.
   */
  purge(through: Link, make: (last: AuditRow | null) => readonly AuditRow[]): Link | null;
}
