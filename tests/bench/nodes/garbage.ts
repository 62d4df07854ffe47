import { once } from 'node:events';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { z } from 'zod';

const PATIENCE_MS = 20_000;
const TRY_MS = 100;

const targetsSchema = z.tuple([z.object({ webSocketDebuggerUrl: z.string() })]);

/**
 * Has a Node process throw away what nothing refers to any more, by its inspector, so that its memory is what it holds and not
 * what it has left lying about.
 *
 * @param port where its inspector listens once it was asked for (`--inspect-port`)
 */
export async function collectGarbage(pid: number, port: number): Promise<void> {
  process.kill(pid, 'SIGUSR1');
  const socket = new WebSocket(await inspectorAt(port), { perMessageDeflate: false });
  await once(socket, 'open');
  socket.send(JSON.stringify({ id: 1, method: 'HeapProfiler.collectGarbage' }));
  await once(socket, 'message');
  socket.terminate();
}

async function inspectorAt(port: number): Promise<string> {
  const late = performance.now() + PATIENCE_MS;
  while (performance.now() < late) {
    const answer = await fetch(`http://127.0.0.1:${port}/json/list`).catch(() => null);
    if (answer !== null) return targetsSchema.parse(await answer.json())[0].webSocketDebuggerUrl;
    await delay(TRY_MS);
  }
  throw new Error('the inspector does not answer');
}
