import type { PreparedConnection } from '../../web-shared/net/data-connection.ts';

/** The number of the one request that is made before there is a socket. */
export const EARLY_JOIN_ID = 1;

/** The join that the script in the page's head makes, see `web-receiver/head.ts`. */
export interface EarlyJoin {
  prepared: Promise<PreparedConnection | null>;
  /** What the server answered, unread. Rejects when there is no answer: then the page joins over its socket. */
  answer: Promise<unknown>;
  giveUp(): void;
}

declare global {
  var earlyJoin: EarlyJoin | undefined;
}

/** The early join, for the first caller. */
export function takeEarlyJoin(): EarlyJoin | undefined {
  const early = globalThis.earlyJoin;
  globalThis.earlyJoin = undefined;
  return early;
}
