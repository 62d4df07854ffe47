import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Glir, startGlir } from '../support/server/glir.ts';
import { SOON } from '../support/server/soon.ts';
import { rawClient } from '../support/signalling/client.ts';
import { closeAllPages, composer, reader } from '../support/signalling/wrtc.ts';

let glir: Glir;
beforeAll(async () => {
  glir = await startGlir();
});
afterAll(async () => {
  closeAllPages();
  await glir?.stop();
});

interface Line {
  event: string;
  code: string;
  side?: string;
  room?: string;
  arrived?: string;
  next: string;
}

/** The log's lines about connections that failed, with this code. */
function logged(code: string): Line[] {
  const lines = glir.log.map((line): Line => JSON.parse(line));
  return lines.filter((line) => line.event === 'connection-failed' && line.code === code);
}

function post(path: string, body: string, headers: Record<string, string>): Promise<Response> {
  return fetch(`${glir.url}${path}`, { method: 'POST', body, headers });
}

const tells = (body: unknown, origin = glir.url) =>
  post('/connection-failed', JSON.stringify(body), { origin, 'content-type': 'application/json' });

it('a socket whose Upgrade a proxy has taken away is named in the log once, with what to set', async () => {
  const ask = () => fetch(`${glir.url}/signal`, { headers: { origin: glir.url } });
  const [answer] = [await ask(), await ask()];
  expect(answer.status).toBe(426);
  expect(logged('upgrade-stripped')).toMatchObject([{ next: expect.stringContaining('proxy_http_version 1.1') }]);
  // Somebody who only looks at that address has no Origin.
  expect((await fetch(`${glir.url}/signal`)).status).toBe(404);
});

it('a page that opens no socket tells by HTTP, and is in the log once for its note and side', async () => {
  const blocked = { side: 'reader', code: 'socket-blocked', room: 'AAAAAAAA' };
  expect((await tells(blocked)).status).toBe(204);
  await tells(blocked);
  await tells({ ...blocked, side: 'composer' });
  await tells({ ...blocked, room: 'BBBBBBBB' });
  expect(logged('socket-blocked').map(({ side, room }) => `${side} ${room}`)).toEqual([
    'reader AAAAAAAA',
    'composer AAAAAAAA',
    'reader BBBBBBBB',
  ]);
});

it.each([
  ['a code that is none', { side: 'reader', code: 'made-up' }],
  ['words in it', { side: 'reader', code: 'socket-blocked', room: 'Dr Rossi' }],
  ['more than it needs', { side: 'reader', code: 'socket-blocked', note: 'x' }],
  ['a long body', { side: 'reader', code: 'x'.repeat(2_000) }],
])('a report with %s is refused, and nothing of it is in the log', async (_what, body) => {
  const before = glir.log.length;
  expect((await tells(body)).status).toBe(body.code.length > 1_000 ? 413 : 400);
  expect(glir.log.slice(before).filter((line) => line.includes('connection-failed'))).toEqual([]);
});

it('a report of a page of another site is refused', async () => {
  const before = logged('no-webrtc').length;
  expect((await tells({ side: 'composer', code: 'no-webrtc' }, 'https://elsewhere.example')).status).toBe(403);
  expect(logged('no-webrtc')).toHaveLength(before);
});

it('a script that something on the way has changed is named by the browser, once', async () => {
  const report = (directive: string) =>
    post(
      '/page-altered',
      JSON.stringify({ 'csp-report': { 'effective-directive': directive, 'blocked-uri': 'inline' } }),
      {
        'content-type': 'application/csp-report',
      },
    );
  // An extension tried to load a picture.
  await report('img-src');
  expect(logged('page-altered')).toEqual([]);
  expect((await report('script-src-elem')).status).toBe(204);
  await report('script-src-elem');
  expect(logged('page-altered')).toHaveLength(1);
  expect((await fetch(`${glir.url}/compose`)).headers.get('content-security-policy')).toContain(
    'report-uri /page-altered',
  );
});

it('both pages tell over their sockets, and the log has it once for each side, with what arrived and what browsers were told', async () => {
  const doctor = await composer(glir.url, { command: '/glir' });
  await doctor.share({ admission: 'link' });
  const patient = await reader(doctor.link);
  const failed = JSON.stringify({ t: 'connection-failed', code: 'data-port-blocked' });
  for (const { client } of [doctor, patient]) {
    client.sendRaw(failed);
    client.sendRaw(failed);
  }
  await expect.poll(() => logged('data-port-blocked'), SOON).toHaveLength(2);
  const room = doctor.roomId.slice(0, 8);
  const told = { room, announced: ['127.0.0.1'], port: expect.any(Number), tcp: true, turn: false };
  expect(logged('data-port-blocked')).toMatchObject([
    { side: 'composer', arrived: 'dtls', ...told },
    { side: 'reader', ...told },
  ]);
});

it('whoever has shown neither a ticket nor a link is refused, and nothing is written', async () => {
  const reports = () => glir.log.filter((line) => line.includes('"event":"connection-failed"'));
  const before = reports().length;
  const client = await rawClient(glir.url);
  client.sendRaw(JSON.stringify({ t: 'connection-failed', code: 'dtls-failed' }));
  expect(await client.next(({ t }) => t === 'refused')).toMatchObject({ code: 'not-allowed' });
  expect(reports()).toHaveLength(before);
  client.cut();
});

it('many who tell make few lines', async () => {
  const before = glir.log.length;
  const rooms = Array.from({ length: 80 }, (_, index) => `room${index}`);
  await Promise.all(rooms.map((room) => tells({ side: 'reader', code: 'socket-cut', room })));
  expect(glir.log.slice(before).filter((line) => line.includes('socket-cut')).length).toBeLessThan(40);
});

it('many who tell by HTTP hide nothing of what a note’s own pages tell', async () => {
  const doctor = await composer(glir.url, { command: '/glir' });
  await doctor.share({ admission: 'link' });
  const room = doctor.roomId.slice(0, 8);
  const others = Array.from({ length: 80 }, (_, index) => `flood${index}`);
  await Promise.all(others.map((other) => tells({ side: 'composer', code: 'socket-cut', room: other })));
  doctor.client.sendRaw(JSON.stringify({ t: 'connection-failed', code: 'dtls-failed' }));
  await expect.poll(() => logged('dtls-failed').filter((line) => line.room === room), SOON).toHaveLength(1);
});
