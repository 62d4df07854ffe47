import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PROTOCOL_VERSION } from '../../src/protocol/constants.ts';
import type { Room } from '../../src/rooms/room.ts';
import { AT_ONCE_MS, SOON } from '../support/server/soon.ts';
import { request } from '../support/signalling/channels.ts';
import { rawClient } from '../support/signalling/client.ts';
import {
  executeOnCard,
  fetchTask,
  message,
  personalChatOf,
  ROSSI,
  submitAction,
  submitOnCard,
  type TeamsPerson,
  WEBER,
} from '../support/teams/activities.ts';
import {
  answeredCard,
  cardOf,
  dialogOf,
  doctorOf,
  idOf,
  startTeamsClinic,
  submission,
  type TeamsClinic,
} from '../support/teams/clinic.ts';

const JOIN_HASH = 'h'.repeat(43);
const FIRST = { readerId: 'a'.repeat(22), number: 1, shortCode: '123456' };

let clinic: TeamsClinic;
beforeAll(async () => {
  clinic = await startTeamsClinic();
});
beforeEach(() => {
  clinic.cloud.calls.length = 0;
  clinic.glir.log.length = 0;
});
afterEach(async () => {
  clinic.cloud.instead = null;
  await clinic.glir.app.rooms.endAll('revoked');
  // What came late would count for the next test.
  await settled(4);
});
afterAll(() => clinic.stop());

const rooms = () => clinic.glir.app.rooms;
const sent = () => clinic.cloud.messages();
const posted = () => sent().filter(({ method }) => method === 'POST');
const lastCard = () => cardOf(sent().at(-1));
const post = (activity: object) => clinic.cloud.post(activity);

/** The doctor's only note. */
function note(person: TeamsPerson = ROSSI): Room {
  const [room] = rooms().of(doctorOf(person));
  if (room === undefined) throw new Error('no note');
  return room;
}

async function share(): Promise<Room> {
  const room = note();
  await rooms().open(room.id, JOIN_HASH, room.policy);
  return room;
}

/** Lets the board's pace of one call a second pass. */
function later(): void {
  clinic.glir.clock.advance(1_001);
}

/** Waits until GLIR has said everything: until it has said nothing new, so many times 60 ms in a row. */
async function settled(times = 1): Promise<void> {
  let before = -1;
  let quiet = 0;
  await expect
    .poll(
      () => {
        later();
        quiet = before === sent().length ? quiet + 1 : 0;
        before = sent().length;
        return quiet;
      },
      { interval: 60, timeout: 5_000 },
    )
    .toBeGreaterThanOrEqual(times);
}

/** Types `/glir 15m` in the personal chat and waits for the card. */
async function typed(): Promise<string> {
  await post(message('/glir 15m'));
  await expect.poll(posted, SOON).toHaveLength(1);
  await expect.poll(() => posted()[0]?.status, SOON).toBe(201);
  return idOf(posted()[0], clinic.cloud);
}

async function shows(words: string): Promise<void> {
  later();
  await expect.poll(() => lastCard().json, SOON).toContain(words);
}

