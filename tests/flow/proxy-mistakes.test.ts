import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { type Glir, startGlir } from '../support/server/glir.ts';
import { routesOf } from '../support/server/routes.ts';

let glir: Glir | undefined;
afterEach(async () => {
  await glir?.stop();
  glir = undefined;
});

interface Line {
  event: string;
  code: string;
  opened?: string;
  next: string;
}

/** The log's lines about what is set wrongly in front of the server. */
function said(): Line[] {
  const lines = (glir?.log ?? []).map((line): Line => JSON.parse(line));
  return lines.filter(({ event }) => event === 'proxy-misconfigured');
}

async function behind(trusted: number): Promise<Glir> {
  glir = await startGlir({ GLIR_TRUST_PROXY: String(trusted) });
  return glir;
}

/** As often as it takes until it is no accident, and once more. */
async function asked({ url }: Glir, headers: Record<string, string>, path = '/glir'): Promise<void> {
  for (let count = 0; count < 11; count++) await fetch(`${url}${path}`, { headers });
}

it.each([
  ['no proxy says where people come from', 1, {}, 'no-forwarded-for', 'proxy_set_header X-Forwarded-For'],
  [
    'more proxies are trusted than there are',
    2,
    { 'x-forwarded-for': '203.0.113.9' },
    'too-many-trusted',
    'GLIR_TRUST_PROXY=1',
  ],
  [
    'two proxies stand in front and one is trusted',
    1,
    { 'x-forwarded-for': '203.0.113.9, 10.0.0.2' },
    'too-few-trusted',
    'GLIR_TRUST_PROXY=2',
  ],
  [
    'a proxy stands in front and none is trusted',
    0,
    { 'x-forwarded-for': '203.0.113.9' },
    'too-few-trusted',
    'GLIR_TRUST_PROXY=1',
  ],
])('that %s is said once in the log, with what to set', async (_what, trusted, headers, code, next) => {
  const server = await behind(trusted);
  await asked(server, headers as Record<string, string>);
  await asked(server, headers as Record<string, string>);
  expect(said()).toMatchObject([{ code, next: expect.stringContaining(next) }]);
});

it('nothing is said of proxies that are counted rightly, of probes, nor of a header that somebody made up', async () => {
  const server = await behind(1);
  await asked(server, { 'x-forwarded-for': '203.0.113.9' });
  await asked(server, {}, '/healthz');
  for (let count = 0; count < 11; count++) {
    await fetch(`${server.url}/glir`, { headers: { 'x-forwarded-for': '198.51.100.1, 203.0.113.9' } });
    await fetch(`${server.url}/glir`, { headers: { 'x-forwarded-for': '203.0.113.7' } });
  }
  expect(said()).toEqual([]);
});

it('a page that was opened at another address is told so, and the log names both addresses once', async () => {
  glir = await startGlir({
    PUBLIC_URL: 'https://glir.example.org',
    HOST: '127.0.0.1',
    GLIR_RTC_LISTEN: '127.0.0.1',
    GLIR_RTC_ANNOUNCED: '203.0.113.5',
  });
  const { port } = glir;
  const from = (origin: string, host: string) =>
    fetch(`http://127.0.0.1:${port}/connection-failed`, {
      method: 'POST',
      // Browsers do not let pages say their host; the proxy passes it on.
      headers: { origin, 'x-forwarded-host': host, 'content-type': 'application/json' },
      body: JSON.stringify({ side: 'reader', code: 'socket-blocked' }),
    });
  const answers = [await from('https://glir.lan', 'glir.lan'), await from('https://glir.lan', 'glir.lan')];
  for (const answer of answers) {
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ error: 'wrong-address' });
  }
  expect(await (await from('http://glir.example.org', 'glir.example.org')).json()).toMatchObject({
    error: 'not-encrypted',
  });
  // Another site's page, which has no business here.
  expect(await (await from('https://evil.example', 'glir.example.org')).json()).toMatchObject({ error: 'not-allowed' });
  expect(said()).toMatchObject([
    { code: 'wrong-address', opened: 'https://glir.lan', next: expect.stringContaining('PUBLIC_URL') },
    { code: 'not-encrypted', next: expect.stringContaining('https') },
  ]);
});

it('every path of the server is in the list that a proxy with a login needs', async () => {
  glir = await startGlir({
    GLIR_SLACK_CLIENT_ID: '1.2',
    GLIR_SLACK_CLIENT_SECRET: 'a-long-random-text',
    GLIR_SLACK_SIGNING_SECRET: 'a-long-random-text',
    GLIR_DATA_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
  });
  const documented = readFileSync(new URL('../../docs/OPERATIONS.md', import.meta.url), 'utf8');
  const [, section = ''] = documented.split('| path | who asks | behind a login? |');
  const rows = (section.split('\n\n')[0] ?? '').split('\n').map((row) => row.split('|')[1] ?? '');
  const listed = rows.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path));
  const isListed = (path: string): boolean =>
    listed.some((each) => (each.endsWith('*') ? path.startsWith(each.slice(0, -1)) : path === each));
  const routes = routesOf(glir.app.server).map(({ path }) => path);
  expect(routes.length).toBeGreaterThan(10);
  expect(routes.filter((path) => !isListed(path))).toEqual([]);
});
