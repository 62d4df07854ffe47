import { PROTOCOL_VERSION } from '../../src/protocol/constants.ts';
import { Refused } from '../../src/protocol/errors.ts';
import { atMost, type PageClock } from '../../web-shared/clock.ts';
import { signallingUrl } from '../../web-shared/net/reconnect.ts';
import { Disconnected, SignallingClient } from '../../web-shared/net/signalling-client.ts';
import type { Entry } from './draft.ts';
import type { AgainProblem } from './state.ts';

/** How often it is asked when the answer does not arrive, and how long each try may take. */
const TRIES = 3;
const TRY_MS = 3_000;

/**
 * A ticket for another room of the doctor whose room `entry` is of, over a socket of its own: the room's is closed, or goes on.
 * A ticket whose answer was lost is used by nobody, and over in ten minutes.
 */
export async function anotherTicket(
  origin: string,
  clock: PageClock,
  entry: Entry,
): Promise<{ ticket: string } | { problem: AgainProblem }> {
  for (let tried = 0; tried < TRIES; tried++) {
    try {
      return await ask(origin, clock, entry);
    } catch (error) {
      if (error instanceof Refused) return { problem: problemOf(error) };
    }
  }
  return { problem: 'unreachable' };
}

async function ask(origin: string, clock: PageClock, entry: Entry): Promise<{ ticket: string }> {
  const socket = new WebSocket(signallingUrl(origin));
  try {
    const asking = SignallingClient.on(socket, clock).then((signalling) =>
      signalling.request('draft-again', { version: PROTOCOL_VERSION, ...entry }),
    );
    // Also when it fails after the time is over.
    asking.catch(() => undefined);
    const answer = await atMost(clock, TRY_MS, asking);
    if (answer === undefined) throw new Disconnected();
    return answer;
  } finally {
    socket.close();
  }
}

function problemOf({ code }: Refused): AgainProblem {
  if (code === 'too-many-notes' || code === 'too-often') return 'limited';
  return code === 'unavailable' ? 'unreachable' : 'ended';
}
