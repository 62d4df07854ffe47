import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import path from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CheckName, Finding, Setup } from '../../src/cli/check/finding.ts';
import { lookAtAll, runCheckCommand, table } from '../../src/cli/check/run-check.ts';
import { loadConfig } from '../../src/config/load.ts';
import { localhostCertificate } from '../support/network/certificate.ts';
import { MeddlingProxy } from '../support/network/meddling-proxy.ts';
import { startTurnServer, turnProblem } from '../support/network/turn-server.ts';
import { dataDir } from '../support/server/data-dir.ts';
import { freePort, type Glir, startGlir } from '../support/server/glir.ts';

const trusted = getCACertificates('default');
const GIGABYTE = 1024 ** 3;
const SLACK = {
  GLIR_SLACK_CLIENT_ID: '1.2',
  GLIR_SLACK_CLIENT_SECRET: 'a-long-random-text',
  GLIR_SLACK_SIGNING_SECRET: 'a-long-random-text',
  GLIR_DATA_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
};

let glir: Glir;
const rtcPort = await freePort();
const closing: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  glir = await startGlir({ GLIR_RTC_PORT: String(rtcPort) });
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  setDefaultCACertificates(trusted);
});
afterAll(() => glir?.stop());

/** This configuration, on a machine where the rest is as it should be. */
function setup(env: NodeJS.ProcessEnv, rest: Partial<Setup> = {}): Setup {
  const worker = { MEDIASOUP_WORKER_BIN: process.env['MEDIASOUP_WORKER_BIN'] };
  const config = loadConfig({ GLIR_DATA_DIR: glir.dataDir, ...worker, ...env }, { addresses: ['127.0.0.1'] });
  return { config, env, now: () => glir.clock.now(), freeBytes: () => 50 * GIGABYTE, holdMs: 4_000, ...rest };
}

/** As the running server is set. */
const running = (env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PORT: String(glir.port),
  GLIR_RTC_PORT: String(rtcPort),
  ...env,
});

function one(check: CheckName, env: NodeJS.ProcessEnv, rest: Partial<Setup> = {}): Promise<Finding[]> {
  return lookAtAll(setup(env, rest), [check]);
}

/** Answers every request like this. */
async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}

