import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { Peer } from '../../src/signalling/peer.ts';
import { type Glir, startGlir } from '../support/server/glir.ts';
import { frame, handshake, type RawConnection, rawConnection } from '../support/server/raw-connection.ts';
import { SOON } from '../support/server/soon.ts';
import { rawClient } from '../support/signalling/client.ts';
import { closeAllPages, composer, keepOpen, reader } from '../support/signalling/wrtc.ts';

let glir: Glir;
beforeAll(async () => {
  glir = await startGlir();
});
afterAll(async () => {
  closeAllPages();
  await glir.stop();
});

const open = () => new Promise<number>((resolve) => glir.app.server.getConnections((_error, count) => resolve(count)));

describe('a connection', () => {
  /** Node's web server looks every two seconds for those that are late. */
  const CHECK_MS = 2_000;
  const BUSY_MS = 3_000;
  let hasty: Glir;
  beforeAll(async () => {
    hasty = await startGlir();
    const { server } = hasty.app;
    const { headersTimeout, requestTimeout, keepAliveTimeout } = server;
    expect({ headersTimeout, requestTimeout, keepAliveTimeout }).toEqual({
      headersTimeout: 8_000,
      requestTimeout: 15_000,
      keepAliveTimeout: 5_000,
    });
    // The rest goes by a tenth of these times.
    server.headersTimeout = headersTimeout / 10;
    server.requestTimeout = requestTimeout / 10;
    server.keepAliveTimeout = keepAliveTimeout / 10;
  });
  afterAll(() => hasty.stop());

  it.concurrent.each<[string, (connection: RawConnection) => void, number]>([
    ['sends nothing', () => undefined, 800],
    ['sends half of its headers', ({ send }) => send('GET / HTTP/1.1\r\nHost: x\r\n'), 800],
    ['sends its headers bit by bit', (connection) => slowly(connection, 'X: y\r\n', 'GET / HTTP/1.1\r\n'), 800],
    ['never finishes the handshake of a socket', ({ send }) => send(handshake(hasty.url).slice(0, -2)), 800],
    ['promises a body and sends none', ({ send }) => send(post('Content-Length: 20', '', hasty.url)), 1_500],
    [
      'sends a body byte by byte',
      (connection) => slowly(connection, '1\r\n \r\n', post('Transfer-Encoding: chunked', '', hasty.url)),
      1_500,
    ],
    [
      'has got its answer and asks for nothing more',
      ({ send }) => send('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'),
      500,
    ],
  ])('that %s is closed in time', async (_what, act, limit) => {
    const connection = await rawConnection(hasty.url);
    act(connection);
    expect(await connection.closed).toBeLessThan(limit + CHECK_MS + BUSY_MS);
    connection.socket.destroy();
  });
});

function post(header: string, body: string, url = glir.url): string {
  return `POST /local/command HTTP/1.1\r\nHost: ${new URL(url).host}\r\nOrigin: ${url}\r\nContent-Type: application/json\r\n${header}\r\n\r\n${body}`;
}

function slowly({ send, socket }: RawConnection, piece: string, first: string): void {
  send(first);
  const timer = setInterval(() => send(piece), 50);
  socket.once('end', () => clearInterval(timer));
  socket.once('close', () => clearInterval(timer));
}

describe('a request', () => {
  const statusOf = async (request: string): Promise<string | undefined> => {
    const connection = await rawConnection(glir.url);
    connection.send(request);
    const [, status] = await connection.comes(/^HTTP\/1\.1 (\d+)/);
    connection.socket.destroy();
    return status;
  };
  const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;

  it.each([
    ['an address over 4 KiB', () => get(`/n/${'x'.repeat(4_100)}`), '414'],
    ['an address over 16 KiB', () => get(`/${'x'.repeat(17_000)}`), '431'],
    ['a header over 16 KiB', () => get('/', `X: ${'x'.repeat(17_000)}\r\n`), '431'],
    ['headers over 16 KiB altogether', () => get('/', `X: ${'x'.repeat(1_000)}\r\n`.repeat(17)), '431'],
    ['a body over 32 KiB', () => post('Content-Length: 40000', ' '.repeat(40_000)), '413'],
    [
      'a body over 32 KiB in pieces',
      () => post('Transfer-Encoding: chunked', `9c40\r\n${' '.repeat(40_000)}\r\n0\r\n\r\n`),
      '413',
    ],
    ['two lengths', () => post('Content-Length: 5\r\nContent-Length: 6', '{}   '), '400'],
    ['a length and pieces', () => post('Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n'), '400'],
    ['more than a hundred headers', () => get('/', 'X: y\r\n'.repeat(101)), '431'],
    ['a tunnel in mind', () => 'CONNECT 10.0.0.1:22 HTTP/1.1\r\nHost: x\r\n\r\n', '405'],
  ])('with %s is refused', async (_what, request, status) => {
    expect(await statusOf(request())).toBe(status);
  });
});

