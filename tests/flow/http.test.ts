import { once } from 'node:events';
import { get, type IncomingMessage, request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/app.ts';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load.ts';
import { readPages } from '../../src/http/pages.ts';
import { freePort, type Glir, startGlir } from '../support/glir.ts';

let glir: Glir;
beforeAll(async () => {
  glir = await startGlir();
});
afterAll(() => glir.stop());

/** Asks as written, without fetch's own tidying of the path and the encoding. */
async function raw(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const { port } = new URL(glir.url);
  const asked = request({ host: '127.0.0.1', port, path, method, headers }).end();
  const [answer]: [IncomingMessage] = await once(asked, 'response').then(([first]) => [first]);
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return { status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) };
}

const PAGES = ['/', '/compose', '/n/abcdefghijklmnopqrstuv'];
const ROUTES: [string, string, number][] = [
  ...PAGES.map((path): [string, string, number] => ['GET', path, 200]),
  ['HEAD', '/compose', 200],
  ['GET', '/healthz', 200],
  ['GET', '/favicon.svg', 200],
  ['GET', '/robots.txt', 200],
  ['GET', '/nowhere', 404],
  ['GET', '/n', 404],
  ['GET', '/n/a/b', 404],
  ['GET', '/compose/x', 404],
  ['GET', '/../src/main.ts', 404],
  ['GET', '/%2e%2e/package.json', 404],
  ['GET', '/.env', 404],
  ['GET', '/signal', 404],
  ['GET', '/n/%E0%A4%A', 400],
  ['GET', '/%', 404],
  ['POST', '/compose', 404],
  ['DELETE', '/n/abcdefghijklmnopqrstuv', 404],
  ['OPTIONS', '/nowhere', 404],
  ['GET', '/local/command', 404],
  ['POST', '/local/command', 403],
];

describe('every answer', () => {
  it.each(ROUTES)('%s %s tells browsers to keep, frame and reveal nothing', async (method, path, status) => {
    const { headers, status: given } = await raw(path, {}, method);
    expect(given).toBe(status);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
      'x-robots-tag': 'noindex, nofollow, noarchive',
    });
    expect(headers['permissions-policy']).toMatch(/camera=\(\).*microphone=\(\)/);
    expect(headers['content-security-policy']).toMatch(/default-src 'none'/);
    expect(headers['content-security-policy']).toMatch(/frame-ancestors 'none'/);
    expect(headers['content-security-policy']).not.toMatch(/unsafe|\*/);
    for (const name of ['x-powered-by', 'server', 'etag', 'set-cookie', 'last-modified']) {
      expect(headers, name).not.toHaveProperty(name);
    }
  });

  it.each([
    ['/nowhere', 'not-found'],
    ['/n/%E0%A4%A', 'bad-request'],
  ])('to %s says in JSON what went wrong and what to do, without the address', async (path, error) => {
    const { headers, body } = await raw(`${path}?MARKER`);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    const answer = JSON.parse(body.toString());
    expect(answer).toEqual({ error, next: expect.stringMatching(/^[A-Z].+\.$/) });
    expect(body.toString()).not.toContain('MARKER');
  });

  it('runs the scripts and styles of its own page only, by their hashes', async () => {
    for (const path of PAGES) {
      const policy = String((await raw(path)).headers['content-security-policy']);
      const directive = (name: string) => new RegExp(`(?:^|; )${name} ([^;]*)`).exec(policy)?.[1];
      expect(directive('script-src')).toMatch(/^('sha256-[A-Za-z0-9+/]{43}=' ?)+$/);
      expect(directive('style-src')).toMatch(/^('sha256-[A-Za-z0-9+/]{43}=' ?)+$/);
      expect(directive('connect-src')).toBe(`'self' ${glir.url.replace('http', 'ws')}`);
      expect(directive('require-trusted-types-for')).toBe("'script'");
    }
  });
});

describe('a page', () => {
  it.each(PAGES)('%s is the same bytes in every encoding, and smaller when compressed', async (path) => {
    const plain = await raw(path, { 'accept-encoding': 'identity' });
    const gzip = await raw(path, { 'accept-encoding': 'gzip' });
    const br = await raw(path, { 'accept-encoding': 'gzip, deflate, br' });
    expect(plain.headers).not.toHaveProperty('content-encoding');
    expect(gzip.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
    expect(br.headers).toMatchObject({ 'content-encoding': 'br', vary: 'Accept-Encoding' });
    expect(plain.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(plain.body.toString()).toMatch(/^<!doctype html>/i);
    expect(gunzipSync(gzip.body).equals(plain.body)).toBe(true);
    expect(brotliDecompressSync(br.body).equals(plain.body)).toBe(true);
    expect(br.body.length).toBeLessThan(gzip.body.length);
    expect(gzip.body.length).toBeLessThan(plain.body.length);
  });

  it('comes plain to whoever asks for nothing, or for what there is not', async () => {
    for (const headers of [{}, { 'accept-encoding': 'zstd' }, { 'accept-encoding': '*;q=0' }]) {
      expect((await raw('/compose', headers)).headers).not.toHaveProperty('content-encoding');
    }
  });

  it('of a note is the same for every room: a scanner learns nothing from it', async () => {
    const [one, two] = [await raw('/n/abcdefghijklmnopqrstuv'), await raw('/n/x')];
    expect(one.body.equals(two.body)).toBe(true);
  });
});

describe('/healthz', () => {
  it('says 503 before the workers run and 200 from then on', async () => {
    const [port, rtcPort] = [await freePort(), await freePort()];
    const config = loadConfig(
      {
        PORT: String(port),
        GLIR_RTC_PORT: String(rtcPort),
        MEDIASOUP_WORKER_BIN: process.env['MEDIASOUP_WORKER_BIN'],
      },
      { addresses: ['127.0.0.1'] },
    );
    const log = pino({ level: 'silent' });
    const app = createApp({ config, clock: systemClock, log, pages: await readPages() });
    app.server.listen(port, '127.0.0.1');
    await once(app.server, 'listening');
    const health = async () => {
      const response = await fetch(`http://127.0.0.1:${port}/healthz`);
      return [response.status, await response.json()];
    };
    expect(await health()).toEqual([503, { status: 'starting' }]);
    await app.start();
    expect(await health()).toEqual([200, { status: 'ok' }]);
    await app.stop();
    await expect(health()).rejects.toThrow();
  });
});

it('strict transport security is asked for where there is TLS, and nowhere else', async () => {
  expect((await raw('/')).headers).not.toHaveProperty('strict-transport-security');
  const secure = await startGlir({
    PUBLIC_URL: 'https://glir.example.org',
    HOST: '127.0.0.1',
    GLIR_RTC_LISTEN: '127.0.0.1',
    GLIR_RTC_ANNOUNCED: '203.0.113.5',
    GLIR_TRUST_PROXY: '1',
  });
  const address = secure.app.server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const [answer]: IncomingMessage[] = await once(
    get({ host: '127.0.0.1', port: address.port, path: '/compose' }),
    'response',
  );
  answer?.resume();
  expect(answer?.headers['strict-transport-security']).toBe('max-age=63072000');
  expect(answer?.headers['content-security-policy']).toContain("connect-src 'self' wss://glir.example.org");
  await secure.stop();
});
