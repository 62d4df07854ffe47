import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { App } from '@slack/bolt';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SocketMode } from '../../../bots/slack/connection/socket-mode.ts';
import { Secret } from '../../../src/config/secret.ts';
import { NO_METRICS } from '../../../src/metrics/metrics.ts';
import { runningClock } from '../../support/server/movable-clock.ts';
import { SOON } from '../../support/server/soon.ts';
import { APP_TOKEN, type SlackSockets, say, startSlackSockets } from '../../support/slack/socket-server.ts';

let sockets: SlackSockets;
let api: Server;
let socketMode: SocketMode;
let processed: unknown[];
let answer: () => Promise<void>;

beforeEach(async () => {
  sockets = await startSlackSockets();
  api = createServer((request, response) => {
    const token = (request.headers.authorization ?? '').replace('Bearer ', '');
    const path = request.url ?? '';
    const got = sockets.instead({ path, token, body: '', fields: {}, answer: '' });
    response.writeHead(got?.status ?? 404, got?.headers).end(got?.body);
  }).listen(0, '127.0.0.1');
  await once(api, 'listening');
  const { port } = api.address() as AddressInfo;
  socketMode = new SocketMode({
    appToken: new Secret(APP_TOKEN),
    apiUrl: `http://127.0.0.1:${port}`,
    clock: runningClock(),
    log: pino({ level: 'silent' }),
    metrics: NO_METRICS,
  });
  processed = [];
  answer = () => Promise.resolve();
  const app: Pick<App, 'processEvent'> = {
    async processEvent({ body, ack }) {
      processed.push(body);
      await answer();
      await ack({ text: 'done' });
    },
  };
  socketMode.init(app as App);
});
afterEach(async () => {
  await socketMode.stop();
  await sockets.close();
  api.closeAllConnections();
  await new Promise((resolve) => api.close(resolve));
});

const isConnected = () => socketMode.isConnected();
function command(id: string): void {
  for (const socket of sockets.open()) {
    say(socket, { type: 'slash_commands', envelope_id: id, payload: { command: '/glir' } });
  }
}

it('is started and stopped as often as one likes, and holds one connection at most', async () => {
  expect(isConnected()).toBeNull();
  for (let round = 1; round <= 3; round += 1) {
    await Promise.all([socketMode.start(), socketMode.start()]);
    await expect.poll(isConnected, SOON).toBe(true);
    expect(sockets.count()).toBe(round);
    await Promise.all([socketMode.stop(), socketMode.stop()]);
    expect(isConnected()).toBeNull();
    await expect.poll(() => sockets.open().length, SOON).toBe(0);
  }
});

it('a stop while it connects leaves nothing behind', async () => {
  await socketMode.start();
  await socketMode.stop();
  await socketMode.start();
  await expect.poll(isConnected, SOON).toBe(true);
  expect(sockets.open()).toHaveLength(1);
});

it('a stop waits for what is being answered, and takes nothing new', async () => {
  await socketMode.start();
  await expect.poll(isConnected, SOON).toBe(true);
  let finish = (): void => undefined;
  answer = () => new Promise((resolve) => (finish = resolve));
  command('e1');
  await expect.poll(() => processed.length, SOON).toBe(1);
  const stopped = socketMode.stop();
  command('e2');
  await new Promise((resolve) => setTimeout(resolve, 100));
  finish();
  await stopped;
  await expect.poll(() => sockets.answers, SOON).toEqual([{ envelope_id: 'e1', payload: { text: 'done' } }]);
  expect(processed).toHaveLength(1);
});
