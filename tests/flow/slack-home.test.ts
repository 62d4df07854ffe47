import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Doctor } from '../../src/rooms/room.ts';
import { buttonIn, SlackDoctor, shownIn, updatedView, wordsOf } from '../support/slack/doctor.ts';
import { type SlackClinic, startSlackClinic, TEAM } from '../support/slack/workspace.ts';

/** What changes within a second costs one call. */
const SOON = { timeout: 5_000 };

let clinic: SlackClinic;
let admin: SlackDoctor;
let colleague: SlackDoctor;
beforeAll(async () => {
  clinic = await startSlackClinic({ GLIR_EXPIRY_MAX: '8h' });
  await clinic.install();
  admin = new SlackDoctor(clinic);
  colleague = new SlackDoctor(clinic, clinic.weber);
});
afterAll(() => clinic.stop());

const published = (user = clinic.rossi.id) =>
  clinic.slack.callsTo('views.publish').filter(({ fields, answer }) => fields['user_id'] === user && answer !== '');
const home = (user = clinic.rossi.id) => shownIn(published(user).at(-1)?.fields['view']);
const rooms = () => clinic.glir.app.rooms;
const doctorOf = (user: string): Doctor => ({ platform: 'slack', tenant: TEAM, user, displayName: '' });

async function looksAtHome(doctor: SlackDoctor) {
  const before = published(doctor.person.id).length;
  expect((await doctor.opensHome()).status).toBe(200);
  await expect.poll(() => published(doctor.person.id).length).toBeGreaterThan(before);
  return home(doctor.person.id);
}

describe('the Home tab', () => {
  it('has one button to a new note, no notes at first, and says what is kept', async () => {
    const shown = await looksAtHome(colleague);
    expect(wordsOf(shown).match(/"style":"primary"/g)).toHaveLength(1);
    for (const text of ['You have no open notes.', 'No notes yet.', 'It never keeps the note']) {
      expect(wordsOf(shown)).toContain(text);
    }
  });

  it('opens the form with its button', async () => {
    const triggerId = await admin.trigger();
    await admin.presses(buttonIn(await looksAtHome(admin), 'Write a private note'), { triggerId });
    expect((await admin.form(triggerId)).view.callback_id).toBe('glir-form');
  });

  it('lists live notes, and "Revoke" moves one to the past ones, with how many read it and how it ended', async () => {
    await looksAtHome(admin);
    await admin.types('15m');
    const [room] = rooms().of(doctorOf(clinic.rossi.id));
    if (room === undefined) throw new Error('no room');
    await rooms().open(room.id, 'h'.repeat(43), room.policy);
    rooms().setReaders(room.id, { waiting: [], readBy: 2 });
    await expect.poll(() => wordsOf(home()), SOON).toContain('read by 2');
    await admin.presses(buttonIn(home(), 'Revoke'));
    expect(rooms().of(doctorOf(clinic.rossi.id))).toEqual([]);
    await expect.poll(() => wordsOf(home()), SOON).toContain('read by 2 · You revoked it');
    expect(wordsOf(home())).toContain('You have no open notes.');
    expect(wordsOf(home())).not.toContain(room.id);
  });

  it('shows a doctor nothing of a colleague’s notes', async () => {
    expect(wordsOf(await looksAtHome(colleague))).toContain('No notes yet.');
  });

  it('shows at most the last twenty notes', async () => {
    for (let made = 0; made < 22; made++) {
      await admin.types('15m');
      const [room] = rooms().of(doctorOf(clinic.rossi.id));
      if (room === undefined) throw new Error('no room');
      await rooms().open(room.id, 'h'.repeat(43), room.policy);
      await rooms().end(room.id, 'revoked');
    }
    await expect.poll(async () => wordsOf(await looksAtHome(admin)).match(/You revoked it/g)?.length).toBe(20);
  });
});

