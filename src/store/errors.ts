import type { z } from 'zod';

/** What can be wrong with the store, for whoever has to decide what to do about it. */
export type StoreErrorCode =
  /** A row was encrypted with a key that `GLIR_DATA_KEYS` does not hold; the message names its id. */
  | 'missing-key'
  /** A row does not decrypt: it, or the row it was copied from, was changed outside of GLIR. */
  | 'tampered'
  /** A row does not have the form that the caller asked for. */
  | 'unreadable'
  /** The database was made by a newer GLIR. */
  | 'newer-schema'
  /** Another server runs on the same folder or database. */
  | 'in-use'
  /** The folder, the file or PostgreSQL cannot be used. */
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

/** SQLite's own errors, in words that say what to look at; others as they are. Their messages hold no data. */
export function asStoreError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_SQLITE_ERROR') return error;
  const message = `The store cannot be used: ${error.message}. Look at the space on the disk of GLIR_DATA_DIR and the rights to it; a damaged glir.db has to be restored from a backup (npm run glir -- restore FILE).`;
  return new StoreError('unusable', message, { cause: error });
}

/**
 * A row, or anything else that was stored, in the form that the schema asks for. `what` names it in the error.
 *
 * @throws StoreError `unreadable`
 */
export function parseStored<Data>(schema: z.ZodType<Data>, value: unknown, what: string): Data {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  // Paths alone: a message could repeat what was stored.
  const paths = [...new Set(result.error.issues.map(({ path }) => path.join('.') || 'the whole'))].join(', ');
  throw new StoreError('unreadable', `${what} in the store cannot be read (${paths}). Save it again.`);
}

/** Like `parseStored`, of JSON. */
export function parseStoredJson<Data>(schema: z.ZodType<Data>, text: string, what: string): Data {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new StoreError('unreadable', `${what} in the store cannot be read (no JSON). Save it again.`);
  }
  return parseStored(schema, value, what);
}
