import { once } from 'node:events';
import { get, type IncomingMessage, request, type Server } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { Router } from 'express';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/app.ts';
import { ownBuild } from '../../src/audit/build-info.ts';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load.ts';
import { readPages } from '../../src/http/built-pages.ts';
import { createHttpServer, createRefuse } from '../../src/http/http-server.ts';
import { createRoutes } from '../../src/http/routes.ts';
import { securityHeaders } from '../../src/http/security-headers.ts';
import { dataDir } from '../support/server/data-dir.ts';
import { freePort, type Glir, startGlir } from '../support/server/glir.ts';

let glir: Glir;
beforeAll(async () => {
  glir = await startGlir();
});
afterAll(() => glir.stop());

/** Asks as written, without fetch's own tidying of the path and the encoding. */
async function raw(path: string, headers: Record<string, string> = {}, method = 'GET', server = glir.url) {
  const { port } = new URL(server);
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
  ['GET', '/privacy', 200],
  ['GET', '/terms', 200],
  ['POST', '/terms', 404],
  ['GET', '/strings/receiver/en.json', 200],
  ['GET', '/strings/receiver/../composer/en.json', 404],
  ['GET', '/healthz', 200],
  ['GET', '/favicon.svg', 200],
  ['GET', '/robots.txt', 200],
  ['GET', '/nowhere', 404],
  ['GET', '/teams/compose', 404],
  ['GET', '/teams/continue', 404],
  ['GET', '/n', 404],
  ['GET', '/n/a/b', 200],
  ['GET', '/n/', 404],
  ['GET', '/n/abcdefghijklmnopqrstuv%23secret.', 200],
  ['GET', '/compose%23ticket', 200],
  ['GET', '/compose/%2523ticket', 200],
  ['GET', '/composer', 404],
  ['GET', '/compose/x', 404],
  ['GET', '/../src/main.ts', 404],
  ['GET', '/%2e%2e/package.json', 404],
  ['GET', '/.env', 404],
  ['GET', '/signal', 404],
  ['GET', '/n/%E0%A4%A', 200],
  ['GET', '/%', 404],
  ['POST', '/compose', 404],
  ['DELETE', '/n/abcdefghijklmnopqrstuv', 405],
  ['OPTIONS', '/nowhere', 405],
  ['GET', '/local/command', 404],
  ['POST', '/local/command', 403],
];

