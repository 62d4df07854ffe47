import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { METHODS, type Server } from 'node:http';
import { connect } from 'node:net';
import { Router } from 'express';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPages } from '../../src/http/built-pages.ts';
import { createHttpServer, createRefuse } from '../../src/http/http-server.ts';
import { createRoutes } from '../../src/http/routes.ts';
import { securityHeaders } from '../../src/http/security-headers.ts';
import { type Glir, startGlir } from '../support/server/glir.ts';
import { routesOf } from '../support/server/routes.ts';
import { addressOf } from '../support/server/server-address.ts';
import { APP_ID, TENANT_ID } from '../support/teams/activities.ts';

const TEAMS_ORIGINS = 'https://teams.microsoft.com https://*.teams.microsoft.com https://*.cloud.microsoft';

/** In what a route may be less shut than the others. */
interface Opened {
  missing?: string;
  instead?: Record<string, string>;
  framedBy?: string;
  formsTo?: string;
}
/** A form has to say where it comes from. */
const FORM: Opened = { instead: { 'referrer-policy': 'same-origin' }, formsTo: "'self'" };

/** The only routes that are. */
const OPENED: Readonly<Record<string, Opened>> = {
  '/teams/compose': {
    missing: 'x-frame-options',
    instead: { 'cross-origin-resource-policy': 'cross-origin' },
    framedBy: TEAMS_ORIGINS,
  },
  '/admin/sign-in': FORM,
  'POST /admin/sign-in': FORM,
  '/teams/continue': { instead: { 'cross-origin-opener-policy': 'unsafe-none' } },
};

const ALWAYS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store, no-transform',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'integrity-policy': 'blocked-destinations=(script)',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex, nofollow, noarchive',
};

/** What tells about the server, or lets something be kept. */
const NEVER = /^(x-powered-by|server|etag|last-modified|via|x-aspnet-version|link|refresh|access-control-.*)$/;

/** Where a directive has no sources but hashes, it is said by this. */
const HASHES = /^'sha256-[A-Za-z0-9+/]{43}='( 'sha256-[A-Za-z0-9+/]{43}=')*$/;

/** What a policy may say beside shutting everything. */
const MAY: Readonly<Record<string, RegExp>> = {
  'script-src': HASHES,
  'style-src': HASHES,
  'connect-src': /^'self' wss?:\/\/[\w.:[\]-]+$/,
  'img-src': /^'self'$/,
  'report-uri': /^\/page-altered$/,
};

/** Expects an answer, whatever it is, to let nothing run, be framed, be kept or be told to others. `route` is where it came from. */
function expectSafe(headers: Readonly<Record<string, unknown>>, route: string): void {
  const { missing, instead = {}, framedBy = "'none'", formsTo = "'none'" } = OPENED[route] ?? {};
  const expected = Object.entries({ ...ALWAYS, ...instead }).filter(([name]) => name !== missing);
  const got = expected.map(([name]) => [name, headers[name]]);
  expect(got, route).toEqual(expected);
  if (missing !== undefined) expect(headers, route).not.toHaveProperty(missing);
  expect(
    Object.keys(headers).filter((name) => NEVER.test(name)),
    route,
  ).toEqual([]);

  expect(headers['permissions-policy'], route).toMatch(/\bcamera=\(\), .*\bgeolocation=\(\), .*\bmicrophone=\(\), /);
  const policy = new Map(
    String(headers['content-security-policy'])
      .split(';')
      .map((directive) => /^\s*(\S+)\s+(.*)$/.exec(directive)?.slice(1) ?? [directive, ''])
      .map(([name = '', sources = '']) => [name, sources]),
  );
  const shut = ['default-src', 'base-uri', 'trusted-types'].map((name) => [name, "'none'"]);
  for (const [name = '', sources] of [
    ...shut,
    ['require-trusted-types-for', "'script'"],
    ['frame-ancestors', framedBy],
    ['form-action', formsTo],
  ]) {
    expect(policy.get(name), `${name} of ${route}`).toBe(sources);
    policy.delete(name);
  }
  for (const [name, sources] of policy) expect(sources, `${name} of ${route}`).toMatch(MAY[name] ?? /^'none'$/);
}

/** An answer as it came over the wire. */
interface RawAnswer {
  /** 0 where the connection was closed without one. */
  status: number;
  /** By their names in lower case. */
  headers: Record<string, string>;
  body: string;
}

/** Sends bytes that need not be HTTP, and gives the first answer once the server has closed the connection. */
async function sendRaw(url: string, text: string): Promise<RawAnswer> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let got = '';
  socket.setEncoding('latin1').on('data', (part: string) => {
    got += part;
  });
  // A server that does not read what it refuses resets the connection.
  socket.on('error', () => undefined);
  socket.write(text);
  await once(socket, 'close');
  const [head = '', body = ''] = got.split(/\r\n\r\n([\s\S]*)/);
  const [first = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line) => /^([^:]+): ?(.*)$/.exec(line)?.slice(1) ?? [line, '']);
  return {
    status: Number(first.split(' ')[1] ?? 0),
    headers: Object.fromEntries(headers.map(([name = '', value]) => [name.toLowerCase(), value ?? ''])),
    body,
  };
}

