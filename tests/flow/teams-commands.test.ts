import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findsIn } from '../support/server/search.ts';
import { SOON } from '../support/server/soon.ts';
import { message, type Place, personalChatOf, ROSSI, WEBER } from '../support/teams/activities.ts';
import { cardOf, doctorOf, startTeamsClinic, type TeamsClinic } from '../support/teams/clinic.ts';
import type { TeamsCall } from '../support/teams/cloud.ts';

/** Stands for a note that a doctor types where it does not belong. */
const MARKER = 'Amoxicillin-7319-marker';

let clinic: TeamsClinic;
beforeAll(async () => {
  clinic = await startTeamsClinic();
});
beforeEach(() => {
  clinic.cloud.calls.length = 0;
});
afterEach(async () => {
  clinic.cloud.instead = null;
  await clinic.glir.app.rooms.endAll('revoked');
});
afterAll(() => clinic.stop());

const rooms = () => clinic.glir.app.rooms;
const mine = () => rooms().of(doctorOf());
/** What GLIR posted; the notes' cards are changed afterwards, which is another test's. */
const sent = () => clinic.cloud.messages().filter(({ method }) => method === 'POST');

/** Writes a message, and waits for the answer that GLIR posts. */
async function answerTo(text: string, person = ROSSI, place: Place = 'personal'): Promise<TeamsCall> {
  const before = sent().length;
  const { status, text: body } = await clinic.cloud.post(message(text, person, place));
  expect({ status, body }).toEqual({ status: 200, body: '' });
  await expect.poll(() => sent().length, SOON).toBeGreaterThan(before);
  const call = sent()[before];
  if (call === undefined) throw new Error('no answer');
  return call;
}

const isPersonal = ({ path }: TeamsCall) => path === `/emea/v3/conversations/${personalChatOf(ROSSI)}/activities`;
const isWhispered = ({ query }: TeamsCall) => query.get('isTargetedActivity') === 'true';

describe('in the personal chat', () => {
  it.each(['glir', '/glir', 'GLIR', ' glir '])(
    '“%s” shows the choices of a new note, and opens nothing',
    async (text) => {
      const call = await answerTo(text);
      expect(isPersonal(call)).toBe(true);
      const card = cardOf(call);
      expect(card.chosen).toEqual({ expiry: '1800', admission: 'ask', readers: '3' });
      expect(card.button('Continue')).toMatchObject({
        type: 'Action.Execute',
        verb: 'glir-form',
        data: { form: 'glir-form' },
      });
      expect(mine()).toEqual([]);
    },
  );

  it.each([
    ['glir 15m', 900],
    ['/glir 15m', 900],
    ['/glir 1h30m', 5400],
  ])('“%s” gives the button to write at once', async (text, seconds) => {
    const card = cardOf(await answerTo(text));
    const { type, url } = card.button('Write the note');
    expect(type).toBe('Action.OpenUrl');
    expect(url).toMatch(new RegExp(`^${clinic.glir.url}/compose#[\\w-]{43}$`));
    expect(mine()).toMatchObject([{ state: 'draft', policy: { expirySeconds: seconds } }]);
  });

  it.each(['help', '/glir help', 'hi', 'Hello', '?', ''])('“%s” tells what GLIR can do', async (text) => {
    expect(cardOf(await answerTo(text)).json).toContain('/glir list');
  });

  it.each(['list', '/list', 'glir list'])(
    '“%s” shows the doctor’s own open notes, each with a button',
    async (text) => {
      expect(cardOf(await answerTo(text)).json).toContain('You have no open notes.');
      await rooms().draft(doctorOf());
      await rooms().draft(doctorOf(WEBER));
      const { actions } = cardOf(await answerTo(text));
      expect(actions.flatMap(({ verb }) => verb ?? [])).toEqual(['glir-revoke-listed']);
    },
  );

  it.each(['revoke all', '/glir revoke all'])('“%s” ends the doctor’s own notes', async (text) => {
    await rooms().draft(doctorOf());
    const theirs = (await rooms().draft(doctorOf(WEBER))).room;
    expect(cardOf(await answerTo(text)).json).toContain('The note is gone');
    expect(mine()).toEqual([]);
    expect(rooms().find(theirs.id)).toBeDefined();
  });

  it('refuses a life that is too long, and says what would do', async () => {
    expect(cardOf(await answerTo('/glir 10d')).json).toContain('A note can live from 1 minute to 24 hours.');
    expect(mine()).toEqual([]);
  });

  it('answers each message once, however often it is delivered', async () => {
    const twice = message('/glir 15m');
    await Promise.all([clinic.cloud.post(twice), clinic.cloud.post(twice)]);
    await clinic.cloud.post(twice);
    await expect.poll(sent, SOON).toHaveLength(1);
    await answerTo('help');
    expect(sent()).toHaveLength(2);
    expect(mine()).toHaveLength(1);
  });

  it('works for a person whose object id Teams does not tell', async () => {
    const { aadObjectId: _, ...guest } = ROSSI;
    await clinic.cloud.post({ ...message('/glir 15m'), from: guest });
    const doctor = { ...doctorOf(), user: ROSSI.id };
    await expect.poll(() => rooms().of(doctor), SOON).toHaveLength(1);
    await expect.poll(sent, SOON).toHaveLength(1);
  });
});

