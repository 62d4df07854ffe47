import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findsIn } from '../support/server/search.ts';
import { SOON } from '../support/server/soon.ts';
import { executeOnCard, fetchTask, installationUpdate, message, submitAction } from '../support/teams/activities.ts';
import { doctorOf, startTeamsClinic, type TeamsClinic } from '../support/teams/clinic.ts';

const MARKER = 'marker-4821-of-a-note';
const LONG = MARKER.repeat(3_000);

let clinic: TeamsClinic;
/** What the libraries print by themselves. */
const printed: unknown[] = [];
beforeAll(async () => {
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, method).mockImplementation((...parts) => void printed.push(parts));
  }
  clinic = await startTeamsClinic();
});
afterAll(async () => {
  vi.restoreAllMocks();
  await clinic.stop();
});

/** Sends a body as it is, with a good token. */
async function send(body: string, headers: Record<string, string> = {}) {
  const token = await clinic.cloud.sign();
  const got = await fetch(`${clinic.glir.url}/api/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    body,
  });
  return { status: got.status, text: await got.text() };
}

/** An activity with one of its fields, at any depth, replaced; undefined takes it out. */
function changed(activity: object, field: string, value: unknown): object {
  const copy: Record<string, unknown> = { serviceUrl: clinic.cloud.serviceUrl, ...structuredClone(activity) };
  const names = field.split('.');
  const last = names.pop() ?? '';
  let place = copy;
  for (const name of names) place = place[name] as Record<string, unknown>;
  place[last] = value;
  return copy;
}

const NEEDED = [
  'type',
  'id',
  'channelId',
  'serviceUrl',
  'from',
  'from.id',
  'recipient',
  'recipient.id',
  'conversation',
  'conversation.id',
];
const WRONG: [string, unknown][] = [
  ['a number', 7],
  ['a list', [MARKER]],
  ['null', null],
  ['nothing', undefined],
  ['an empty text', ''],
  ['a very long text', LONG],
];

describe('a field that Teams always sends', () => {
  it.each(NEEDED.flatMap((field) => WRONG.map(([what, value]) => [field, what, value] as const)))(
    '%s as %s is refused, and nothing happens',
    async (field, _what, value) => {
      const { status, text } = await send(JSON.stringify(changed(message('/glir 15m'), field, value)));
      expect([400, 403]).toContain(status);
      expect(text).toMatch(/^\{"error":"[a-z-]+","next":"[^"]+"\}$/);
      expect(clinic.glir.app.rooms.of(doctorOf())).toEqual([]);
    },
  );
});

describe('a field that Teams may leave out', () => {
  const OPTIONAL = [
    'from.name',
    'from.aadObjectId',
    'conversation.conversationType',
    'conversation.tenantId',
    'channelData',
    'channelData.tenant',
    'channelData.tenant.id',
    'replyToId',
    'text',
    'entities',
    'name',
    'action',
    'value',
    'membersAdded',
  ];

  it.each(OPTIONAL)('%s with anything in it harms nobody', async (field) => {
    for (const value of [
      7,
      [MARKER],
      {},
      null,
      undefined,
      '',
      LONG,
      { toString: MARKER, __proto__: { admin: true } },
    ]) {
      for (const activity of [
        message('hi'),
        executeOnCard('glir-revoke', {}, '1'),
        installationUpdate('add-upgrade'),
      ]) {
        const { status } = await send(JSON.stringify(changed(activity, field, value)));
        expect([200, 400, 403, 501]).toContain(status);
      }
    }
  });
});

describe('the value of an invoke', () => {
  it.each([
    ['adaptiveCard/action', null],
    ['adaptiveCard/action', { action: null }],
    ['adaptiveCard/action', { action: { type: 'Action.Submit', data: {} } }],
    ['adaptiveCard/action', { action: 'Action.Execute' }],
    ['composeExtension/submitAction', 'text'],
    ['task/fetch', [1]],
    ['task/submit', 7],
  ])('of %s as %j is refused', async (name, value) => {
    const { status } = await send(JSON.stringify(changed({ ...submitAction({}), name }, 'value', value)));
    expect(status).toBe(400);
  });

  it.each(['edit', 'send', 'x'])('that asks for a preview (%s) posts nothing', async (botMessagePreviewAction) => {
    const activity = { ...submitAction({}), value: { data: {}, botMessagePreviewAction } };
    const { status } = await send(JSON.stringify({ serviceUrl: clinic.cloud.serviceUrl, ...activity }));
    expect([200, 400, 501]).toContain(status);
    expect(clinic.cloud.messages().filter(({ path }) => path.includes('19:'))).toEqual([]);
  });
});

describe('a body', () => {
  it.each([
    ['empty', ''],
    ['not JSON', `{"text": "${MARKER}`],
    ['a list', '[]'],
    ['a text', `"${MARKER}"`],
    ['null', 'null'],
    ['nested very deeply', `{"value":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ])('that is %s is refused with 400', async (_what, body) => {
    const { status, text } = await send(body);
    expect(status).toBe(400);
    expect(text).not.toContain(MARKER);
  });

  it('nested very deeply inside of a good activity harms nobody', async () => {
    const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    const activity = JSON.stringify({ serviceUrl: clinic.cloud.serviceUrl, ...fetchTask() });
    const { status } = await send(activity.replace('"value":{', `"value":{"deep":${deep},`));
    expect(status).toBe(200);
  });

  it('of more than 256 KiB is refused with 413, whether or not it says so before', async () => {
    const huge = JSON.stringify({ text: MARKER.padEnd(300 * 1024, 'x') });
    expect((await send(huge)).status).toBe(413);
    const { hostname, port } = new URL(clinic.glir.url);
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${await clinic.cloud.sign()}` };
    const asked = request({ hostname, port, path: '/api/messages', method: 'POST', headers });
    // Without a length the body is sent in chunks.
    asked.flushHeaders();
    asked.end(huge);
    const [got] = (await once(asked, 'response')) as [IncomingMessage];
    got.resume();
    expect(got.statusCode).toBe(413);
  });

  it('of another kind is refused', async () => {
    expect((await send('text=hi', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(400);
  });
});

it('after all that GLIR answers as before, and the log holds none of it', async () => {
  const before = clinic.cloud.messages().length;
  await clinic.cloud.post(message('/glir 15m'));
  await expect
    .poll(
      () =>
        clinic.cloud
          .messages()
          .slice(before)
          .some(({ body }) => body.includes('/compose#')),
      SOON,
    )
    .toBe(true);
  expect(printed).toEqual([]);
  expect(findsIn(clinic.glir.log, MARKER)).toBe(false);
  expect(clinic.glir.log.filter((line) => line.includes('teams-error'))).toEqual([]);
});