describe('every answer', () => {
  it.each(ROUTES)('%s %s tells browsers to keep, frame and reveal nothing', async (method, path, status) => {
    const { headers, status: given } = await raw(path, {}, method);
    expect(given).toBe(status);
    expect(headers).toMatchObject({
      'cache-control': 'no-store, no-transform',
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
    ['/n', 'not-found'],
  ])('to %s says in JSON what went wrong and what to do, without the address', async (path, error) => {
    const { headers, body } = await raw(`${path}?MARKER`);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    const answer = JSON.parse(body.toString());
    expect(answer).toEqual({ error, next: expect.stringMatching(/^[A-Z].+\.$/) });
    expect(body.toString()).not.toContain('MARKER');
  });

  it.each([
    ['/nowhere', 404, 'Hier ist keine Seite'],
    ['/n', 404, 'Hier ist keine Seite'],
    ['/compose/x', 404, 'Hier ist keine Seite'],
    [`/${'x'.repeat(5_000)}`, 414, 'Hier ist keine Seite'],
  ])('to a browser that goes to %s is a page in its language that says what to do', async (path, status, heading) => {
    const accept = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', 'accept-language': 'de-AT,de;q=0.9' };
    const answer = await raw(`${path}?MARKER`, accept);
    const text = answer.body.toString();
    expect([answer.status, answer.headers['content-language']]).toEqual([status, 'de']);
    expect(text).toContain(`<h1>${heading}</h1>`);
    expect(text).toContain('Öffnen Sie den Link in Ihrer Nachricht noch einmal');
    expect(text).not.toMatch(/MARKER|<script/);
    expect(answer.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
  });

  it('runs the scripts and styles of its own page only, by their hashes', async () => {
    for (const path of PAGES) {
      const policy = String((await raw(path)).headers['content-security-policy']);
      const directive = (name: string) => new RegExp(`(?:^|; )${name} ([^;]*)`).exec(policy)?.[1];
      expect(directive('script-src')).toMatch(
        /^('sha256-[A-Za-z0-9+/]{43}=' ?)+( ?http:\/\/localhost:\d+\/scripts\/[\w-]+\.[0-9a-f]{16}\.js)*$/,
      );
      expect(directive('style-src')).toMatch(/^('sha256-[A-Za-z0-9+/]{43}=' ?)+$/);
      expect(directive('connect-src')).toBe(`'self' ${glir.url.replace('http', 'ws')}`);
      expect(directive('require-trusted-types-for')).toBe("'script'");
    }
  });
});

describe('a page', () => {
  it.each(PAGES)('%s is the same bytes in every encoding, and smaller when compressed', async (path) => {
    const vary = path === '/' ? 'Accept-Encoding' : 'Accept-Language, Accept-Encoding';
    const plain = await raw(path, { 'accept-encoding': 'identity' });
    const gzip = await raw(path, { 'accept-encoding': 'gzip' });
    const br = await raw(path, { 'accept-encoding': 'gzip, deflate, br' });
    expect(plain.headers).not.toHaveProperty('content-encoding');
    expect(gzip.headers).toMatchObject({ 'content-encoding': 'gzip', vary });
    expect(br.headers).toMatchObject({ 'content-encoding': 'br', vary });
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

  it('that speaks one language only says which, whatever the browser asks for', async () => {
    const { headers } = await raw('/', { 'accept-language': 'de' });
    expect(headers['content-language']).toBe('en');
  });

  it('has its words beside it in each of its languages, for whoever wants another one', async () => {
    for (const page of ['receiver', 'composer']) {
      const { status, headers, body } = await raw(`/strings/${page}/en.json`);
      expect([status, headers['cache-control'], headers['content-language']]).toEqual([
        200,
        'no-store, no-transform',
        'en',
      ]);
      expect(JSON.parse(body.toString())).toHaveProperty('languageName', 'English');
    }
  });

  it('of a note is the same for every room: a scanner learns nothing from it', async () => {
    const [one, two] = [await raw('/n/abcdefghijklmnopqrstuv'), await raw('/n/x')];
    expect(one.body.equals(two.body)).toBe(true);
  });
});

describe('where notes are written in a Teams dialog', () => {
  const FRAMED = 'https://teams.microsoft.com https://*.teams.microsoft.com https://*.cloud.microsoft';
  let server: Server;
  let url: string;

  beforeAll(async () => {
    const pages = await readPages();
    const parts = { publicUrl: 'http://127.0.0.1:1', trustProxy: 0, pages, log: pino({ level: 'silent' }) };
    const app = createRoutes({
      ...parts,
      limited: (_request, _response, next) => next(),
      health: { ready: () => true, writable: () => true, connected: () => true, version: '0.0.0' },
      teamsDialog: true,
      localChat: null,
      join: Router(),
      failureReports: Router(),
      info: Router(),
      platforms: [],
    });
    const headers = securityHeaders('http://127.0.0.1:1');
    server = createHttpServer(app, { options: {}, headers, refuse: createRefuse(headers), takesSocket: () => false });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    url = `http://127.0.0.1:${address.port}`;
  });
  afterAll(async () => {
    server.close();
    await once(server, 'close');
  });

  it('its page may be framed by Teams and nobody else, and is as strict as the composer otherwise', async () => {
    const { status, headers } = await raw('/teams/compose', {}, 'GET', url);
    const composer = await raw('/compose', {}, 'GET', url);
    expect(status).toBe(200);
    const policy = String(headers['content-security-policy']);
    expect(/frame-ancestors ([^;]*)/.exec(policy)?.[1]).toBe(FRAMED);
    expect(headers).not.toHaveProperty('x-frame-options');
    expect(headers['cross-origin-resource-policy']).toBe('cross-origin');
    const alike = (text: unknown) => String(text).replaceAll(/(script-src|style-src|frame-ancestors) [^;]*/g, '$1');
    expect(alike(policy)).toBe(alike(composer.headers['content-security-policy']));
    expect(policy).not.toMatch(/unsafe/);
    for (const name of ['cache-control', 'cross-origin-opener-policy', 'cross-origin-embedder-policy']) {
      expect(headers[name], name).toBe(composer.headers[name]);
    }
  });

  it('the tab that a note moves to keeps its opener, and is framed by nobody', async () => {
    const { status, headers } = await raw('/teams/continue', {}, 'GET', url);
    expect(status).toBe(200);
    expect(headers['cross-origin-opener-policy']).toBe('unsafe-none');
    expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'cross-origin-resource-policy': 'same-origin' });
    expect(headers['content-security-policy']).toMatch(/frame-ancestors 'none'/);
  });

  it.each([
    ['GET', '/compose'],
    ['GET', '/n/abcdefghijklmnopqrstuv'],
    ['GET', '/healthz'],
    ['GET', '/teams'],
    ['GET', '/teams/compose/x'],
    ['POST', '/teams/compose'],
  ])('%s %s is framed by nobody, and cut off from whoever opened it', async (method, path) => {
    const { headers } = await raw(path, {}, method, url);
    expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'cross-origin-opener-policy': 'same-origin' });
    expect(headers['content-security-policy']).toMatch(/frame-ancestors 'none'/);
  });
});

describe('probes', () => {
  it('are told 503 before the workers run and 200 from then on, and the version', async () => {
    const [port, rtcPort] = [await freePort(), await freePort()];
    const data = dataDir();
    const config = loadConfig(
      {
        PORT: String(port),
        GLIR_RTC_PORT: String(rtcPort),
        GLIR_DATA_DIR: data.path,
        MEDIASOUP_WORKER_BIN: process.env['MEDIASOUP_WORKER_BIN'],
      },
      { addresses: ['127.0.0.1'] },
    );
    const log = pino({ level: 'silent' });
    const app = await createApp({ config, clock: systemClock, log, pages: await readPages() });
    app.server.listen(port, '127.0.0.1');
    await once(app.server, 'listening');
    const health = async (path = '/healthz') => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return [response.status, await response.json()];
    };
    const { version } = ownBuild();
    expect(await health()).toEqual([503, { status: 'starting', version }]);
    expect(await health('/readyz')).toEqual([503, { status: 'starting', version }]);
    expect(await health('/livez')).toEqual([200, { status: 'ok', version }]);
    await app.start();
    for (const path of ['/healthz', '/readyz', '/livez']) {
      expect(await health(path)).toEqual([200, { status: 'ok', version }]);
    }
    await app.stop();
    data.remove();
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
