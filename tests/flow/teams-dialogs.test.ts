import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SOON } from '../support/server/soon.ts';
import {
  executeOnCard,
  fetchTask,
  message,
  ROSSI,
  submitAction,
  taskFetch,
  taskSubmit,
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

let clinic: TeamsClinic;
beforeAll(async () => {
  clinic = await startTeamsClinic();
});
beforeEach(() => {
  clinic.cloud.calls.length = 0;
});
afterEach(() => clinic.glir.app.rooms.endAll('revoked'));
afterAll(() => clinic.stop());

const rooms = () => clinic.glir.app.rooms;
const mine = () => rooms().of(doctorOf());
const post = (activity: object) => clinic.cloud.post(activity);

/** Picks `/glir` and gives the dialog's card. */
async function form(person = ROSSI) {
  return dialogOf((await post(fetchTask(person))).json);
}

describe('/glir picked anywhere in Teams', () => {
  it.each([
    ['personal', 'compose'],
    ['group', 'compose'],
    ['channel', 'compose'],
    ['personal', 'commandBox'],
  ] as const)('opens a dialog of choices in a %s chat’s %s, and says nothing there', async (place, context) => {
    const { status, json } = await post(fetchTask(ROSSI, place, context));
    expect(status).toBe(200);
    const { title, card } = dialogOf(json);
    expect(title).toBe('A private note');
    expect(card.json).not.toContain('Input.Text');
    expect(card.button('Continue')).toMatchObject({ type: 'Action.Submit', data: { form: 'glir-form' } });
    expect(clinic.cloud.messages()).toEqual([]);
    expect(mine()).toEqual([]);
  });

  it.each(['personal', 'group', 'channel'] as const)(
    'leads to the button to write, in a %s chat too',
    async (place) => {
      const { card } = await form();
      const chosen = { expiry: '900', admission: 'link', readers: '1' };
      const { status, json } = await post(submitAction(submission(card, 'Continue', chosen), ROSSI, place));
      expect(status).toBe(200);
      const ready = dialogOf(json);
      expect(ready.card.button('Write the note').url).toMatch(new RegExp(`^${clinic.glir.url}/compose#[\\w-]{43}$`));
      expect(mine()).toMatchObject([{ policy: { expirySeconds: 900, admission: 'link', maxReaders: 1 } }]);
      expect(json).not.toHaveProperty('composeExtension');
      expect(clinic.cloud.messages()).toEqual([]);
    },
  );

  it('opens one note however often the answer is delivered, and shows it every time', async () => {
    const { card } = await form();
    const twice = submitAction(submission(card, 'Continue'));
    const [one, two] = await Promise.all([post(twice), post(twice)]);
    expect(one.json).toEqual(two.json);
    expect(mine()).toHaveLength(1);
  });

  it('can be taken back in the dialog', async () => {
    const { card } = await form();
    const ready = dialogOf((await post(submitAction(submission(card, 'Continue')))).json).card;
    const { json } = await post(submitAction(ready.button('Revoke').data ?? {}));
    expect(dialogOf(json).card.json).toContain('You revoked it');
    expect(mine()).toEqual([]);
  });

  it.each([
    ['a choice that nobody offered', { expiry: '864000' }, 'A note can live from 1 minute to 24 hours.'],
    ['too many readers', { readers: '21' }, 'Choose from 1 to 20 readers.'],
  ])('shows the form again for %s, with what to change', async (_what, choices, words) => {
    const { card } = await form();
    const again = dialogOf(
      (await post(submitAction(submission(card, 'Continue', { admission: 'link', ...choices })))).json,
    );
    expect(again.card.json).toContain(words);
    expect(again.card.chosen).toMatchObject({ admission: 'link' });
    expect(mine()).toEqual([]);
  });

  it.each([
    {},
    { form: 'glir-form' },
    { form: 'glir-form', expiry: 900, admission: 'ask', readers: '3' },
    { form: 'glir-form', expiry: '900', admission: 'everybody', readers: '3' },
    { form: 'other', expiry: '900' },
    { action: 'glir-revoke' },
    'text',
    null,
  ])('answers %j with a dialog, and opens nothing', async (data) => {
    const activity = submitAction({});
    const { status, json } = await post({ ...activity, value: { commandId: 'glir', data } });
    expect(status).toBe(200);
    dialogOf(json);
    expect(mine()).toEqual([]);
  });
});

describe('a button that opens a dialog', () => {
  it('opens the choices of a new note', async () => {
    const fetched = await post(taskFetch({ action: 'glir-new', value: 'new' }, '1'));
    const { card } = dialogOf(fetched.json);
    const { json } = await post(taskSubmit(submission(card, 'Continue')));
    expect(dialogOf(json).card.button('Write the note').url).toContain('/compose#');
    expect(mine()).toHaveLength(1);
  });

  it('shows a word about it where the button is unknown', async () => {
    const { json } = await post(taskFetch({ action: 'glir-tomorrow', value: 'x' }, '1'));
    expect(dialogOf(json).card.json).toContain('That did not work');
  });
});

describe('the settings', () => {
  it('can be changed by an admin, in the chat, and hold from then on', async () => {
    await post(message('settings'));
    await expect.poll(() => clinic.cloud.messages(), SOON).toHaveLength(1);
    const own = cardOf(clinic.cloud.messages()[0]);
    const cardId = idOf(clinic.cloud.messages()[0], clinic.cloud);
    expect(own.button('Settings for all doctors').data).toMatchObject({ msteams: { type: 'task/fetch' } });
    const asked = await post(taskFetch({ action: 'glir-settings', value: 'settings' }, cardId));
    const shown = dialogOf(asked.json).card;
    const wrong = submission(shown, 'Save', { expiryMaxSeconds: '900', expiryDefaultSeconds: '3600' });
    const again = answeredCard((await post(executeOnCard('glir-settings', wrong, cardId))).json);
    expect(again.json).toContain('More than your own limit.');
    expect(again.chosen).toMatchObject({ expiryMaxSeconds: '900', expiryDefaultSeconds: '3600' });

    const right = submission(again, 'Save', {
      expiryDefaultSeconds: '600',
      admissions: 'ask',
      admissionDefault: 'ask',
    });
    const saved = answeredCard((await post(executeOnCard('glir-settings', right, cardId))).json);
    expect(saved.json).toContain('The settings are saved.');
    // A doctor who chose something before begins with that, as far as it is allowed.
    expect((await form(WEBER)).card.chosen).toMatchObject({ expiry: '600', admission: 'ask' });
    const { card } = await form();
    const { json } = await post(submitAction(submission(card, 'Continue', { expiry: '3600' })));
    expect(dialogOf(json).card.json).toContain('A note can live from 1 minute to 15 minutes.');
  });

  it('of one doctor are the name that patients see: the one in Teams until it is changed', async () => {
    const opened = dialogOf((await post(taskFetch({ action: 'glir-personal', value: 'personal' }, '1', WEBER))).json);
    expect(opened.card.json).toContain('"value":"Jonas Weber"');
    const answer = await post(taskSubmit({ form: 'glir-personal', name: 'Dr. Jonas Weber' }, WEBER));
    expect(dialogOf(answer.json).card.json).toContain('Saved.');
    await post(message('glir 15m', WEBER));
    await expect
      .poll(() => clinic.glir.app.rooms.of(doctorOf(WEBER)).at(-1)?.doctor.displayName, SOON)
      .toBe('Dr. Jonas Weber');
    const wrong = await post(taskSubmit({ form: 'glir-personal', name: 'see https://evil.example' }, WEBER));
    expect(dialogOf(wrong.json).card.json).toContain('This cannot be shown as a name.');
  });

  it('open in a dialog as well', async () => {
    const { title } = dialogOf((await post(taskFetch({ action: 'glir-settings', value: 'settings' }, '1'))).json);
    expect(title).toBe('GLIR settings');
  });

  it('are closed to everybody else, who are told how to become an admin', async () => {
    const refused = dialogOf((await post(taskFetch({ action: 'glir-settings', value: 'settings' }, '1', WEBER))).json);
    expect(refused.card.json).toContain(WEBER.aadObjectId);
    expect(refused.card.actions).toEqual([]);
    const forged = {
      form: 'glir-settings',
      expiryMaxSeconds: '86400',
      expiryDefaultSeconds: '1800',
      admissions: 'both',
    };
    const rest = { admissionDefault: 'link', readersMax: '20', readersDefault: '3' };
    const { json } = await post(executeOnCard('glir-settings', { ...forged, ...rest }, '1', WEBER));
    expect(answeredCard(json).json).toContain('Only the administrators');
    expect((await form(WEBER)).card.chosen).toMatchObject({ expiry: '600' });
  });
});

describe('invokes that GLIR does not know', () => {
  it.each([
    'composeExtension/query',
    'composeExtension/queryLink',
    'signin/verifyState',
    'signin/tokenExchange',
    'fileConsent/invoke',
    'tab/fetch',
    'config/fetch',
    'message/submitAction',
    'something/else',
  ])('%s is answered: not here', async (name) => {
    const { status } = await post({ ...fetchTask(), name, value: {} });
    expect([400, 501]).toContain(status);
  });
});

describe('with the composer inside of Teams', () => {
  let inside: TeamsClinic;
  beforeAll(async () => {
    inside = await startTeamsClinic({ GLIR_TEAMS_COMPOSE: 'dialog' });
  });
  afterAll(() => inside.stop());

  it('the dialog turns into the composer’s page, with the browser as the other way', async () => {
    const { card } = dialogOf((await inside.cloud.post(fetchTask())).json);
    const { json } = await inside.cloud.post(submitAction(submission(card, 'Continue')));
    const page = `${inside.glir.url}/teams/compose#`;
    expect(json).toEqual({
      task: {
        type: 'continue',
        value: {
          title: 'A private note',
          height: 'large',
          width: 'large',
          url: expect.stringMatching(new RegExp(`^${page}[\\w-]{43}$`)),
          fallbackUrl: expect.stringMatching(new RegExp(`^${inside.glir.url}/compose#[\\w-]{43}$`)),
        },
      },
    });
  });
});
