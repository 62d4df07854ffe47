import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort, type Glir, startGlir } from '../support/server/glir.ts';
import { SOON } from '../support/server/soon.ts';
import { rawClient } from '../support/signalling/client.ts';
import { isRefused } from '../support/signalling/raw.ts';
import { closeAllPages, composer, reader } from '../support/signalling/wrtc.ts';

const TOKEN = 'a-token-of-the-tests-1234';

let glir: Glir;
let port: number;
beforeAll(async () => {
  port = await freePort();
  glir = await startGlir({ GLIR_METRICS_PORT: String(port) });
});
afterAll(async () => {
  closeAllPages();
  await glir?.stop();
});

const page = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();

/** The value of one line; undefined when there is none. */
async function value(line: string): Promise<number | undefined> {
  const found = (await page()).split('\n').find((one) => one.startsWith(`${line} `));
  return found === undefined ? undefined : Number(found.slice(line.length + 1));
}

it('a note’s whole life is in the metrics, and nothing of whose it is', async () => {
  const doctor = await composer(glir.url, { command: '/glir' });
  expect(await value('glir_rooms{state="draft"}')).toBe(1);
  const link = await doctor.share({ admission: 'link', expirySeconds: 600 });
  const patient = await reader(link);
  await patient.tap();
  const knock = await doctor.knock();
  await doctor.reveal(knock);
  await doctor.send(knock, 'One in the morning.');
  await patient.note();
  await patient.show();
  await doctor.shown(knock);
  expect(await doctor.client.ask({ t: 'report-readers', id: 90, waiting: [], readBy: 1 })).toMatchObject({
    t: 'reply',
  });
  expect(await value('glir_rooms{state="open"}')).toBe(1);
  expect(await value('glir_readers')).toBe(1);
  expect(await value('glir_joins_total')).toBe(1);
  expect(await value('glir_rooms_opened_total{platform="local",admission="link"}')).toBe(1);
  expect(await value('glir_admissions_total{admission="link",decision="admit"}')).toBe(1);
  expect(await value('glir_handshake_seconds_count')).toBe(1);
  expect(await value('glir_tap_to_note_seconds_count{admission="link"}')).toBe(1);
  expect(await value('glir_connection_setup_seconds_count{side="reader"}')).toBe(1);
  expect(await value('glir_workers_running')).toBe(1);
  expect(await value('glir_worker_rooms{worker="0"}')).toBe(1);
  if (process.platform === 'linux') expect(await value('glir_worker_memory_bytes{worker="0"}')).toBeGreaterThan(1e6);
  expect(await value('glir_worker_cpu_seconds_total{worker="0"}')).toBeGreaterThanOrEqual(0);

  // Told twice, it counts once.
  await doctor.client.ask({ t: 'report-readers', id: 91, waiting: [], readBy: 1 });
  expect(await value('glir_tap_to_note_seconds_count{admission="link"}')).toBe(1);

  const stranger = await rawClient(glir.url);
  await isRefused(
    stranger,
    { t: 'compose', id: 1, version: 0, ticket: 'A'.repeat(43), page: 'A'.repeat(22) },
    'wrong-version',
  );
  expect(await value('glir_refusals_total{message="compose",code="wrong-version"}')).toBe(1);

  await doctor.client.ask({ t: 'end', id: 92, reason: 'revoked' });
  await expect.poll(() => value('glir_rooms_ended_total{reason="revoked"}'), SOON).toBe(1);
  const text = await page();
  for (const own of [link.slice(-20), new URL(link).pathname.slice(3, 11)]) expect(text).not.toContain(own);
});

it('pages that cannot connect are counted by what is in the way', async () => {
  const body = JSON.stringify({ side: 'reader', code: 'socket-blocked', room: 'BBBBBBBB' });
  const headers = { origin: glir.url, 'content-type': 'application/json' };
  await fetch(`${glir.url}/connection-failed`, { method: 'POST', body, headers });
  expect(await value('glir_connection_failures_total{code="socket-blocked",side="reader"}')).toBe(1);
});

it('the web server itself has no metrics without a token', async () => {
  expect((await fetch(`${glir.url}/metrics`)).status).toBe(404);
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
  expect((await fetch(`http://127.0.0.1:${port}/metrics`, { method: 'POST' })).status).toBe(404);
});

it('with a token they are at the web server, for whoever shows it', async () => {
  const other = await startGlir({ GLIR_METRICS_TOKEN: TOKEN });
  try {
    const ask = (headers: Record<string, string>) => fetch(`${other.url}/metrics`, { headers });
    for (const headers of [
      {},
      { authorization: 'Bearer ' },
      { authorization: `Bearer ${TOKEN}x` },
      { authorization: `Basic ${TOKEN}` },
    ]) {
      const refused = await ask(headers);
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
      expect(await refused.text()).not.toContain('glir_');
    }
    const answer = await ask({ authorization: `Bearer ${TOKEN}` });
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('glir_build_info{version=')]);
  } finally {
    await other.stop();
  }
});

it('every line of a socket’s messages has that socket’s id, and of a request its request’s', async () => {
  const lines = () => glir.log.map((line): Record<string, unknown> => JSON.parse(line));
  const before = glir.log.length;
  const doctor = await composer(glir.url, { command: '/glir' });
  const link = await doctor.share({ admission: 'link', expirySeconds: 600 });
  const since = () => lines().slice(before);
  const of = (event: string) => since().filter((line) => line['event'] === event);
  // Drafted by a request of the local chat, shared over the doctor's socket, both in lines of their own.
  const [drafted] = of('room-drafted');
  const [joined] = of('composer-joined');
  const [opened] = of('room-opened');
  expect(drafted).toMatchObject({ request: expect.stringMatching(/^[\w-]{12}$/) });
  expect(drafted).not.toHaveProperty('socket');
  expect(joined?.['socket']).toMatch(/^[\w-]{12}$/);
  expect(opened?.['socket']).toBe(joined?.['socket']);
  expect(of('request-answered')).toContainEqual(
    expect.objectContaining({ where: '/local', request: drafted?.['request'] }),
  );
  const patient = await reader(link);
  await patient.tap();
  await expect.poll(() => of('reader-knocked'), SOON).toHaveLength(1);
  expect(of('reader-knocked')[0]?.['socket']).not.toBe(joined?.['socket']);
  // What ends by time was caused by nobody.
  glir.clock.advance(601_000);
  await expect.poll(() => of('room-ended'), SOON).toMatchObject([{ reason: 'expired' }]);
  expect(of('room-ended')[0]).not.toHaveProperty('socket');
  expect(of('room-ended')[0]).not.toHaveProperty('request');
});
