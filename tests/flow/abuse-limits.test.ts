import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Glir, startGlir } from '../support/server/glir.ts';
import { type RawConnection, rawConnection } from '../support/server/raw-connection.ts';
import { type RawClient, rawClient } from '../support/signalling/client.ts';
import { isRefused, joinMessage } from '../support/signalling/raw.ts';
import { closeAllPages, composer, reader, ticketFor } from '../support/signalling/wrtc.ts';

const KEY = 'k'.repeat(43);
const ROOM = 'r'.repeat(22);
const HOME = '127.0.0.2';
const running: Glir[] = [];

async function glirWith(env: NodeJS.ProcessEnv): Promise<Glir> {
  const glir = await startGlir(env);
  running.push(glir);
  return glir;
}
afterEach(async () => {
  closeAllPages();
  for (const glir of running.splice(0)) await glir.stop();
});

/** A request from an address, each over a connection of its own. */
async function ask(
  glir: Glir,
  from: string,
  path = '/robots.txt',
  headers: Record<string, string> = {},
  method = 'GET',
) {
  const { port } = new URL(glir.url);
  const asked = request({ host: '127.0.0.1', port, path, headers, method, localAddress: from, agent: false }).end();
  const [answer]: IncomingMessage[] = await once(asked, 'response');
  if (answer === undefined) throw new Error('no answer');
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return { status: answer.statusCode, headers: answer.headers, text: Buffer.concat(chunks).toString() };
}

/** Tries to open a signalling socket from an address: the status of the refusal, and null when it is open. */
function knocksAt(glir: Glir, from: string, headers: Record<string, string> = {}): Promise<number | null> {
  const url = `${glir.url.replace('http', 'ws')}/signal`;
  const socket = new WebSocket(url, { origin: glir.url, localAddress: from, headers });
  return new Promise((resolve) => {
    socket.once('open', () => resolve(null));
    socket.once('unexpected-response', (_request, answer) => resolve(answer.statusCode ?? 0));
    socket.on('error', () => resolve(-1));
  });
}

/** Opens a signalling socket from an address, which says nothing. */
async function silentSocket(glir: Glir, from: string, headers: Record<string, string> = {}): Promise<WebSocket> {
  const url = `${glir.url.replace('http', 'ws')}/signal`;
  const socket = new WebSocket(url, { origin: glir.url, localAddress: from, headers });
  socket.on('error', () => undefined);
  await once(socket, 'open');
  return socket;
}

function times<Result>(count: number, one: () => Promise<Result>): Promise<Result[]> {
  return Promise.all(Array.from({ length: count }, one));
}

