import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort, type Glir, startGlir } from '../support/server/glir.ts';
import { findsIn } from '../support/server/search.ts';
import { SOON } from '../support/server/soon.ts';
import {
  conversationUpdate,
  fetchTask,
  installationUpdate,
  message,
  personalChatOf,
  ROSSI,
  submitAction,
  taskFetch,
  WEBER,
} from '../support/teams/activities.ts';
import { cardOf, dialogOf, doctorOf, startTeamsClinic, submission, type TeamsClinic } from '../support/teams/clinic.ts';

const JOIN_HASH = 'h'.repeat(43);
const NO_AUDIT = { GLIR_AUDIT_DAYS: '0' };

let clinic: TeamsClinic;
beforeAll(async () => {
  // The audit outlives a person who removed GLIR: audit-platforms.test.ts.
  clinic = await startTeamsClinic(NO_AUDIT);
});
beforeEach(() => {
  clinic.cloud.calls.length = 0;
});
afterAll(() => clinic.stop());

const rooms = () => clinic.glir.app.rooms;
const sent = () => clinic.cloud.messages();
const post = (activity: object) => clinic.cloud.post(activity);

/** Whether GLIR keeps anything of the doctor. */
async function keeps(text: string): Promise<boolean> {
  const folder = clinic.cloud.env['GLIR_DATA_DIR'] ?? '';
  const names = await readdir(folder);
  return findsIn(await Promise.all(names.map((name) => readFile(path.join(folder, name)))), text);
}

/** Asks for help and waits for the answer, so that whatever was to be said before is said. */
async function settled(person = ROSSI): Promise<void> {
  const before = sent().length;
  await post(message('help', person));
  await expect
    .poll(
      () =>
        sent()
          .slice(before)
          .some(({ body }) => body.includes('/glir list')),
      SOON,
    )
    .toBe(true);
}

describe('when GLIR is installed', () => {
  it.each(['group', 'channel'] as const)('in a %s, it says nothing', async (place) => {
    await post(conversationUpdate(ROSSI, place));
    expect((await post(installationUpdate('add', ROSSI, place))).status).toBe(200);
    await settled();
    expect(sent()).toHaveLength(1);
  });

  it('for a person, it introduces itself once, however often and however Teams tells it', async () => {
    const added = installationUpdate('add', WEBER);
    const all = [added, added, conversationUpdate(WEBER), installationUpdate('add', WEBER), conversationUpdate(WEBER)];
    await Promise.all(all.map(post));
    await post(installationUpdate('add', WEBER));
    await post(installationUpdate('add-upgrade', WEBER));
    await settled(WEBER);
    const welcomes = sent().filter(({ body }) => body.includes('Welcome to GLIR'));
    expect(welcomes).toHaveLength(1);
    expect(welcomes[0]?.path).toBe(`/emea/v3/conversations/${personalChatOf(WEBER)}/activities`);
  });

  it('its welcome opens the dialog of a new note', async () => {
    await post(installationUpdate('add'));
    await expect.poll(() => sent().some(({ body }) => body.includes('Welcome to GLIR')), SOON).toBe(true);
    const welcome = cardOf(sent().find(({ body }) => body.includes('Welcome to GLIR')));
    const { type, data } = welcome.button('Write a private note');
    expect({ type, data }).toMatchObject({ type: 'Action.Submit', data: { msteams: { type: 'task/fetch' } } });
    expect(dialogOf((await post(taskFetch(data ?? {}, '1'))).json).card.chosen).toHaveProperty('expiry');
  });

  it('it remembers the chat for the note’s card, across restarts', async () => {
    await settled();
    await expect.poll(() => keeps(personalChatOf(ROSSI)), SOON).toBe(true);
    await clinic.glir.stop();
    const glir = await startGlir({ ...clinic.cloud.env, ...NO_AUDIT });
    try {
      const { card } = dialogOf((await post(fetchTask(ROSSI, 'group'))).json);
      await post(submitAction(submission(card, 'Continue'), ROSSI, 'group'));
      const [room] = glir.app.rooms.of(doctorOf());
      await glir.app.rooms.open(room?.id ?? '', JOIN_HASH, room?.policy ?? fail());
      await expect.poll(() => sent().at(-1)?.body ?? '', SOON).toContain('Your private note');
      expect(clinic.cloud.calls.filter(({ path: called }) => called === '/emea/v3/conversations')).toEqual([]);
    } finally {
      await glir.stop();
    }
    clinic.glir = await startGlir({ ...clinic.cloud.env, ...NO_AUDIT });
  });
});

