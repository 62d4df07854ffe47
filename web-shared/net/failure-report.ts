import { FAILURE_PATH, type FailureReport } from '../../src/protocol/connection-failures.ts';

const ANSWER_MS = 3_000;

/** What becomes of a report; `wrong-address`: the server answers, and belongs to another address than this page's. */
type Heard = 'heard' | 'wrong-address' | 'unheard';

/**
 * Tells the server by HTTP what keeps this page from its socket. Gives whether the server has heard it: HTTP passes where
 * sockets do not.
 */
export async function reportFailure(origin: string, report: FailureReport): Promise<Heard> {
  try {
    const answer = await fetch(origin + FAILURE_PATH, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(report),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (answer.status === 204) return 'heard';
    return answer.status === 403 ? 'wrong-address' : 'unheard';
  } catch {
    return 'unheard';
  }
}