/** A request as text; the connection ends with it. */
function requestText(method: string, target: string, headers: Record<string, string> = {}, body = ''): string {
  const length = body === '' ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  const lines = Object.entries({ Host: 'localhost', Connection: 'close', ...length, ...headers });
  return `${method} ${target} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
}

const ASKED = ['GET', 'HEAD', 'POST'];
const KEYS = `k1:${randomBytes(32).toString('base64')}`;
const SLACK = {
  GLIR_SLACK_CLIENT_ID: '1.2',
  GLIR_SLACK_CLIENT_SECRET: 'secret',
  GLIR_SLACK_SIGNING_SECRET: 'secret',
};
const TEAMS = {
  GLIR_TEAMS_APP_ID: APP_ID,
  GLIR_TEAMS_APP_PASSWORD: 'secret',
  GLIR_TEAMS_TENANT_ID: TENANT_ID,
  GLIR_TEAMS_COMPOSE: 'dialog',
};
const PUBLIC = {
  PUBLIC_URL: 'https://glir.example.org',
  HOST: '127.0.0.1',
  GLIR_RTC_LISTEN: '127.0.0.1',
  GLIR_RTC_ANNOUNCED: '203.0.113.5',
};

/** What browsers, scanners and attackers ask for that is no route. */
const NOWHERE = ['/nowhere', '/n', '/%', '/.env', '/../src/main.ts', '/strings/receiver/xx.json'];
const STRANGE = ['*', '/n/a/b', '/n/%E0%A4%A', '//', 'http://evil.example/', '/n/a?%', `/${'a'.repeat(5_000)}`];

const PREFLIGHT = { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'POST' };

describe.each([
  ['the local chat', {}, ['/', '/local/command', '/healthz']],
  [
    'Slack and Teams',
    { ...PUBLIC, ...SLACK, ...TEAMS, GLIR_DATA_KEYS: KEYS },
    [
      '/slack/install',
      '/slack/install/start',
      '/slack/oauth_redirect',
      '/slack/events',
      '/api/messages',
      '/teams/compose',
    ],
  ],
])('every answer with %s', (_name, env, expected) => {
  let glir: Glir;
  let url: string;
  beforeAll(async () => {
    glir = await startGlir(env);
    url = addressOf(glir.app.server);
  });
  afterAll(() => glir.stop());

  const ask = (method: string, target: string, headers: Record<string, string> = {}, body = '') =>
    sendRaw(url, requestText(method, target, headers, body));
  /** The paths of all routes, with something for each parameter. */
  const paths = () => [...new Set(routesOf(glir.app.server).map(({ path }) => path.replace(/:\w+/g, 'abc')))];

  it('of every route, to every method, lets nothing run, be framed, be kept or be told', async () => {
    expect(paths()).toEqual(
      expect.arrayContaining([...expected, '/n/abcdefghijklmnopqrstuv', '/compose', '/privacy', '/robots.txt']),
    );
    for (const path of paths()) {
      for (const method of ASKED) {
        const { status, headers } = await ask(method, path, PREFLIGHT);
        expectSafe(headers, status === 200 ? path : `${method} ${path}`);
        expect(status, `${method} ${path}`).toBeLessThan(500);
      }
    }
  });

  it('to another method is the same everywhere, and tells other sites nothing', async () => {
    const others = METHODS.filter((method) => !ASKED.includes(method) && method !== 'CONNECT');
    const answers: RawAnswer[] = [];
    for (const path of paths()) answers.push(await ask('OPTIONS', path, PREFLIGHT));
    for (const method of others) answers.push(await ask(method, '/nowhere', PREFLIGHT));
    for (const { headers } of answers) expectSafe(headers, '/nowhere');
    const told = answers.map(({ status, headers: { date: _date, ...headers }, body }) =>
      JSON.stringify([status, headers, body]),
    );
    expect(new Set(told).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD, POST' } });
  });

  it('to what is nowhere, too long or no address lets nothing run, be framed, be kept or be told', async () => {
    for (const target of [...NOWHERE, ...STRANGE]) {
      const { status, headers } = await ask('GET', target);
      expectSafe(headers, target);
      expect(status, target).toBeGreaterThanOrEqual(NOWHERE.includes(target) ? 400 : 200);
      expect(status, target).toBeLessThan(500);
    }
  });

  it('to more than it takes lets nothing run, be framed, be kept or be told', async () => {
    const own = { Origin: glir.url, Host: new URL(glir.url).host, 'Content-Type': 'application/json' };
    const seen = new Set<number>();
    for (const path of paths()) {
      // Chat platforms' requests are refused by the length that they say; a body that nobody reads would reset the line.
      const signed = /^\/(slack|api)\//.test(path);
      const large = signed ? { 'Content-Length': '99999999' } : {};
      const { status, headers } = await ask('POST', path, { ...own, ...large }, signed ? '' : 'x'.repeat(64 * 1024));
      expectSafe(headers, `large POST ${path}`);
      seen.add(status);
    }
    expect([...seen].sort()).toEqual([404, 413]);
  });

  it.each([
    ['a line that is no request', 'nonsense\r\n\r\n', 400],
    ['a method that there is not', requestText('GLIR', '/'), 400],
    ['a request without a host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['a header that is none', requestText('GET', '/', { 'a b': 'c' }), 400],
    ['a length that is none', requestText('POST', '/compose', { 'Content-Length': 'many' }), 400],
    ['two lengths', requestText('POST', '/', { 'Content-Length': '1', 'Transfer-Encoding': 'chunked' }), 400],
    ['a header that is too large', requestText('GET', '/', { Cookie: 'x'.repeat(99_999) }), 431],
    ['an expectation', requestText('GET', '/compose', { Expect: 'tea' }), 417],
    ['a tunnel', requestText('CONNECT', 'evil.example:443'), 405],
    ['another protocol', requestText('GET', '/healthz', { Connection: 'Upgrade, close', Upgrade: 'h2c' }), 200],
    ['an old browser', 'GET /healthz HTTP/1.0\r\n\r\n', 200],
  ])('to %s lets nothing run, be framed, be kept or be told', async (_what, text, status) => {
    const answer = await sendRaw(url, text);
    expect(answer.status).toBe(status);
    expectSafe(answer.headers, text.slice(0, 20));
  });

  it.each([
    ['from another site', { Origin: 'https://evil.example' }, 'GET', '/signal', 403],
    ['from nowhere', {}, 'GET', '/signal', 403],
    ['of another version', { own: '', 'Sec-WebSocket-Version': '7' }, 'GET', '/signal', 400],
    ['without a key', { own: '', 'Sec-WebSocket-Key': '' }, 'GET', '/signal', 400],
    ['that is posted', { own: '' }, 'POST', '/signal', 404],
    ['at another address', { own: '' }, 'GET', '/signals', 404],
    ['at a page', { own: '' }, 'GET', '/compose', 200],
  ])('to a socket %s lets nothing run, be framed, be kept or be told', async (_what, given, method, target, status) => {
    const { own, ...headers }: Record<string, string> = given;
    const socket = { Upgrade: 'websocket', Connection: 'Upgrade, close', 'Sec-WebSocket-Version': '13' };
    const key = { 'Sec-WebSocket-Key': randomBytes(16).toString('base64') };
    const origin = own === undefined ? {} : { Origin: glir.url };
    const answer = await ask(method, target, { ...socket, ...key, ...origin, ...headers });
    expect(answer.status).toBe(status);
    expectSafe(answer.headers, target);
  });
});

describe('what goes wrong in the server', () => {
  let server: Server;
  let url: string;
  const lines: string[] = [];
  beforeAll(async () => {
    const faulty = Router();
    faulty.get('/at-once', () => {
      throw new Error('MARKER');
    });
    faulty.get('/later', () => Promise.reject(new Error('MARKER')));
    const headers = securityHeaders('http://localhost:3000');
    const app = createRoutes({
      publicUrl: 'http://localhost:3000',
      trustProxy: 0,
      limited: (_request, _response, next) => next(),
      pages: await readPages(),
      log: pino({}, { write: (line: string) => lines.push(line) }),
      health: { ready: () => true, writable: () => true, connected: () => true, version: '0.0.0' },
      teamsDialog: false,
      localChat: null,
      join: Router(),
      failureReports: Router(),
      info: Router(),
      platforms: [faulty],
    });
    const options = { headersTimeout: 100, connectionsCheckingInterval: 20 };
    server = createHttpServer(app, { options, headers, refuse: createRefuse(headers), takesSocket: () => false });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = addressOf(server);
  });
  afterAll(() => server.close());

  it.each(['/at-once', '/later'])('%s is a 500 that tells nothing about it', async (target) => {
    const { status, headers, body } = await sendRaw(url, requestText('GET', target));
    expect(status).toBe(500);
    expectSafe(headers, target);
    expect(body).toContain('unavailable');
    expect(body).not.toContain('MARKER');
    expect(lines.join('')).toContain('MARKER');
  });

  it('whoever takes too long to ask is told so, and the connection ends', async () => {
    const { status, headers } = await sendRaw(url, 'GET / HTTP/1.1\r\nHost: localhost\r\n');
    expect(status).toBe(408);
    expectSafe(headers, 'a request that does not end');
  });
});