describe('the settings of the workspace', () => {
  async function form(doctor = admin) {
    const triggerId = await doctor.trigger();
    await doctor.presses({ type: 'button', action_id: 'glir-settings', value: 'settings' }, { triggerId });
    return doctor.form(triggerId);
  }

  it('are seen by whoever installed GLIR, and by nobody else', async () => {
    expect(wordsOf(await looksAtHome(admin))).toContain('Longest life of a note: *8 hours*');
    expect(wordsOf(await looksAtHome(colleague))).not.toContain('Longest life');
  });

  it('cannot be opened or changed by a colleague, also with a forged form', async () => {
    const triggerId = await colleague.trigger();
    await colleague.presses({ type: 'button', action_id: 'glir-settings', value: 'settings' }, { triggerId });
    const seen = () => clinic.slack.callsTo('views.open').find(({ fields }) => fields['trigger_id'] === triggerId);
    await expect.poll(() => seen()?.body ?? '').toContain('Only%20the%20person%20who%20installed');
    const { view } = await form();
    const { json } = await colleague.submits(view, { expiryMaxSeconds: '300' });
    expect(JSON.stringify(json)).toContain('Only the person who installed');
    expect(wordsOf(await looksAtHome(admin))).toContain('Longest life of a note: *8 hours*');
  });

  it('hold for every doctor’s form and command once saved', async () => {
    const { view } = await form();
    expect(view.blocks.filter(({ type }) => type === 'input').map(({ element }) => element?.type)).toEqual([
      ...Array(6).fill('static_select'),
      'plain_text_input',
      'static_select',
      'multi_users_select',
    ]);
    const answer = await admin.submits(view, {
      expiryMaxSeconds: '3600',
      expiryDefaultSeconds: '600',
      admissions: 'ask',
      admissionDefault: 'ask',
      readersMax: '2',
      readersDefault: '1',
    });
    expect(answer).toMatchObject({ status: 200, text: '' });
    await expect.poll(() => wordsOf(home()), SOON).toContain('Longest life of a note: *1 hour*');

    const asked = (await colleague.opensForm()).view;
    const inputs = asked.blocks.filter(({ type }) => type === 'input').map(({ element }) => element);
    expect(inputs.slice(0, 3).map((element) => element?.initial_option?.value)).toEqual(['600', 'ask', '1']);
    expect(inputs[0]?.options?.at(-1)?.value).toBe('3600');
    expect(inputs[1]?.options?.map(({ value }) => value)).toEqual(['ask']);
    expect(inputs[2]?.options?.map(({ value }) => value)).toEqual(['1', '2']);
    expect((await colleague.types('2h')).text).toContain('A note can live from 1 minute to 1 hour.');

    // A form that was open meanwhile is refused at its field.
    const { json } = await colleague.submits(asked, { expiry: '28800' });
    expect(json).toMatchObject({ response_action: 'errors', errors: { expiry: expect.stringContaining('1 hour') } });
    expect(rooms().of(doctorOf(clinic.weber.id))).toEqual([]);

    // What is chosen later, on the doctor's page, keeps to them as well.
    await colleague.submits(asked, { expiry: '900' });
    const [room] = rooms().of(doctorOf(clinic.weber.id));
    expect(room?.limits).toEqual({ expiryMaxSeconds: 3_600, maxReaders: 2, admissions: ['ask'] });
  });

  it('that contradict each other are refused at the field to change', async () => {
    const { view } = await form();
    const { json } = await admin.submits(view, {
      expiryMaxSeconds: '900',
      expiryDefaultSeconds: '3600',
      admissions: 'ask',
      admissionDefault: 'link',
      readersMax: '1',
      readersDefault: '20',
    });
    expect(json).toMatchObject({
      response_action: 'errors',
      errors: {
        expiryDefaultSeconds: expect.any(String),
        admissionDefault: expect.any(String),
        readersDefault: expect.any(String),
      },
    });
  });
});

describe('the Messages tab', () => {
  const welcomes = () =>
    clinic.slack
      .callsTo('chat.postMessage')
      .filter(({ fields }) => String(fields['text']).startsWith('Welcome to GLIR'));
  // As in https://docs.slack.dev/reference/events/app_home_opened
  const opens = () =>
    colleague.happens({
      type: 'app_home_opened',
      user: clinic.weber.id,
      channel: 'D0LAN2Q65',
      event_ts: '1515449522000016',
      tab: 'messages',
    });

  it('welcomes a doctor who opens it, once', async () => {
    await opens();
    await expect.poll(welcomes, SOON).toHaveLength(1);
    expect(welcomes()[0]?.fields).toMatchObject({ channel: clinic.weber.id });
    expect(wordsOf(shownIn(welcomes()[0]?.fields))).toContain('`/glir`');
    await opens();
    await looksAtHome(colleague);
    expect(welcomes()).toHaveLength(1);
  });
});

describe('a doctor’s own settings', () => {
  it('name the doctor for patients, and choose the language that GLIR speaks to them alone', async () => {
    const triggerId = await colleague.trigger();
    await colleague.presses(buttonIn(await looksAtHome(colleague), 'Change your settings'), { triggerId });
    const { view } = await colleague.form(triggerId);
    expect(view.callback_id).toBe('glir-personal');
    const values = {
      name: { name: { type: 'plain_text_input', value: 'Dr. Jonas Weber' } },
      language: { language: { type: 'static_select', selected_option: { value: 'it' } } },
    };
    const { json } = await colleague.interacts({
      type: 'view_submission',
      trigger_id: 'own',
      view: { ...view, state: { values } },
    });
    expect(wordsOf(updatedView(json))).toContain('Vale per le nuove note.');
    await expect.poll(() => wordsOf(home(clinic.weber.id)), SOON).toContain('Dr. Jonas Weber');
    expect(wordsOf(home(clinic.weber.id))).toContain('Scrivere una nota privata');
    expect(wordsOf((await colleague.types('help')).shown ?? { blocks: [] })).toContain('le Sue note aperte');
    expect(wordsOf((await admin.types('help')).shown ?? { blocks: [] })).toContain('your open notes');
    await colleague.types('15m');
    expect(rooms().of(doctorOf(clinic.weber.id)).at(-1)?.doctor.displayName).toBe('Dr. Jonas Weber');
  });

  it('are opened by /glir settings', async () => {
    const triggerId = await admin.trigger();
    await admin.types('settings', { triggerId });
    expect((await admin.form(triggerId)).view.callback_id).toBe('glir-personal');
  });
});