describe.each(['group', 'channel'] as const)('in a %s', (place) => {
  it.each(['', 'glir', '/glir'])('“@GLIR %s” shows the choices to that person alone', async (text) => {
    const call = await answerTo(text, ROSSI, place);
    expect(isWhispered(call)).toBe(true);
    expect(call.fields['recipient']).toEqual({ id: ROSSI.id, isTargeted: true });
    expect(cardOf(call).chosen).toHaveProperty('expiry');
  });

  it('“@GLIR glir 15m” gives the button to write to that person alone', async () => {
    const call = await answerTo('glir 15m', ROSSI, place);
    expect(isWhispered(call)).toBe(true);
    expect(cardOf(call).button('Write the note').url).toContain('/compose#');
    expect(mine()).toHaveLength(1);
  });

  it.each([400, 403, 404, 500])(
    'answers in the personal chat when Teams refuses with %i, and never to everybody',
    async (status) => {
      clinic.cloud.instead = (call) => (isWhispered(call) ? { status, body: '{}' } : undefined);
      await clinic.cloud.post(message('help', ROSSI, place));
      await expect.poll(() => sent().filter(isPersonal), SOON).toHaveLength(1);
      expect(sent()).toHaveLength(2);
    },
  );

  it('is silent where the bot is not mentioned', async () => {
    const { entities: _, ...unmentioned } = { entities: [], ...message('glir 15m', ROSSI, place) };
    expect((await clinic.cloud.post(unmentioned)).status).toBe(200);
    await answerTo('help');
    expect(sent()).toHaveLength(1);
    expect(mine()).toEqual([]);
  });
});

it('nothing said in a group or channel can be seen by the others', async () => {
  for (const place of ['group', 'channel'] as const) {
    for (const text of ['', 'glir 15m', 'list', 'revoke all', 'help', 'settings', MARKER])
      await answerTo(text, ROSSI, place);
  }
  const public_ = sent().filter((call) => !isWhispered(call) && !isPersonal(call) && call.path.includes('19:'));
  expect(public_).toEqual([]);
});

describe('what a doctor types where it does not belong', () => {
  const MISTAKES = [
    `${MARKER} 500 mg three times a day`,
    `/glir ${MARKER}`,
    `glir 15m ${MARKER}`,
    `list ${MARKER}`,
    `revoke ${MARKER} ${MARKER}`,
    `settings ${MARKER}`,
    `<at>GLIR</at> ${MARKER}`,
    `15m`,
  ];

  it.each(MISTAKES)('is dropped, with a word about it: %s', async (text) => {
    const card = cardOf(await answerTo(text));
    expect(card.json).toContain("Don't type the note here");
    expect(card.json).toContain('Teams keeps what you type');
    expect(mine()).toEqual([]);
  });

  it('is nowhere: in no log line, in no call, in no file', async () => {
    for (const text of MISTAKES) await answerTo(text);
    for (const text of MISTAKES) await answerTo(text, ROSSI, 'group');
    const value = { ...message(''), value: { note: MARKER, action: 'glir-revoke', value: MARKER }, text: MARKER };
    await clinic.cloud.post(value);
    await clinic.cloud.post({
      ...message(MARKER),
      attachments: [{ content: MARKER }],
      channelData: null,
      summary: MARKER,
    });
    await answerTo('help');
    const { cloud, glir } = clinic;
    const everything = [
      ...glir.log,
      ...cloud.calls.map(({ body }) => body),
      ...(await filesOf(cloud.env['GLIR_DATA_DIR'])),
    ];
    expect(findsIn(everything, MARKER)).toBe(false);
    expect(findsIn(everything, ROSSI.aadObjectId)).toBe(true);
  });
});

async function filesOf(folder = ''): Promise<Buffer[]> {
  const { readdir, readFile } = await import('node:fs/promises');
  const names = await readdir(folder);
  return Promise.all(names.map((name) => readFile(`${folder}/${name}`)));
}