describe('an address that asks too often', () => {
  it('gets 429 and when to come again, while others are answered', async () => {
    const glir = await glirWith({ GLIR_LIMIT_REQUESTS: '10' });
    await times(10, () => ask(glir, HOME));
    const { status, headers, text } = await ask(glir, HOME);
    expect(status).toBe(429);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(JSON.parse(text)).toMatchObject({ error: 'too-often', next: expect.stringMatching(/^Wait \d+ s, then/) });
    expect(headers).toMatchObject({
      connection: 'close',
      'cache-control': 'no-store, no-transform',
      'x-frame-options': 'DENY',
    });
    expect(await knocksAt(glir, HOME)).toBe(429);
    expect((await ask(glir, '127.0.0.3')).status).toBe(200);
    expect(await knocksAt(glir, '127.0.0.3')).toBeNull();
  });

  it('is shown a page that says so, where it wanted a page', async () => {
    const glir = await glirWith({ GLIR_LIMIT_REQUESTS: '2' });
    await times(2, () => ask(glir, HOME));
    const { status, headers, text } = await ask(glir, HOME, `/n/${ROOM}`, { accept: 'text/html,*/*;q=0.8' });
    expect(status).toBe(429);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(text).toContain('Wait a minute, then open the link again.');
  });

  it('is told in the local chat as well', async () => {
    const glir = await glirWith({ GLIR_LIMIT_REQUESTS: '1' });
    await ask(glir, HOME);
    const { text } = await ask(glir, HOME, '/local/command', { origin: glir.url }, 'POST');
    expect(JSON.parse(text).messages).toEqual([{ kind: 'error', next: expect.stringMatching(/^Wait \d+ s/) }]);
  });

  it('is not answered at all any more when it goes on and on, until its time is over', async () => {
    const glir = await glirWith({ GLIR_LIMIT_REQUESTS: '10' });
    for (let asked = 0; asked < 20; asked++) await ask(glir, HOME);
    await expect(ask(glir, HOME)).rejects.toThrow();
    expect((await ask(glir, '127.0.0.3')).status).toBe(200);
    glir.clock.advance(61_000);
    // The library's own time has not come yet, so it is told again.
    expect((await ask(glir, HOME)).status).toBe(429);
    const events = glir.log.flatMap((line) => /"event":"(limited|shut-out)"/.exec(line)?.[1] ?? []);
    expect(events).toEqual(['limited', 'shut-out', 'shut-out']);
    expect(glir.log.join('')).not.toContain(HOME);
  });

  it('keeps what it has open: a note is read on', async () => {
    const glir = await glirWith({ GLIR_LIMIT_REQUESTS: '60' });
    const doctor = await composer(glir.url, { command: '/glir' });
    const patient = await reader(await doctor.share({ admission: 'link' }));
    await times(100, () => ask(glir, '127.0.0.1').catch(() => undefined));
    await expect(ask(glir, '127.0.0.1').then(({ status }) => status)).resolves.toBe(429);
    await patient.tap();
    await doctor.send(await doctor.knock(), 'all the same');
    expect(await patient.note()).toMatchObject({ note: { text: 'all the same' } });
  });

  it('may probe as often as it likes, so that nobody stops a healthy server', async () => {
    const glir = await glirWith({ GLIR_LIMIT_REQUESTS: '3' });
    const probes = ['/livez', '/readyz', '/healthz'];
    const answers = await times(5, () => Promise.all(probes.map((path) => ask(glir, HOME, path))));
    expect(new Set(answers.flat().map(({ status }) => status))).toEqual(new Set([200]));
    expect((await ask(glir, HOME)).status).toBe(200);
  });

  it('cannot be another one by a header', async () => {
    const glir = await glirWith({ GLIR_LIMIT_REQUESTS: '10' });
    const answers = await times(20, () =>
      ask(glir, HOME, '/robots.txt', { 'x-forwarded-for': `10.0.0.${Math.ceil(performance.now()) % 250}` }),
    );
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(10);
    expect(await knocksAt(glir, '127.0.0.3', { 'x-forwarded-for': HOME })).toBeNull();
  });

  it('is the client’s behind a proxy, for pages and for sockets', async () => {
    const glir = await glirWith({ GLIR_LIMIT_REQUESTS: '10', GLIR_TRUST_PROXY: '1' });
    const by = (client: string) => ({ 'x-forwarded-for': client });
    await times(5, () => ask(glir, HOME, '/robots.txt', by('198.51.100.1')));
    for (let opened = 0; opened < 5; opened++) expect(await knocksAt(glir, HOME, by('198.51.100.1'))).toBeNull();
    expect(await knocksAt(glir, HOME, by('198.51.100.1'))).toBe(429);
    expect(await knocksAt(glir, HOME, by('203.0.113.7, 198.51.100.1'))).toBe(429);
    expect((await ask(glir, HOME, '/robots.txt', by('203.0.113.7, 198.51.100.1'))).status).toBe(429);
    expect(await knocksAt(glir, HOME, by('198.51.100.1, 203.0.113.7'))).toBeNull();
    expect((await ask(glir, HOME, '/robots.txt', by('2001:db8::1'))).status).toBe(200);
  });
});

