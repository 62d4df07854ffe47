import { FAILURE_PATH, type FailureReport } from '../../src/protocol/connection-failures.ts';

const ANSWER_MS = 3_000;

/**
 * Tells the server by HTTP what keeps this page from its socket. Gives whether the server has heard it: HTTP passes where
 * sockets do not.
 */
export async function reportFailure(origin: string, report: FailureReport): Promise<boolean> {
  try {
    const answer = await fetch(origin + FAILURE_PATH, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(report),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return answer.status === 204;
  } catch {
    return false;
  }
}