describe('one card in the personal chat', () => {
  it('is the button to write, then follows the note to its end, in place', async () => {
    const id = await typed();
    expect(lastCard().button('Write the note').url).toContain('/compose#');
    const room = await share();
    await shows('Nobody is reading, not read yet');
    expect(lastCard().json).toMatch(/Ends \{\{TIME\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\)\}\}/);
    expect(lastCard().json).not.toContain('/compose');
    rooms().setReaders(room.id, { waiting: [FIRST], readBy: 0 });
    await shows('123 456');
    rooms().setReaders(room.id, { waiting: [], readBy: 2 });
    rooms().setReading(room.id, 2);
    await shows('2 people are reading, read by 2');
    await rooms().end(room.id, 'expired');
    await shows('Its time was up');
    expect(lastCard().actions).toEqual([]);
    expect(posted()).toHaveLength(1);
    expect(
      new Set(
        sent()
          .filter(({ method }) => method === 'PUT')
          .map(({ path }) => path),
      ),
    ).toEqual(new Set([`/emea/v3/conversations/${personalChatOf(ROSSI)}/activities/${id}`]));
    expect(JSON.stringify(clinic.cloud.calls.map(({ body }) => body))).not.toContain('/n/');
  });

  it('has another one beside it for a note that the doctor’s page begins with the same text, which says so', async () => {
    await typed();
    const room = await share();
    await shows('Nobody is reading');
    const { ownerToken } = await rooms().open(room.id, JOIN_HASH, room.policy);
    const page = await rawClient(clinic.glir.url);
    const { ticket } = await request(page, 'draft-again', { version: PROTOCOL_VERSION, ownerToken });
    const { room: next } = await rooms().redeem(ticket, () => false);
    await settled();
    expect(posted()).toHaveLength(1);
    await rooms().open(next.id, JOIN_HASH, next.policy);
    await shows('Opened again from your page');
    expect(posted()).toHaveLength(2);
    rooms().setReaders(next.id, { waiting: [FIRST], readBy: 0 });
    await shows('123 456');
  });

  it('says so when a draft was never shared', async () => {
    await typed();
    await rooms().end(note().id, 'expired');
    await shows('Its time was up');
  });

  it.each(['Action.Execute', 'Action.Submit'])(
    'takes the place of the form that was submitted with %s',
    async (kind) => {
      await post(message('glir'));
      await expect.poll(() => posted()[0]?.status, SOON).toBe(201);
      const id = idOf(posted()[0], clinic.cloud);
      const data = submission(lastCard(), 'Continue', { expiry: '600' });
      const { json } = await post(
        kind === 'Action.Submit' ? submitOnCard(data, id) : executeOnCard('glir-form', data, id),
      );
      if (kind === 'Action.Execute') expect(answeredCard(json).button('Write the note').url).toContain('/compose#');
      await expect.poll(() => sent().at(-1)?.path, SOON).toMatch(new RegExp(`/${id}$`));
      expect(lastCard().button('Write the note').url).toContain('/compose#');
      await share();
      await shows('Open ·');
      expect(posted()).toHaveLength(1);
    },
  );

  it('belongs to the last note where the form is submitted twice', async () => {
    await post(message('glir'));
    await expect.poll(() => posted()[0]?.status, SOON).toBe(201);
    const id = idOf(posted()[0], clinic.cloud);
    const data = submission(lastCard(), 'Continue');
    await post(executeOnCard('glir-form', data, id));
    await post(executeOnCard('glir-form', data, id));
    const [first, second] = rooms().of(doctorOf());
    await settled();
    await rooms().end(first?.id ?? '', 'expired');
    await settled();
    expect(lastCard().button('Write the note').url).toBeDefined();
    await rooms().end(second?.id ?? '', 'revoked');
    await shows('You revoked it');
  });

  it('appears on “Share” for a note from a dialog in a group, without a trace in the group', async () => {
    const { card } = dialogOf((await post(fetchTask(ROSSI, 'group'))).json);
    await post(submitAction(submission(card, 'Continue'), ROSSI, 'group'));
    await settled();
    expect(sent()).toEqual([]);
    await share();
    await expect.poll(posted, SOON).toHaveLength(1);
    expect(posted()[0]?.path).toBe(`/emea/v3/conversations/${personalChatOf(ROSSI)}/activities`);
    await shows('Open ·');
  });

  it('is never posted into a chat between two people, which Teams calls personal too', async () => {
    const theirs = { conversationType: 'personal', id: '19:one_two@unq.gbl.spaces' };
    const at = (activity: object) => ({ ...activity, conversation: theirs });
    const { card } = dialogOf((await post(at(fetchTask()))).json);
    await post(at(submitAction(submission(card, 'Continue'))));
    await share();
    await shows('Open ·');
    expect(sent().filter(({ path }) => path.includes('19:'))).toEqual([]);
  });

  it('is made in a chat of its own for a doctor who never wrote to GLIR', async () => {
    const { card } = dialogOf((await post(fetchTask(WEBER, 'group'))).json);
    await post(submitAction(submission(card, 'Continue'), WEBER, 'group'));
    const room = note(WEBER);
    await rooms().open(room.id, JOIN_HASH, room.policy);
    await expect.poll(posted, SOON).toHaveLength(1);
    const made = clinic.cloud.calls.filter(({ path }) => path === '/emea/v3/conversations');
    expect(made).toMatchObject([{ fields: { isGroup: false, members: [{ id: WEBER.id }] } }]);
    expect(posted()[0]?.path).toBe(`/emea/v3/conversations/${personalChatOf(WEBER)}/activities`);
  });

  it('is given up where GLIR may not write, once and without harm to the note', async () => {
    clinic.cloud.instead = ({ path }) => (path.includes('/v3/') ? { status: 403, body: '{"error":{}}' } : undefined);
    const { card } = dialogOf((await post(fetchTask())).json);
    await post(submitAction(submission(card, 'Continue')));
    const room = await share();
    await settled();
    rooms().setReading(room.id, 1);
    await settled();
    expect(sent()).toHaveLength(1);
    expect(clinic.glir.log.filter((line) => line.includes('teams-no-status-card'))).toHaveLength(1);
    expect(rooms().find(room.id)?.state).toBe('open');
  });

  it.each([429, 500, 503])('is tried again when Teams answers %i, with the newest state', async (status) => {
    await typed();
    let refused = 0;
    clinic.cloud.instead = ({ method }) => {
      if (method !== 'PUT' || refused > 1) return undefined;
      refused += 1;
      return { status, body: '{}' };
    };
    const room = await share();
    for (let reading = 1; reading <= 30; reading++) rooms().setReading(room.id, reading);
    const shown = () => {
      later();
      const status = sent().at(-1)?.status ?? 0;
      return { refused, shown: status >= 200 && status < 300 };
    };
    await expect.poll(shown, SOON).toEqual({ refused: 2, shown: true });
    expect(lastCard().json).toContain('30 people are reading');
    await settled();
    expect(sent().length).toBeLessThan(7);
  });

  it('is not waited for: a connector that never answers holds up nothing', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const serviceUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    const token = await clinic.cloud.sign({ serviceurl: serviceUrl });
    const asked = once(silent, 'request');
    const { status, ms } = await clinic.cloud.post({ ...message('/glir 15m', WEBER), serviceUrl }, { token });
    expect(status).toBe(200);
    expect(ms).toBeLessThan(AT_ONCE_MS);
    await asked;
    await typed();
    silent.closeAllConnections();
    silent.close();
  });
});

