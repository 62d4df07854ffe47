import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { CspEvaluator, DEFAULT_CHECKS } from 'csp_evaluator/dist/evaluator.js';
import { CspParser } from 'csp_evaluator/dist/parser.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Certificate, localhostCertificate } from '../support/network/certificate.ts';
import { type Glir, startGlir } from '../support/server/glir.ts';
import { routesOf } from '../support/server/routes.ts';
import { addressOf } from '../support/server/server-address.ts';
import { APP_ID, TENANT_ID } from '../support/teams/activities.ts';

const SCAN = path.join(import.meta.dirname, '../support/server/observatory-scan.ts');
const SECONDS = 60;

const scanSchema = z.object({
  scan: z.object({
    grade: z.string(),
    score: z.number(),
    statusCode: z.number(),
    testsPassed: z.number(),
    testsQuantity: z.number(),
  }),
  tests: z.record(z.string(), z.looseObject({ pass: z.boolean(), result: z.string() })),
});
type Scan = z.infer<typeof scanSchema>;

/**
 * Scans addresses (`localhost:1234/compose`) with MDN's HTTP Observatory, in a process that trusts `cert` and reaches
 * nothing but this machine. Rejects when it tries to.
 */
async function observe(addresses: readonly string[], cert: string): Promise<Scan[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'glir-observatory-'));
  try {
    const trusted = path.join(folder, 'cert.pem');
    writeFileSync(trusted, cert);
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: trusted };
    const { stdout } = await promisify(execFile)(process.execPath, [SCAN, ...addresses], {
      env,
      timeout: SECONDS * 1000,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout
      .trim()
      .split('\n')
      .map((line) => scanSchema.parse(JSON.parse(line)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A reverse proxy with TLS, as an operator puts in front of GLIR. */
interface TlsFront {
  /** `localhost:<port>`; http and https are on the same port. */
  host: string;
  stop(): Promise<void>;
}

const TLS_HANDSHAKE = 0x16;

/** Takes https for the server at `url`, and sends whoever comes by http to the same address by https. */
async function startTlsFront(url: string, certificate: Certificate): Promise<TlsFront> {
  const secure = createSecureServer(certificate, (request, response) => pass(url, request, response));
  const plain = createServer((request, response) => {
    response.writeHead(301, { Location: `https://${request.headers.host}${request.url}`, 'Content-Length': 0 }).end();
  });
  const open = new Set<Socket>();
  const front = createTcpServer((socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
    socket.once('readable', () => {
      const first: Buffer | null = socket.read();
      if (first === null) return;
      socket.unshift(first);
      (first[0] === TLS_HANDSHAKE ? secure : plain).emit('connection', socket);
    });
  }).listen(0, '127.0.0.1');
  await once(front, 'listening');
  return {
    host: `localhost:${(front.address() as AddressInfo).port}`,
    async stop() {
      for (const socket of open) socket.destroy();
      await closed(front);
    },
  };
}

function pass(url: string, request: IncomingMessage, response: ServerResponse): void {
  const { method, headers } = request;
  const asked = forward(new URL(request.url ?? '/', url), { method, headers, setHost: false });
  asked.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.pipe(response);
  });
  asked.on('error', () => response.destroy());
  request.pipe(asked);
}

async function closed(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

const PAGES = ['/n/abcdefghijklmnopqrstuv', '/compose', '/privacy', '/', '/teams/compose'];

/** The real server as the world sees it: https in front, and every page switched on. */
let glir: Glir;
let front: TlsFront;
let scans: Scan[];
const certificate = localhostCertificate();

beforeAll(async () => {
  glir = await startGlir({
    PUBLIC_URL: 'https://glir.example.org',
    HOST: '127.0.0.1',
    GLIR_TRUST_PROXY: '1',
    GLIR_RTC_LISTEN: '127.0.0.1',
    GLIR_RTC_ANNOUNCED: '203.0.113.5',
    GLIR_DATA_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    GLIR_TEAMS_APP_ID: APP_ID,
    GLIR_TEAMS_APP_PASSWORD: 'secret',
    GLIR_TEAMS_TENANT_ID: TENANT_ID,
    GLIR_TEAMS_COMPOSE: 'dialog',
    GLIR_SLACK_CLIENT_ID: '1.2',
    GLIR_SLACK_CLIENT_SECRET: 'secret',
    GLIR_SLACK_SIGNING_SECRET: 'secret',
  });
  front = await startTlsFront(addressOf(glir.app.server), certificate);
  scans = await observe(
    PAGES.map((page) => front.host + page),
    certificate.cert,
  );
}, 120_000);
afterAll(async () => {
  await front.stop();
  await glir.stop();
});

describe('MDN’s HTTP Observatory', () => {
  it.each(PAGES)('gives %s an A+ and passes it in all ten tests', (page) => {
    const { scan, tests } = scans[PAGES.indexOf(page)] ?? {};
    const failed = Object.entries(tests ?? {}).filter(([, { pass }]) => !pass);
    expect(failed).toEqual([]);
    expect(scan).toMatchObject({ grade: 'A+', testsPassed: 10, testsQuantity: 10, statusCode: 200 });
  });

  it('saw TLS, the redirection to it, and its being kept', () => {
    expect(scans.map(({ tests }) => tests['redirection']?.result)).toEqual(PAGES.map(() => 'redirection-to-https'));
    expect(scans.map(({ tests }) => tests['strict-transport-security']?.result)).toEqual(
      PAGES.map(() => 'hsts-implemented-max-age-at-least-six-months'),
    );
  });
});

/** What csp_evaluator finds in a policy. */
function findingsIn(policy: string): string[] {
  const parsed = new CspParser(policy).csp;
  return new CspEvaluator(parsed).evaluate([], DEFAULT_CHECKS).map(({ description }) => description);
}

describe('csp_evaluator', () => {
  it('finds nothing in the policy of any address', async () => {
    const paths = routesOf(glir.app.server).map(({ path }) => path.replace(/:\w+/g, 'abc'));
    expect(paths).toEqual(
      expect.arrayContaining(['/n/abcdefghijklmnopqrstuv', '/compose', '/teams/compose', '/slack/install']),
    );
    for (const path of new Set([...paths, ...PAGES, '/nowhere'])) {
      const answer = await fetch(addressOf(glir.app.server) + path, { redirect: 'manual' });
      await answer.body?.cancel();
      expect(findingsIn(answer.headers.get('content-security-policy') ?? ''), path).toEqual([]);
    }
  });

  it('would find a policy that lets too much', () => {
    expect(findingsIn("script-src 'unsafe-inline' https:")).not.toEqual([]);
    expect(findingsIn('')).not.toEqual([]);
  });
});
