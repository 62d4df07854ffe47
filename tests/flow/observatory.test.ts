import { randomBytes } from 'node:crypto';
import { CspEvaluator, DEFAULT_CHECKS } from 'csp_evaluator/dist/evaluator.js';
import { CspParser } from 'csp_evaluator/dist/parser.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localhostCertificate } from '../support/network/certificate.ts';
import { startTlsFront, type TlsFront } from '../support/network/tls-front.ts';
import { type Glir, startGlir } from '../support/server/glir.ts';
import { observe, type Scan } from '../support/server/observatory.ts';
import { routesOf } from '../support/server/routes.ts';
import { addressOf } from '../support/server/server-address.ts';
import { APP_ID, TENANT_ID } from '../support/teams/activities.ts';

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
    expect(paths).toEqual(expect.arrayContaining(['/n/abc', '/compose', '/teams/compose', '/slack/install']));
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