describe('a press on the card', () => {
  it.each(['Action.Execute', 'Action.Submit'])('“Revoke” with %s ends the note, and the card says so', async (kind) => {
    const id = await typed();
    const room = await share();
    await shows('Open ·');
    const data = lastCard().button('Revoke').data ?? {};
    const { json } = await post(
      kind === 'Action.Submit' ? submitOnCard(data, id) : executeOnCard('glir-revoke', data, id),
    );
    if (kind === 'Action.Execute') expect(answeredCard(json).json).toContain('You revoked it');
    expect((await rooms().findTombstone(room.id))?.reason).toBe('revoked');
    await shows('You revoked it');
    expect(posted()).toHaveLength(1);
  });

  it.each(['Admit', 'Refuse'])('“%s” reaches the open composer once, and not when nobody waits', async (title) => {
    const decisions: string[] = [];
    const unlisten = rooms().onEvent((event) => {
      if (event.kind === 'decision-requested') decisions.push(`${event.decision} ${event.readerId}`);
    });
    const id = await typed();
    const room = await share();
    rooms().setReaders(room.id, { waiting: [FIRST], readBy: 0 });
    await shows('123 456');
    const { verb = '', data = {} } = lastCard().button(title);
    const twice = executeOnCard(verb, data, id);
    const [one] = await Promise.all([post(twice), post(twice)]);
    answeredCard(one.json);
    expect(decisions).toEqual([`${title.toLowerCase()} ${FIRST.readerId}`]);
    rooms().setReaders(room.id, { waiting: [], readBy: 0 });
    const { json } = await post(executeOnCard(verb, data, id));
    expect(json).toEqual({
      statusCode: 200,
      type: 'application/vnd.microsoft.activity.message',
      value: 'That person is no longer waiting.',
    });
    expect(decisions).toHaveLength(1);
    unlisten();
  });

  it('in a list ends that note, and the list is shorter', async () => {
    const keep = (await rooms().draft(doctorOf())).room;
    await rooms().draft(doctorOf());
    await post(message('list'));
    await expect.poll(() => posted()[0]?.status, SOON).toBe(201);
    const [, second] = lastCard().actions.filter(({ type }) => type === 'Action.Execute');
    const { json } = await post(executeOnCard(second?.verb ?? '', second?.data ?? {}, idOf(posted()[0], clinic.cloud)));
    expect(answeredCard(json).actions.filter(({ type }) => type === 'Action.Execute')).toHaveLength(1);
    expect(rooms().of(doctorOf())).toEqual([keep]);
  });

  it.each([
    ['another doctor', WEBER, {}],
    ['the same id in another organisation', ROSSI, { tenant: 'c3a1d5b2-0000-4000-8000-2a5b7e9d1f04' }],
  ])('by %s does nothing to the note', async (_who, person, { tenant }: { tenant?: string }) => {
    const id = await typed();
    const room = await share();
    await shows('Open ·');
    const press = executeOnCard('glir-revoke', lastCard().button('Revoke').data ?? {}, id, person);
    const answer = await post(tenant === undefined ? press : { ...press, channelData: { tenant: { id: tenant } } });
    if (tenant === undefined) expect(answeredCard(answer.json).json).toContain('There is no such open note');
    else expect(answer.status).toBe(403);
    expect(rooms().find(room.id)?.state).toBe('open');
  });

  it.each([
    { action: 'glir-revoke', value: 'nosuchid' },
    { action: 'glir-admit', value: '' },
  ])('that carries %j is refused', async (data) => {
    const { json } = await post(executeOnCard('glir-revoke', data, '1'));
    expect(answeredCard(json).json).toContain('There is no such open note');
  });

  it.each([{}, { action: 'glir-explode', value: 'x' }, { action: ['glir-revoke'], value: 'x' }, { form: 'x' }])(
    'that GLIR does not know is answered with a word: %j',
    async (data) => {
      const { status, json } = await post(executeOnCard('x', data, '1'));
      expect(status).toBe(200);
      expect(json).toMatchObject({ type: 'application/vnd.microsoft.activity.message' });
    },
  );
});

