import type { Request } from '../../src/protocol/messages.ts';
import type { PreparedConnection } from '../../web-shared/net/data-connection.ts';

/** The number of the one request that is made before there is a socket. */
export const EARLY_JOIN_ID = 1;

/** A join that is made before there is a socket: by the script in the page's head, or by a page whose socket was cut. */
export interface EarlyJoin {
  prepared: Promise<PreparedConnection | null>;
  /** What the server answered, unread. Rejects when there is no answer: then the page joins over its socket. */
  answer: Promise<unknown>;
  giveUp(): void;
}

declare global {
  var earlyJoin: EarlyJoin | undefined;
}

/** The early join of the page's head, for the first caller. */
export function takeEarlyJoin(): EarlyJoin | undefined {
  const early = globalThis.earlyJoin;
  globalThis.earlyJoin = undefined;
  return early;
}

/** Joins by a request on whatever connection the browser has to the server. Rejects when that gives no answer. */
export async function askToJoin(request: Request<'join'>, signal: AbortSignal): Promise<unknown> {
  const answer = await fetch('/join', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ t: 'join', id: EARLY_JOIN_ID, ...request }),
    signal,
  });
  if (!answer.ok) throw new Error('the server does not take joins this way');
  return answer.json();
}
