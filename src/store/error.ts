/** What can be wrong with the store, for whoever has to decide what to do about it. */
export type StoreErrorCode =
  /** A row was encrypted with a key that `GLIR_DATA_KEYS` does not hold; the message names its id. */
  | 'missing-key'
  /** A row does not decrypt: it, or the row it was copied from, was changed outside of GLIR. */
  | 'tampered'
  /** A row does not have the form that the caller asked for. */
  | 'unreadable'
  /** The file was made by a newer GLIR. */
  | 'newer-schema'
  /** The folder or the file cannot be used. */
  | 'unusable';

/** The store cannot do what it was asked; the message says what to do next and holds none of the data. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
