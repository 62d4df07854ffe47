/** What the log may say of an error: its name and code. A message may hold what was sent. */
export function errorFields(error: unknown): { error: string; code?: string } {
  if (!(error instanceof Error)) return { error: typeof error };
  return 'code' in error && typeof error.code === 'string'
    ? { error: error.name, code: error.code }
    : { error: error.name };
}