describe('sockets of one address', () => {
  it('of which nobody knows whose they are have a quarter of the places: the oldest of the most crowded network goes', async () => {
    const glir = await glirWith({ GLIR_LIMIT_SOCKETS: '12' });
    const other = await silentSocket(glir, '127.1.0.1');
    const own = [await silentSocket(glir, HOME), await silentSocket(glir, HOME), await silentSocket(glir, HOME)];
    const open = () => [other, ...own].map(({ readyState }) => readyState === WebSocket.OPEN);
    await expect.poll(open, { timeout: 10_000 }).toEqual([true, false, true, true]);
    for (let beat = 0; beat < 12; beat++) glir.clock.advance(3_000);
    await expect.poll(open, { timeout: 10_000 }).toEqual([false, false, false, false]);
  });

  it('count all of them, also those that are somebody’s', async () => {
    const glir = await glirWith({ GLIR_LIMIT_SOCKETS: '8' });
    const doctors: RawClient[] = [];
    for (let opened = 0; opened < 8; opened++) {
      const doctor = await rawClient(glir.url);
      doctors.push(doctor);
      const ticket = await ticketFor(glir.url);
      expect(await doctor.ask({ t: 'compose', id: 1, version: 1, ticket })).toMatchObject({ t: 'reply' });
    }
    expect(await knocksAt(glir, '127.0.0.1')).toBe(429);
    expect(await knocksAt(glir, HOME)).toBeNull();
    doctors[0]?.close();
    await expect.poll(() => knocksAt(glir, '127.0.0.1'), { timeout: 10_000 }).toBeNull();
  });
});

describe('connections of one address that ask for nothing', () => {
  it('are a quarter as many as sockets; a socket is not among them', async () => {
    const glir = await glirWith({ GLIR_LIMIT_SOCKETS: '12' });
    for (let opened = 0; opened < 2; opened++) expect(await knocksAt(glir, HOME)).toBeNull();
    const idle: RawConnection[] = [];
    for (let opened = 0; opened < 4; opened++) idle.push(await rawConnection(glir.url, HOME));
    // The first one is dropped as soon as there is another; the others wait for their first request.
    expect(await idle[0]?.closed).toBeLessThan(5_000);
    idle[3]?.send('GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n');
    await idle[3]?.comes(/^HTTP\/1\.1 200/);
    expect((await ask(glir, '127.0.0.3')).status).toBe(200);
    expect(await knocksAt(glir, HOME)).toBeNull();
    for (const { socket } of idle) socket.destroy();
  });
});

describe('notes that are entered from one address', () => {
  it('are so many in a minute; the page is told with its own question’s id', async () => {
    const glir = await glirWith({ GLIR_LIMIT_ENTRIES: '4' });
    const doctor = await composer(glir.url, { command: '/glir' });
    const link = await doctor.share({ admission: 'link' });
    for (let joined = 0; joined < 3; joined++) await reader(link);
    const client = await rawClient(glir.url);
    await isRefused(client, await joinMessage(link), 'too-often');
    await isRefused(client, { t: 'compose', id: 2, version: 1, ticket: KEY }, 'too-often');
    client.close();
  });
});

describe('somebody who guesses', () => {
  const guesses: Record<string, unknown>[] = [
    { t: 'join', id: 1, version: 1, roomId: ROOM, joinKey: KEY },
    { t: 'compose', id: 1, version: 1, ticket: KEY },
    { t: 'resume', id: 1, version: 1, ownerToken: 'x.y' },
  ];

  it('is no longer told what was wrong, and loses the socket; whoever holds the link still gets in', async () => {
    const glir = await glirWith({ GLIR_LIMIT_WRONG_TRIES: '3' });
    const doctor = await composer(glir.url, { command: '/glir' });
    const link = await doctor.share({ admission: 'link' });
    const wrongKey = await joinMessage(link, { joinKey: KEY });
    const one = await rawClient(glir.url);
    await isRefused(one, wrongKey, 'wrong-key');
    await isRefused(one, { ...wrongKey, roomId: ROOM }, 'unknown-room');
    await isRefused(one, { t: 'compose', id: 1, version: 1, ticket: KEY }, 'unknown-ticket');
    for (const guess of [wrongKey, ...guesses]) {
      const client = await rawClient(glir.url);
      await isRefused(client, guess, 'too-often');
      expect(await client.closed).toBe(1008);
    }
    const patient = await reader(link);
    await patient.tap();
    one.close();
  });
});

it('messages of somebody who never says whose socket it is count as requests', async () => {
  const glir = await glirWith({ GLIR_LIMIT_REQUESTS: '20' });
  const client = await rawClient(glir.url);
  for (let sent = 0; sent < 30; sent++) client.sendRaw('{}');
  expect(await client.closed).toBe(1008);
  const codes = client.received.flatMap((message) => (message.t === 'refused' ? [message.code] : []));
  expect(codes.filter((code) => code === 'bad-message')).toHaveLength(19);
  expect(codes.at(-1)).toBe('too-often');
});
