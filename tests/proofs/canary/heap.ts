import { once } from 'node:events';
import process from 'node:process';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { until } from './until.ts';

/** Where Node's inspector listens once it was asked for with SIGUSR1. */
const INSPECTOR = 'http://127.0.0.1:9229';

const targetsSchema = z.tuple([z.object({ webSocketDebuggerUrl: z.string() })]);
const answerSchema = z.union([
  z.object({ id: z.int(), error: z.unknown().optional() }),
  z.object({ method: z.string(), params: z.looseObject({ chunk: z.string().optional() }) }),
]);

/**
 * What the objects of a Node process hold, after a garbage collection: a heap snapshot as text, with every string that something
 * still refers to, up to 1,024 characters of each, and no garbage. Opens the process's inspector, so it is the last thing to ask.
 */
export async function heapOf(pid: number): Promise<string> {
  process.kill(pid, 'SIGUSR1');
  const [{ webSocketDebuggerUrl }] = await until('inspector', () =>
    fetch(`${INSPECTOR}/json/list`).then(
      async (answer) => targetsSchema.parse(await answer.json()),
      () => null,
    ),
  );
  const socket = new WebSocket(webSocketDebuggerUrl, { perMessageDeflate: false });
  await once(socket, 'open');
  const chunks: string[] = [];
  const waiting = new Map<number, () => void>();
  socket.on('message', (data) => {
    const answer = answerSchema.parse(JSON.parse(String(data)));
    if ('id' in answer) waiting.get(answer.id)?.();
    else if (answer.method === 'HeapProfiler.addHeapSnapshotChunk') chunks.push(answer.params.chunk ?? '');
  });
  let id = 0;
  const ask = (method: string, params: object = {}): Promise<void> =>
    new Promise((resolve) => {
      id += 1;
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params }));
    });
  await ask('HeapProfiler.enable');
  await ask('HeapProfiler.collectGarbage');
  await ask('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  socket.terminate();
  return chunks.join('');
}
