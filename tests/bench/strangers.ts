/** What somebody costs who has no link, or never comes back: over a socket, and by `POST /join`. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { PROTOCOL_VERSION } from '../../src/protocol/constants.ts';
import { joinEarly } from '../support/signalling/early-join.ts';
import type { Figure } from './figures.ts';
import { cpuMs, residentBytes } from './nodes/processes.ts';
import { startServer } from './server.ts';

const STRANGERS = 2_000;
const AT_ONCE = 20;
const WRONG = { t: 'join', id: 1, version: PROTOCOL_VERSION, roomId: 'r'.repeat(22), joinKey: 'k'.repeat(43) };
const UNLIMITED = '1000000';

/** CPU of the server for each of 2,000 strangers with a wrong link, and what is left of them in its memory. */
export async function measureStrangers(): Promise<Figure[]> {
  const limits = ['REQUESTS', 'SOCKETS', 'ENTRIES', 'WRONG_TRIES'].map((name) => [`GLIR_LIMIT_${name}`, UNLIMITED]);
  const server = await startServer({ settings: Object.fromEntries(limits) });
  const kinds = {
    'POST /join': () => joinEarly(server.url, WRONG),
    'a socket': () => overSocket(server.url),
  };
  try {
    const figures: Figure[] = [];
    for (const [how, come] of Object.entries(kinds)) {
      // The first ones make the server compile what it runs.
      await many(STRANGERS / 4, come);
      await delay(1_000);
      const [cpu, memory] = [cpuMs(server.pid), residentBytes(server.pid)];
      await many(STRANGERS, come);
      const spent = cpuMs(server.pid) - cpu;
      await delay(1_000);
      figures.push({
        name: 'stranger_join_cpu_ms',
        value: Math.round((spent / STRANGERS) * 1_000) / 1_000,
        unit: 'ms',
        how,
        runs: STRANGERS,
        leftInMemoryKilobytes: Math.round((residentBytes(server.pid) - memory) / 1024),
        what: `CPU of the server for a join with a wrong link by ${how}, the connection that it came on included.`,
      });
    }
    return figures;
  } finally {
    await server.stop();
  }
}

async function many(count: number, come: () => Promise<unknown>): Promise<void> {
  let begun = 0;
  const one = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      await come();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

async function overSocket(url: string): Promise<void> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/signal`, { origin: url });
  await once(socket, 'open');
  socket.send(JSON.stringify(WRONG));
  await once(socket, 'message');
  socket.terminate();
}