describe('a signalling socket', () => {
  async function upgraded(headers = ''): Promise<RawConnection> {
    const connection = await rawConnection(glir.url);
    connection.send(handshake(glir.url, headers));
    await connection.comes(/^HTTP\/1\.1 101[\s\S]*?\r\n\r\n/);
    return connection;
  }
  /** The code of the closing frame (RFC 6455, section 5.5.1). */
  async function closeCode(connection: RawConnection): Promise<number> {
    const [, high = '', low = ''] = await connection.comes(/\r\n\r\n[\s\S]*\x88[^\x80-\xff]([\s\S])([\s\S])/);
    connection.socket.destroy();
    return high.charCodeAt(0) * 256 + low.charCodeAt(0);
  }

  it('is closed when a message comes in too many pieces', async () => {
    const connection = await upgraded();
    connection.send(frame(0x01, '{'));
    for (let piece = 0; piece < 300; piece++) connection.send(frame(0x00, ' '));
    expect(await closeCode(connection)).toBe(1008);
  });

  it('is closed when a message is too large in pieces', async () => {
    const connection = await upgraded();
    connection.send(frame(0x01, '{'));
    for (let piece = 0; piece < 3; piece++) connection.send(frame(0x00, ' '.repeat(30_000)));
    expect(await closeCode(connection)).toBe(1009);
  });

  it('is closed when it announces more than it may send, before any of it has come', async () => {
    const connection = await upgraded();
    connection.send(Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0]));
    expect(await closeCode(connection)).toBe(1009);
  });

  it('never agrees to compression, and is closed when a message is compressed all the same', async () => {
    const connection = await upgraded('Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n');
    expect(connection.text()).not.toMatch(/extensions/i);
    connection.send(frame(0xc1, '{}'));
    expect(await closeCode(connection)).toBe(1002);
  });

  it('is closed when it pings or answers without end', async () => {
    for (const bits of [0x89, 0x8a]) {
      const connection = await upgraded();
      for (let sent = 0; sent < 150; sent++) connection.send(frame(bits, 'x'));
      expect(await closeCode(connection)).toBe(1008);
    }
  });

  it('is answered when it pings', async () => {
    const connection = await upgraded();
    connection.send(frame(0x89, 'here?'));
    await connection.comes(/\x8a.here\?/);
    connection.socket.destroy();
  });

  it('is gone after it was refused, although the other side keeps its half open', async () => {
    await expect.poll(open, SOON).toBe(0);
    const connection = await rawConnection(glir.url);
    connection.send(handshake('https://evil.example'));
    await connection.comes(/^HTTP\/1\.1 403/);
    await expect.poll(open, SOON).toBe(0);
    connection.socket.destroy();
  });

  it('is closed after half a minute when it never says whose it is; a doctor’s and a patient’s stay', async () => {
    const doctor = await composer(glir.url, { command: '/glir 24h' });
    const patient = await reader(await doctor.share({ admission: 'link' }));
    keepOpen(doctor);
    keepOpen(patient);
    const stranger = await rawClient(glir.url);
    let code: number | null = null;
    void stranger.closed.then((closed) => {
      code = closed;
    });
    for (let beat = 0; beat < 12; beat++) {
      // An answer shows that everybody has heard the beat before and answered it.
      for (const { client } of [doctor, patient]) await client.ask({ t: 'restart-ice', id: 1_000 + beat });
      if (code === null && beat < 10) await stranger.ask({ t: 'end', id: 1 + beat, reason: 'revoked' });
      glir.clock.advance(3_000);
    }
    expect(await stranger.closed).toBe(1008);
    await doctor.client.ask({ t: 'restart-ice', id: 2_000 });
    await patient.client.ask({ t: 'restart-ice', id: 2_000 });
    doctor.close();
    patient.close();
  });

  it('that is written to and never reads is cut off before much waits for it', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const client = new WebSocket(`ws://127.0.0.1:${address.port}`);
    const [[socket]] = await Promise.all([once(server, 'connection'), once(client, 'open')]);
    if (!(socket instanceof WebSocket)) throw new TypeError('no socket');
    client.pause();
    const peer = new Peer(socket, 'somewhere');
    let most = 0;
    for (let told = 0; told < 10_000 && socket.readyState === WebSocket.OPEN; told++) {
      peer.send({ t: 'sealed', ciphertext: 'b'.repeat(10_000) });
      most = Math.max(most, socket.bufferedAmount);
      if (told % 20 === 0) await new Promise(setImmediate);
    }
    expect(socket.readyState).not.toBe(WebSocket.OPEN);
    expect(most).toBeLessThan(1.1 * 1024 * 1024);
    client.terminate();
    server.close();
  });
});

describe('the origin of a signalling socket', () => {
  const { port } = { port: () => new URL(glir.url).port };
  it.each<[string, () => string | null]>([
    ['missing', () => null],
    ['empty', () => ''],
    ['null', () => 'null'],
    ['of another port', () => `http://localhost:${Number(port()) + 1}`],
    ['without the port', () => 'http://localhost'],
    ['of another scheme', () => `https://localhost:${port()}`],
    ['a socket’s', () => `ws://localhost:${port()}`],
    ['another host behind ours', () => `http://localhost:${port()}.evil.example`],
    ['ours as a user of another host', () => `http://localhost:${port()}@evil.example`],
    ['ours with a user', () => `http://evil@evil.example:${port()}`],
    ['a subdomain', () => `http://evil.localhost.example:${port()}`],
    ['two', () => `http://evil.example, http://localhost:${port()}`],
    ['an address of this machine that is not loopback', () => `http://0.0.0.0:${port()}`],
    ['a file', () => 'file://'],
  ])('is refused when it is %s', async (_what, origin) => {
    const connection = await rawConnection(glir.url);
    const given = origin();
    connection.send(handshake('ORIGIN').replace('Origin: ORIGIN\r\n', given === null ? '' : `Origin: ${given}\r\n`));
    await connection.comes(/^HTTP\/1\.1 403/);
    connection.socket.destroy();
  });
});
