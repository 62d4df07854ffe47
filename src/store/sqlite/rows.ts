import { z } from 'zod';
import { StoreError } from '../error.ts';

/** The row of a table that keeps JSON. */
export const dataRow = z.object({ data: z.string() });

/** Does the work now; whatever it throws becomes a rejection, SQLite's errors as StoreErrors. */
export function promised<Result>(work: () => Result): Promise<Result> {
  return new Promise((resolve, reject) => {
    try {
      resolve(work());
    } catch (error) {
      reject(asStoreError(error));
    }
  });
}

/** SQLite's own errors, in words that say what to look at; others as they are. Their messages hold no data. */
export function asStoreError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_SQLITE_ERROR') return error;
  const message = `The store cannot be used: ${error.message}. Look at the space on the disk of GLIR_DATA_DIR and the rights to it; a damaged glir.db has to be restored from a backup.`;
  return new StoreError('unusable', message, { cause: error });
}

/** A row, or anything else that was stored, in the form that the schema asks for. `what` names it in the error. */
export function fitting<Data>(schema: z.ZodType<Data>, value: unknown, what: string): Data {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  // Paths alone: a message could repeat what was stored.
  const paths = [...new Set(result.error.issues.map(({ path }) => path.join('.') || 'the whole'))].join(', ');
  throw new StoreError('unreadable', `${what} in the store cannot be read (${paths}). Save it again.`);
}

/** Stored JSON in the form that the schema asks for. */
export function fittingJson<Data>(schema: z.ZodType<Data>, text: string, what: string): Data {
  return fitting(schema, parsed(text, what), what);
}

function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new StoreError('unreadable', `${what} in the store cannot be read (no JSON). Save it again.`);
  }
}
