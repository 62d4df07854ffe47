import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Room, roomTag } from '../../src/rooms/room.ts';
import { SOON } from '../support/server/soon.ts';
import {
  executeOnCard,
  message,
  type Place,
  personalChatOf,
  ROSSI,
  slashMessage,
  submitOnCard,
} from '../support/teams/activities.ts';
import { answeredCard, cardOf, doctorOf, idOf, startTeamsClinic, type TeamsClinic } from '../support/teams/clinic.ts';
import type { Instead } from '../support/teams/cloud.ts';

const JOIN_HASH = 'h'.repeat(43);
const FIRST = { readerId: 'a'.repeat(22), number: 1, shortCode: '123456' };

let clinic: TeamsClinic;
beforeAll(async () => {
  clinic = await startTeamsClinic();
});
let begun = 0;
beforeEach(() => {
  begun = clinic.cloud.messages().length;
  clinic.glir.log.length = 0;
});
afterEach(async () => {
  clinic.cloud.instead = null;
  await rooms().endAll('revoked');
  for (let second = 0; second < 70; second += 10) {
    clinic.glir.clock.advance(10_000);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
});
afterAll(() => clinic.stop());

const rooms = () => clinic.glir.app.rooms;
/** In this test. */
const sent = () => clinic.cloud.messages().slice(begun);
const taken = () => sent().filter(({ status }) => status >= 200 && status < 300);
const posted = () => taken().filter(({ method }) => method === 'POST');
/** Sent at the time of GLIR's clock, which the tests move by hours. */
async function post(activity: object, serviceUrl = clinic.cloud.serviceUrl) {
  const seconds = Math.floor(clinic.glir.clock.now() / 1000);
  const token = await clinic.cloud.sign({ serviceurl: serviceUrl, nbf: seconds, exp: seconds + 3600 });
  return clinic.cloud.post({ ...activity, serviceUrl }, { token });
}
const refusing =
  (status: number, method = 'PUT', headers: Record<string, string> = {}): Instead =>
  (call) =>
    call.method === method && call.path.includes('/v3/')
      ? { status, body: '{"error":{"code":"x"}}', headers }
      : undefined;

/** Types `/glir 15m` in the personal chat and shares; gives the note with its card. */
async function opened(): Promise<{ room: Room; id: string }> {
  await post(message('/glir 15m'));
  await expect.poll(posted, SOON).toHaveLength(1);
  const room = rooms().of(doctorOf()).at(-1);
  if (room === undefined) throw new Error('no note');
  await rooms().open(room.id, JOIN_HASH, room.policy);
  await shows('Open ·');
  return { room, id: idOf(posted()[0], clinic.cloud) };
}

async function shows(words: string, stepMs = 1_001): Promise<void> {
  await expect
    .poll(() => {
      clinic.glir.clock.advance(stepMs);
      const last = taken().at(-1);
      return last === undefined ? '' : cardOf(last).json;
    }, SOON)
    .toContain(words);
}

describe('a card that Teams does not change', () => {
  it.each([400, 404, 405, 410])('(%i) has another one in its place, which follows the note', async (status) => {
    const { room } = await opened();
    clinic.cloud.instead = refusing(status);
    rooms().setReaders(room.id, { waiting: [FIRST], readBy: 0 });
    await shows('123 456');
    expect(posted()).toHaveLength(2);
    clinic.cloud.instead = null;
    await rooms().end(room.id, 'left');
    await shows('You closed the page');
    expect(taken().at(-1)?.path).toContain(idOf(posted()[1], clinic.cloud));
    expect(posted()).toHaveLength(2);
  });

  it('(403) is posted in a conversation that is made anew', async () => {
    const { room } = await opened();
    clinic.cloud.instead = refusing(403);
    rooms().setReading(room.id, 1);
    await shows('1 person is reading');
    expect(clinic.cloud.calls.filter(({ path }) => path === '/emea/v3/conversations').length).toBeGreaterThan(0);
    expect(posted()).toHaveLength(2);
  });

  it.each([408, 409, 412, 429, 500, 502, 503])(
    '(%i) is changed as soon as Teams takes it, however late',
    async (status) => {
      const { room, id } = await opened();
      clinic.cloud.instead = refusing(status);
      rooms().setReading(room.id, 1);
      for (let minute = 0; minute < 5; minute += 1) {
        clinic.glir.clock.advance(61_000);
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      clinic.cloud.instead = null;
      await shows('1 person is reading', 10_000);
      expect(posted()).toHaveLength(1);
      expect(taken().at(-1)?.path).toContain(id);
    },
  );

  it('(429) is waited for as long as Teams asks', async () => {
    const { room } = await opened();
    clinic.cloud.instead = refusing(429, 'PUT', { 'retry-after': '20' });
    const before = sent().length;
    rooms().setReading(room.id, 1);
    for (let second = 0; second < 19; second += 1) {
      clinic.glir.clock.advance(1_000);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    expect(sent().length - before).toBe(1);
    clinic.cloud.instead = null;
    await shows('1 person is reading');
  });

  it('(401) is changed with a fresh token', async () => {
    const { room } = await opened();
    let refused = 0;
    clinic.cloud.instead = ({ method }) => {
      if (method !== 'PUT' || refused > 0) return undefined;
      refused += 1;
      return { status: 401, body: '{}' };
    };
    const logins = () => clinic.cloud.calls.filter(({ path }) => path.startsWith('/login/')).length;
    const before = logins();
    rooms().setReading(room.id, 1);
    await shows('1 person is reading');
    expect(logins() - before).toBe(1);
  });

  it('is changed at the address that Teams named last', async () => {
    const { room } = await opened();
    const serviceUrl = `${clinic.cloud.url}/emea/moved/`;
    await post(message('help'), serviceUrl);
    rooms().setReading(room.id, 1);
    await expect
      .poll(() => {
        clinic.glir.clock.advance(1_001);
        return clinic.cloud.calls.filter(({ method, path }) => method === 'PUT' && path.startsWith('/emea/moved/'))
          .length;
      }, SOON)
      .toBeGreaterThan(0);
  });
});

it('a card whose last word Teams did not take before a stop says it after the next start', async () => {
  const { id } = await opened();
  clinic.cloud.instead = refusing(503);
  await clinic.glir.pause();
  clinic.cloud.instead = null;
  await clinic.glir.again();
  // Its page may bring it back as long as its time is not up.
  await shows('Its time was up', 60_000);
  expect(taken().at(-1)?.path).toContain(id);
});

describe('a press', () => {
  it('on the card of a note that is over is answered with how it ended', async () => {
    const { room, id } = await opened();
    await rooms().end(room.id, 'left');
    await shows('You closed the page');
    const data = { action: 'glir-revoke', value: roomTag(room.id) };
    expect(answeredCard((await post(executeOnCard('glir-revoke', data, id))).json).json).toContain(
      'You closed the page',
    );
  });

  it('on a card that this server does not follow is answered there, and the card followed', async () => {
    const { id } = await opened();
    const { room } = await rooms().draft(doctorOf());
    await rooms().open(room.id, JOIN_HASH, room.policy);
    await post(submitOnCard({ action: 'glir-refresh', value: roomTag(room.id) }, id));
    rooms().setReading(room.id, 4);
    await shows('4 people are reading');
    expect(taken().at(-1)?.path).toContain(id);
  });

  it('whose card Teams does not change is answered with a new one', async () => {
    const { room, id } = await opened();
    await rooms().end(room.id, 'left');
    await shows('You closed the page');
    clinic.cloud.instead = refusing(404);
    await post(submitOnCard({ action: 'glir-admit', value: `${roomTag(room.id)} x` }, id));
    await expect.poll(() => posted().length, SOON).toBe(2);
    expect(cardOf(posted().at(-1)).json).toContain('You closed the page');
  });

  it('“Revoke” asks first, as in Slack', async () => {
    const { room } = await opened();
    const { actions, json } = cardOf(taken().at(-1));
    const asks = actions.find(({ title }) => title === 'Revoke');
    expect(asks?.type).toBe('Action.ToggleVisibility');
    expect(json).toContain('Revoke this note?');
    expect(actions.map(({ title }) => title)).toEqual(['Revoke', 'Revoke', 'Keep it open']);
    expect(rooms().find(room.id)?.state).toBe('open');
  });
});

describe.each<Place>(['group', 'channel'])('commands picked in the / menu of a %s', (where) => {
  it.each([
    ['glir 15m', '/compose#'],
    ['/glir 15m', '/compose#'],
    ['glir list', 'You have no open notes'],
    ['glir revoke all', 'no such open note'],
    ['glir help', 'write a private note'],
  ])('“%s” is answered so that only the doctor sees it', async (text, words) => {
    await post(slashMessage(text, ROSSI, where));
    await expect.poll(() => sent().length, SOON).toBe(1);
    expect(sent()[0]?.query.get('isTargetedActivity')).toBe('true');
    expect(cardOf(sent()[0]).json).toContain(words);
  });

  it('what is not sent to the bot is not read', async () => {
    const { recipient: _, ...other } = { recipient: null, ...slashMessage('glir 15m', ROSSI, where) };
    await post({ ...other, recipient: { id: '28:other', name: 'GLIR' } });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(sent()).toEqual([]);
  });

  it('where Teams refuses the targeted answer and the personal chat, the doctor is told where to write', async () => {
    clinic.cloud.instead = ({ path, query, method }) =>
      method === 'POST' &&
      (query.has('isTargetedActivity') || path.includes(personalChatOf(ROSSI)) || path === '/emea/v3/conversations')
        ? { status: 403, body: '{}' }
        : undefined;
    await post(slashMessage('glir list', ROSSI, where));
    await expect.poll(() => posted().length, SOON).toBe(1);
    const { json } = cardOf(posted()[0]);
    expect(json).toContain('Open the chat with GLIR');
    expect(json).not.toContain('notes');
  });
});