describe('when GLIR is removed', () => {
  it('by a person, their notes end and everything about them is deleted; others are left alone', async () => {
    for (const person of [ROSSI, WEBER]) {
      const { room } = await rooms().draft(doctorOf(person));
      await rooms().open(room.id, JOIN_HASH, room.policy);
      await rooms().end(room.id, 'expired');
      await settled(person);
    }
    const { room } = await rooms().draft(doctorOf());
    await rooms().open(room.id, JOIN_HASH, room.policy);
    const theirs = (await rooms().draft(doctorOf(WEBER))).room;
    expect(await keeps(ROSSI.aadObjectId)).toBe(true);

    expect((await post(installationUpdate('remove'))).status).toBe(200);
    expect((await rooms().findTombstone(room.id))?.reason).toBe('stopped');
    expect(rooms().find(theirs.id)).toBeDefined();
    expect(await keeps(ROSSI.aadObjectId)).toBe(false);
    expect(await keeps(personalChatOf(ROSSI))).toBe(false);
    expect(await keeps(WEBER.aadObjectId)).toBe(true);
  });

  it('for a newer version, nothing ends and nothing is said', async () => {
    await settled(WEBER);
    const before = sent().length;
    const { room } = await rooms().draft(doctorOf(WEBER));
    await post(installationUpdate('remove-upgrade', WEBER));
    await post(installationUpdate('add-upgrade', WEBER));
    await settled(WEBER);
    expect(rooms().find(room.id)).toBeDefined();
    expect(await keeps(WEBER.aadObjectId)).toBe(true);
    expect(sent()).toHaveLength(before + 1);
  });

  it('from a group or team, nobody’s notes end', async () => {
    const { room } = await rooms().draft(doctorOf(WEBER));
    for (const place of ['group', 'channel'] as const) await post(installationUpdate('remove', WEBER, place));
    expect(rooms().find(room.id)).toBeDefined();
    expect(await keeps(WEBER.aadObjectId)).toBe(true);
  });

  it('and installed again, it introduces itself again', async () => {
    await post(installationUpdate('add'));
    await expect.poll(() => sent().some(({ body }) => body.includes('Welcome to GLIR')), SOON).toBe(true);
  });
});

describe('Slack and Teams at once', () => {
  let both: TeamsClinic;
  beforeAll(async () => {
    both = await startTeamsClinic({
      GLIR_SLACK_CLIENT_ID: '1.2',
      GLIR_SLACK_CLIENT_SECRET: 'secret',
      GLIR_SLACK_SIGNING_SECRET: 'signing',
    });
  });
  afterAll(() => both.stop());

  it('answer each at its own address, and the local chat is off', async () => {
    await both.cloud.post(message('/glir 15m'));
    await expect.poll(() => both.glir.app.rooms.of(doctorOf()), SOON).toHaveLength(1);
    const slack = await fetch(`${both.glir.url}/slack/events`, { method: 'POST', body: 'command=/glir' });
    expect(slack.status).toBe(401);
    expect((await fetch(`${both.glir.url}/slack/install`)).status).toBe(200);
    expect((await fetch(`${both.glir.url}/local/command`)).status).toBe(404);
    expect(await (await fetch(`${both.glir.url}/`)).text()).toContain('In <bdi>Slack or Microsoft Teams</bdi>, type');
  });
});

describe('from the Agents Playground', () => {
  let glir: Glir;
  let folder: string;
  const origin = 'http://localhost:56150';
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'glir-playground-'));
    glir = await startGlir({
      PORT: String(await freePort()),
      GLIR_TEAMS_PLAYGROUND: origin,
      GLIR_DATA_DIR: folder,
      GLIR_DATA_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    });
  });
  afterAll(async () => {
    await glir.stop();
    await rm(folder, { recursive: true });
  });

  it.each([
    [`${origin}/_connector`, 200],
    ['http://localhost:56151/_connector', 403],
    ['https://smba.trafficmanager.net/emea/', 403],
  ])('requests that name the service URL %s are answered with %i', async (serviceUrl, status) => {
    const got = await fetch(`${glir.url}/api/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...fetchTask(), serviceUrl }),
    });
    expect(got.status).toBe(status);
  });

  it.each<[string, Record<string, string>, number]>([
    ['of the Playground itself', {}, 200],
    ['through another name of this machine', { host: '127.0.0.1:3978' }, 200],
    ['from the Playground’s page', { origin }, 200],
    ['through a name that somebody points at this machine', { host: 'glir.attacker.example' }, 403],
    ['through a name that begins like this machine’s', { host: 'localhost.attacker.example:80' }, 403],
    ['from a page of another site', { origin: 'https://attacker.example' }, 403],
    ['from a page without an origin', { origin: 'null' }, 403],
    ['from another page on this machine', { origin: 'http://localhost:8080' }, 403],
    ['of a browser that says so by other means', { 'sec-fetch-site': 'cross-site' }, 403],
  ])('requests %s are answered with the right status', async (_whose, headers, status) => {
    const body = JSON.stringify({ ...fetchTask(), serviceUrl: `${origin}/_connector` });
    const got = await new Promise<number>((resolve, reject) => {
      const sent = httpRequest(`${glir.url}/api/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
      });
      sent.once('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      sent.once('error', reject).end(body);
    });
    expect(got).toBe(status);
  });
});

function fail(): never {
  throw new Error('no room');
}