it('the log names no doctor, no link and no code', async () => {
  await typed();
  const link = lastCard().button('Write the note').url ?? '';
  const room = await share();
  rooms().setReaders(room.id, { waiting: [FIRST], readBy: 0 });
  await shows('123 456');
  const log = clinic.glir.log.join('');
  for (const secret of [new URL(link).hash.slice(1), '123456', ROSSI.name, 'tests-app-password']) {
    expect(log).not.toContain(secret);
  }
});

describe('while the doctor does not see the page', () => {
  const removed = () => sent().filter(({ method }) => method === 'DELETE');
  const pings = () => posted().slice(1);

  it('a card of its own says who waits, answers "Admit", and is taken away', async () => {
    const decisions: string[] = [];
    const unlisten = rooms().onEvent((event) => {
      if (event.kind === 'decision-requested') decisions.push(`${event.decision} ${event.readerId}`);
    });
    await typed();
    const room = await share();
    rooms().setReaders(room.id, { waiting: [FIRST], readBy: 0, isPageVisible: false });
    later();
    await expect.poll(() => pings()[0]?.status, SOON).toBe(201);
    const card = cardOf(pings()[0]);
    expect(card.json).toContain('Somebody waits for your note.');
    expect(card.json).toContain('**123 456**');
    const id = idOf(pings()[0], clinic.cloud);
    const { verb = '', data = {} } = card.button('Admit');
    const answer = await post(executeOnCard(verb, data, id));
    expect(answeredCard(answer.json).json).toContain('Let in.');
    expect(decisions).toEqual([`admit ${FIRST.readerId}`]);
    rooms().setReaders(room.id, { waiting: [], readBy: 0, isPageVisible: false });
    later();
    await expect.poll(removed, SOON).toHaveLength(1);
    // Not the note's own card, which goes on.
    expect(sent().some(({ method, path }) => method === 'PUT' && path === removed()[0]?.path)).toBe(false);
    unlisten();
  });

  it('a card that Teams does not take away says that nobody waits, and has no buttons left', async () => {
    await typed();
    const room = await share();
    rooms().setReaders(room.id, { waiting: [FIRST], readBy: 0, isPageVisible: false });
    later();
    await expect.poll(() => pings()[0]?.status, SOON).toBe(201);
    clinic.cloud.instead = ({ method }) => (method === 'DELETE' ? { status: 405, body: '{}' } : undefined);
    rooms().setReaders(room.id, { waiting: [], readBy: 0, isPageVisible: false });
    later();
    await expect
      .poll(() => sent().some((call) => call.method === 'PUT' && cardOf(call).json.includes('no longer waiting')), SOON)
      .toBe(true);
  });
});