/** A server that shows this certificate, which browsers here trust. */
async function tlsWith({ key, cert }: { key: string; cert: string }, isTrusted = true): Promise<string> {
  if (isTrusted) setDefaultCACertificates([...trusted, cert]);
  const server = createTlsServer({ key, cert }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return `https://localhost:${(server.address() as AddressInfo).port}`;
}
const behindTls = (url: string) => ({ PUBLIC_URL: url, HOST: '127.0.0.1', GLIR_RTC_LISTEN: '127.0.0.1' });

describe('a set-up that is whole', () => {
  it('has no problem, and the exit code says so', async () => {
    let said = '';
    const env = {
      ...running(),
      GLIR_DATA_DIR: glir.dataDir,
      MEDIASOUP_WORKER_BIN: process.env['MEDIASOUP_WORKER_BIN'],
    };
    const code = await runCheckCommand(env, (text) => (said += text), 'json');
    const { problems, findings } = JSON.parse(said) as { problems: number; findings: Finding[] };
    expect(findings.filter(({ status }) => status === 'problem')).toEqual([]);
    expect([code, problems]).toEqual([0, 0]);
    expect(findings.filter(({ status }) => status === 'ok').map(({ check }) => check)).toEqual(
      expect.arrayContaining(['worker', 'public address', 'websocket', 'proxies', 'store', 'disk']),
    );
  });
});

describe('each broken set-up is named, with what to do', () => {
  it('settings that do not fit together', async () => {
    let said = '';
    const code = await runCheckCommand({ PUBLIC_URL: 'http://glir.example.org' }, (text) => (said += text), 'table');
    expect(code).toBe(1);
    expect(said).toMatch(/FAIL settings\s+PUBLIC_URL/);
  });

  it('a worker that does not start', async () => {
    const found = await one('worker', { ...running(), MEDIASOUP_WORKER_BIN: '/no/such/worker' });
    expect(found).toMatchObject([{ status: 'problem', next: expect.stringContaining('MEDIASOUP_WORKER_BIN') }]);
  });

  it('a data port that another program has', async () => {
    const other = createTcpServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    closing.push(() => new Promise((resolve) => other.close(resolve)));
    const env = { PORT: String(await freePort()), GLIR_RTC_PORT: String((other.address() as AddressInfo).port) };
    expect(await one('data port', env)).toMatchObject([
      {
        status: 'problem',
        says: expect.stringContaining(env.GLIR_RTC_PORT),
        next: expect.stringContaining('ss -lunp'),
      },
    ]);
  });

  it('an announced address at which the port does not answer', async () => {
    const found = await one('announced addresses', running({ GLIR_RTC_PORT: String(await freePort()) }));
    expect(found).toMatchObject([{ status: 'problem', next: expect.stringContaining('GLIR_RTC_ANNOUNCED') }]);
  });

  it('a public address where nothing listens, and one that leads to another server', async () => {
    const nothing = `http://localhost:${await freePort()}`;
    expect(await one('public address', { PUBLIC_URL: nothing })).toMatchObject([
      { status: 'problem', says: expect.stringContaining('ECONNREFUSED') },
    ]);
    const login = await answering((_request, response) => response.end('<h1>Sign in</h1>'));
    expect(await one('public address', { PUBLIC_URL: login })).toMatchObject([
      { status: 'problem', next: expect.stringContaining('asks for a login') },
    ]);
  });

  it.each([
    ['is over', localhostCertificate('localhost', ['200101000000Z', '210101000000Z']), true, 'Renew it'],
    ['names another host', localhostCertificate('glir.example.org'), true, 'names another host'],
    ['nobody trusts', localhostCertificate(), false, 'public CA'],
  ])('a certificate that %s', async (_what, certificate, isTrusted, next) => {
    const url = await tlsWith(certificate, isTrusted);
    expect(await one('certificate', behindTls(url))).toMatchObject([
      { status: 'problem', next: expect.stringContaining(next) },
    ]);
  });

  it('a certificate that ends soon is a warning, and a good one is not', async () => {
    const url = await tlsWith(localhostCertificate('localhost', ['200101000000Z', '491231235959Z']));
    expect(await one('certificate', behindTls(url))).toMatchObject([{ status: 'ok' }]);
    const soon = () => Date.parse('2049-12-25T00:00:00Z');
    expect(await one('certificate', behindTls(url), { now: soon })).toMatchObject([{ status: 'warning' }]);
  });

  it('a proxy that takes Upgrade away, and one that cuts sockets', async () => {
    const own = await freePort();
    const server = await startGlir({ PUBLIC_URL: `http://localhost:${own}` });
    const proxy = await MeddlingProxy.start({ address: '127.0.0.1', port: server.port }, {}, { port: own });
    closing.push(
      () => proxy.close(),
      () => server.stop(),
    );
    proxy.meddling = { stripsUpgrade: true };
    expect(await one('websocket', { PUBLIC_URL: server.url })).toMatchObject([
      {
        status: 'problem',
        says: expect.stringContaining('426'),
        next: expect.stringContaining('proxy_http_version 1.1'),
      },
    ]);
    proxy.meddling = { cutsAfterMs: 500 };
    expect(await one('websocket', { PUBLIC_URL: server.url })).toMatchObject([
      { status: 'problem', next: expect.stringContaining('proxy_read_timeout') },
    ]);
    proxy.meddling = {};
    expect(await one('websocket', { PUBLIC_URL: server.url }, { holdMs: 8_000 })).toMatchObject([{ status: 'ok' }]);
  });

  it('a server with another PUBLIC_URL', async () => {
    const proxy = await MeddlingProxy.start({ address: '127.0.0.1', port: glir.port }, {});
    closing.push(() => proxy.close());
    expect(await one('websocket', { PUBLIC_URL: `http://localhost:${proxy.port}` })).toMatchObject([
      { status: 'problem', says: expect.stringContaining('403'), next: expect.stringContaining('another PUBLIC_URL') },
    ]);
  });

  it('a proxy that does not say where people come from', async () => {
    const server = await startGlir({ GLIR_TRUST_PROXY: '1' });
    closing.push(() => server.stop());
    expect(await one('proxies', { PUBLIC_URL: server.url, GLIR_TRUST_PROXY: '1' })).toMatchObject([
      { status: 'problem', next: expect.stringContaining('X-Forwarded-For') },
    ]);
  });

  it('a damaged store, and a disk that is full', async () => {
    const broken = dataDir();
    closing.push(() => Promise.resolve(rmSync(broken.path, { recursive: true, force: true })));
    writeFileSync(
      path.join(broken.path, 'glir.db'),
      Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(8_000, 7)]),
    );
    expect(await one('store', { GLIR_DATA_DIR: broken.path })).toMatchObject([
      { status: 'problem', next: expect.stringContaining('restore') },
    ]);
    expect(await one('disk', {}, { freeBytes: () => 5_000_000 })).toMatchObject([{ status: 'problem' }]);
  });

  it('TURN that is not there', async () => {
    const env = {
      GLIR_TURN: `turn:127.0.0.1:${await freePort()}?transport=tcp`,
      GLIR_TURN_SECRET: 'a-long-random-text',
    };
    expect(await one('turn', env)).toMatchObject([{ status: 'problem', next: expect.stringContaining('coturn') }]);
  });

  it.skipIf(turnProblem() !== null)('a secret that coturn does not have', async () => {
    const server = await startTurnServer({ port: await freePort(), secret: 'the right one', sfu: '203.0.113.5' });
    closing.push(() => server.stop());
    const now = { now: () => Date.now() };
    const env = { GLIR_TURN: `turn:127.0.0.1:${server.port}`, GLIR_TURN_SECRET: 'another-one' };
    expect(await one('turn', env, now)).toMatchObject([
      { status: 'problem', says: expect.stringContaining('401'), next: expect.stringContaining('static-auth-secret') },
    ]);
    const right = { ...env, GLIR_TURN_SECRET: 'the right one' };
    expect(await one('turn', right, now)).toMatchObject([{ status: 'ok' }]);
    expect(await one('turn', { ...right, GLIR_TURN: `${env.GLIR_TURN}?transport=tcp` }, now)).toMatchObject([
      { status: 'ok' },
    ]);
  });

  it('a wrong clock, Slack that is not reached, and a proxy whose login Slack would meet', async () => {
    const api = await answering((_request, response) => {
      response.setHeader('date', new Date(glir.clock.now() - 600_000).toUTCString());
      response.setHeader('content-type', 'application/json');
      response.end('{"ok":true}');
    });
    const env = { ...SLACK, GLIR_SLACK_API_URL: api, PUBLIC_URL: api };
    expect(await one('clock', env)).toMatchObject([{ status: 'problem', next: expect.stringContaining('NTP') }]);
    expect(await one('slack', env)).toMatchObject([
      { status: 'problem', says: expect.stringContaining('/slack/events answers 200, and not as GLIR does') },
      { status: 'warning', says: expect.stringContaining('No workspace') },
    ]);
    const away = { ...env, GLIR_SLACK_API_URL: `http://127.0.0.1:${await freePort()}` };
    expect(await one('slack', away)).toMatchObject([
      { status: 'problem', next: expect.stringContaining('HTTPS_PROXY') },
    ]);
  });

  it('socket mode that Slack refuses', async () => {
    const api = await answering((request, response) => {
      const isOpening = request.url?.endsWith('apps.connections.open') === true;
      response.setHeader('content-type', 'application/json');
      response.end(isOpening ? '{"ok":false,"error":"invalid_auth"}' : '{"ok":true}');
    });
    const { GLIR_SLACK_SIGNING_SECRET: _none, ...socket } = SLACK;
    const env = { ...socket, GLIR_SLACK_APP_TOKEN: 'xapp-1-a-long-random-text', GLIR_SLACK_API_URL: api };
    expect((await one('slack', env))[0]).toMatchObject({
      status: 'problem',
      next: expect.stringContaining('GLIR_SLACK_APP_TOKEN'),
    });
  });

  it('Teams with a wrong password', async () => {
    const login = await answering((request, response) => {
      response.setHeader('content-type', 'application/json');
      const isToken = request.url?.includes('/token') === true;
      response.end(
        isToken ? '{"error":"invalid_client","error_codes":[7000215]}' : '{"jwks_uri":"https://keys.example/"}',
      );
    });
    const env = {
      GLIR_TEAMS_APP_ID: '5f2f4a8e-0c1e-4f7b-9d52-8a4b2b0f6c11',
      GLIR_TEAMS_APP_PASSWORD: 'a-long-random-text',
      GLIR_TEAMS_TENANT_ID: 'c3a1d5b2-6a3e-4f0c-8f3d-2a5b7e9d1f04',
      GLIR_TEAMS_OPENID_URL: login,
      GLIR_TEAMS_LOGIN_URL: login,
      GLIR_DATA_KEYS: SLACK.GLIR_DATA_KEYS,
      PUBLIC_URL: glir.url,
      PORT: String(glir.port),
    };
    expect(await one('teams', env)).toMatchObject([
      {
        status: 'problem',
        says: expect.stringContaining('7000215'),
        next: expect.stringContaining('GLIR_TEAMS_APP_PASSWORD'),
      },
      // This server has no Teams.
      { status: 'problem', says: expect.stringContaining('/api/messages answers 404') },
    ]);
  });
});

it('the table has a line for each part, and under it what to do', () => {
  const text = table([
    { check: 'disk', status: 'ok', says: 'There is room.' },
    { check: 'turn', status: 'problem', says: 'It does not answer.', next: 'Start coturn.' },
  ]);
  expect(text).toMatch(
    /^ok +disk +There is room\.\nFAIL turn +It does not answer\.\n +-> Start coturn\.\n\nproblems: 1, warnings: 0\n$/,
  );
});
