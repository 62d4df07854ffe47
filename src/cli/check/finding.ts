import type { Config } from '../../config/config.ts';

/** What is looked at, in the order of the table. */
export const CHECKS = [
  'settings',
  'worker',
  'data port',
  'announced addresses',
  'public address',
  'certificate',
  'websocket',
  'proxies',
  'store',
  'disk',
  'clock',
  'turn',
  'slack',
  'teams',
  'outgoing proxy',
] as const;
export type CheckName = (typeof CHECKS)[number];

/** What was found. `skipped`: not set up here, or nothing to look at. Holds no secret. */
export interface Finding {
  readonly check: CheckName;
  readonly status: 'ok' | 'warning' | 'problem' | 'skipped';
  readonly says: string;
  /** What to do. */
  readonly next?: string;
}

/** What the checks work with; a test puts a broken set-up in its place. */
export interface Setup {
  readonly config: Config;
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** Bytes that this user may still write where a folder is. */
  readonly freeBytes: (folder: string) => number;
  /** How long a socket is held through the proxies, in milliseconds. */
  readonly holdMs: number;
}

/** Looks at one part of a set-up. What it throws becomes a problem. */
export type Check = (setup: Setup) => Promise<Finding[]> | Finding[];

export const ok = (check: CheckName, says: string): Finding => ({ check, status: 'ok', says });
export const skipped = (check: CheckName, says: string): Finding => ({ check, status: 'skipped', says });
export const warning = (check: CheckName, says: string, next: string): Finding => ({
  check,
  status: 'warning',
  says,
  next,
});
export const problem = (check: CheckName, says: string, next: string): Finding => ({
  check,
  status: 'problem',
  says,
  next,
});

/** An error's code (of Node, or of the cause that `fetch` gives), otherwise its message. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  if (error.cause !== undefined) return reasonOf(error.cause);
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
