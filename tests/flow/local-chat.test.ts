import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChatAnswer, localAnswerSchema } from '../../src/protocol/local-chat.ts';
import { type Glir, startGlir } from '../support/server/glir.ts';

let glir: Glir;
beforeAll(async () => {
  glir = await startGlir();
});
afterAll(() => glir.stop());

interface Sent {
  body?: string;
  origin?: string | null;
  host?: string;
  type?: string;
}

/** Posts to the local chat with headers that fetch would not let a page choose. */
async function post(sent: Sent = {}, server = glir) {
  const address = server.app.server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const { port } = address;
  const {
    body = '{"text":"/glir"}',
    origin = server.url,
    host = `localhost:${port}`,
    type = 'application/json',
  } = sent;
  const headers = { host, 'content-type': type, ...(origin === null ? {} : { origin }) };
  const asked = request({ host: '127.0.0.1', port, path: '/local/command', method: 'POST', headers }).end(body);
  const answer: IncomingMessage = await once(asked, 'response').then(([first]) => first);
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return { status: answer.statusCode, json: JSON.parse(Buffer.concat(chunks).toString()) };
}

async function says(text: string): Promise<ChatAnswer | undefined> {
  const { status, json } = await post({ body: JSON.stringify({ text }) });
  expect(status).toBe(200);
  return localAnswerSchema.parse(json).messages[0];
}

const doctor = { platform: 'local', tenant: 'local', user: 'local', displayName: '' } as const;

describe('the local chat', () => {
  it.each([
    ['/glir', 'compose'],
    ['  /GLIR  15m ', 'compose'],
    ['glir 1h30m', 'compose'],
    ['/glir list', 'list'],
    ['/glir help', 'help'],
    ['hello', 'help'],
    ['', 'help'],
    ['/glir 25h', 'error'],
    ['/glir 0m', 'error'],
    ['/glir revoke nobody-there', 'not-found'],
    ['/glir take two at night', 'do-not-type'],
    ['/glirlist', 'do-not-type'],
    ['Metformin 500 mg', 'do-not-type'],
    ['🩺', 'do-not-type'],
  ])('answers "%s" with %s', async (text, kind) => {
    expect((await says(text))?.kind).toBe(kind);
  });

  it('says how long a note may live, in words', async () => {
    expect(await says('/glir 25h')).toEqual({ kind: 'error', next: 'A note can live from 1 minute to 24 hours.' });
  });

  it('lists a note and revokes it by the id it gave, and all of them', async () => {
    await glir.app.rooms.endAll('revoked');
    for (let made = 0; made < 3; made++) await says('/glir');
    const list = await says('/glir list');
    if (list?.kind !== 'list') throw new Error('no list');
    expect(list.rooms).toHaveLength(3);
    expect(await says(`/glir revoke ${list.rooms[1]?.id}`)).toEqual({ kind: 'revoked', count: 1 });
    expect(await says('/glir revoke all')).toEqual({ kind: 'revoked', count: 2 });
    expect(await says('/glir list')).toEqual({ kind: 'list', rooms: [] });
  });
});

describe('the local chat does nothing for', () => {
  it.each<[string, Sent]>([
    ['a page of another site', { origin: 'https://evil.example' }],
    ['a page without an origin', { origin: null }],
    ['a sandboxed page', { origin: 'null' }],
    ['a page of another server on this machine', { origin: 'http://localhost:1' }],
    ['a name that somebody else points at this machine', { host: 'evil.example' }],
    ['such a name with the right port', { host: `evil.example:${80}`, origin: 'http://evil.example' }],
    ['a host that only looks like this machine', { host: 'localhost.evil.example' }],
    ['a host that is none', { host: 'a b' }],
  ])('%s', async (_name, sent) => {
    await glir.app.rooms.endAll('revoked');
    const { status, json } = await post(sent);
    expect(status).toBe(403);
    expect(localAnswerSchema.parse(json).messages).toEqual([
      { kind: 'error', next: 'Open the local chat at its own address.' },
    ]);
    expect(glir.app.rooms.of(doctor)).toEqual([]);
  });

  it.each<[string, string, number]>([
    ['no JSON', 'text=/glir', 400],
    ['half of a JSON text', '{"text":', 400],
    ['a list', '["/glir"]', 400],
    ['null', 'null', 400],
    ['a number for the text', '{"text":5}', 400],
    ['a field too many', '{"text":"/glir","admin":true}', 400],
    ['no text', '{}', 400],
    ['nothing', '', 400],
    ['10,000 letters', JSON.stringify({ text: 'MARKER'.repeat(1_667) }), 400],
    ['a body over 32 KiB', JSON.stringify({ text: 'MARKER'.repeat(10_000) }), 413],
  ])('a body that is %s, and says so in words that its page shows', async (_name, body, status) => {
    await glir.app.rooms.endAll('revoked');
    const answer = await post({ body });
    expect(answer.status).toBe(status);
    expect(localAnswerSchema.parse(answer.json).messages).toMatchObject([{ kind: 'error' }]);
    expect(JSON.stringify(answer.json)).not.toContain('MARKER');
    expect(glir.app.rooms.of(doctor)).toEqual([]);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])(
    'a body that comes as %s, which other sites can send without asking',
    async (type) => {
      expect((await post({ type })).status).toBe(400);
    },
  );
});

it('the local chat is not there when GLIR has a public address', async () => {
  const env = {
    HOST: '127.0.0.1',
    GLIR_RTC_LISTEN: '127.0.0.1',
    GLIR_RTC_ANNOUNCED: '203.0.113.5',
    GLIR_TRUST_PROXY: '1',
  };
  const open = await startGlir({ PUBLIC_URL: 'https://glir.example.org', ...env });
  const { status, json } = await post({ host: 'glir.example.org' }, open);
  expect(status).toBe(404);
  expect(json).toMatchObject({ error: 'not-found' });
  const { port } = Object(open.app.server.address());
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).not.toContain('Message');
  expect((await fetch(`http://127.0.0.1:${port}/compose`)).status).toBe(200);
  await open.stop();
});

it('the local chat works behind a proxy with TLS on this machine', async () => {
  const behind = await startGlir({ PUBLIC_URL: 'https://localhost:8443', GLIR_TRUST_PROXY: '1' });
  const { status } = await post({ host: 'localhost:8443' }, behind);
  expect(status).toBe(200);
  await behind.stop();
});
