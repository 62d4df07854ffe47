import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Doctor } from '../../src/rooms/room.ts';
import { findsIn } from '../support/server/search.ts';
import { AT_ONCE_MS } from '../support/server/soon.ts';
import { buttonIn, SlackDoctor, shownIn, updatedView, wordsOf } from '../support/slack/doctor.ts';
import { SIGNING_SECRET } from '../support/slack/signature.ts';
import { type SlackClinic, startSlackClinic, TEAM } from '../support/slack/workspace.ts';

let clinic: SlackClinic;
let doctor: SlackDoctor;
let colleague: SlackDoctor;
beforeAll(async () => {
  clinic = await startSlackClinic();
  await clinic.install();
  doctor = new SlackDoctor(clinic);
  colleague = new SlackDoctor(clinic, clinic.weber);
});
afterEach(async () => {
  clinic.slack.instead = null;
  await clinic.glir.app.rooms.endAll('revoked');
});
afterAll(() => clinic.stop());

const doctorOf = (user: string, tenant = TEAM): Doctor => ({ platform: 'slack', tenant, user, displayName: '' });
const rooms = (user = clinic.rossi.id) => clinic.glir.app.rooms.of(doctorOf(user));
const now = () => Math.floor(Date.now() / 1000);

describe('/glir', () => {
  it('is acknowledged without words and opens a form whose only text is the name of a doctor who has none yet', async () => {
    const answer = await doctor.types('', { triggerId: await doctor.trigger() });
    expect(answer).toMatchObject({ status: 200, shown: null });
    const { view } = await doctor.opensForm();
    const inputs = view.blocks.filter(({ type }) => type === 'input');
    expect(inputs.map(({ element }) => element?.type)).toEqual([
      'static_select',
      'static_select',
      'static_select',
      'plain_text_input',
    ]);
    expect(inputs.map(({ element }) => element?.initial_option?.value)).toEqual(['1800', 'ask', '3', undefined]);
    expect(rooms()).toEqual([]);
  });

  it('opens one room with what was chosen, and gives its compose link in the form and in a message', async () => {
    const { view } = await doctor.opensForm('chosen');
    const answer = await doctor.submits(view, { expiry: '3600', admission: 'link', readers: '1' });
    const { url } = buttonIn(updatedView(answer.json), 'Write the note');
    expect(url).toMatch(new RegExp(`^${clinic.glir.url}/compose#[A-Za-z0-9_-]{43}$`));
    expect(rooms()).toHaveLength(1);
    expect(rooms()[0]?.policy).toMatchObject({ expirySeconds: 3_600, admission: 'link', maxReaders: 1 });
    // Slack's handle, `anna.rossi`, is not taken for a name.
    expect(rooms()[0]?.doctor.displayName).toBe('');
    await expect.poll(() => clinic.slack.responses('chosen')).toHaveLength(1);
    const message = clinic.slack.responses('chosen')[0]?.fields;
    expect(message).toMatchObject({ response_type: 'ephemeral', replace_original: false, unfurl_links: false });
    expect(buttonIn(shownIn(message), 'Write the note').url).toBe(url);
  });

  it.each([
    ['15m', 900],
    [' 1h30m ', 5_400],
  ])('with "%s" skips the form: the button comes back with the acknowledgement', async (text, seconds) => {
    const { shown } = await doctor.types(text);
    if (shown === null) throw new Error('no message');
    expect(buttonIn(shown, 'Write the note').url).toContain('/compose#');
    expect(rooms()[0]?.policy.expirySeconds).toBe(seconds);
  });

  it('lists a doctor’s notes with a button each, and the button revokes that one', async () => {
    await doctor.types('15m');
    await doctor.types('1h');
    await colleague.types('1h');
    const { shown } = await doctor.types('list');
    if (shown === null) throw new Error('no list');
    expect(wordsOf(shown).match(/glir-revoke-listed/g)).toHaveLength(2);
    const url = clinic.slack.responseUrl('list');
    await doctor.presses(buttonIn(shown, 'Revoke'), { ephemeral: url });
    expect(rooms().map(({ policy }) => policy.expirySeconds)).toEqual([3_600]);
    expect(rooms(clinic.weber.id)).toHaveLength(1);
    await expect.poll(() => clinic.slack.responses('list')).toHaveLength(1);
    expect(clinic.slack.responses('list')[0]?.fields).toMatchObject({ replace_original: true });
  });

  it.each([
    ['help', '/glir 15m'],
    ['revoke all', 'There is no such open note'],
    ['25h', 'from 1 minute to 24 hours'],
    ['take two at night', 'type the note here'],
  ])('answers "%s"', async (text, words) => {
    const { shown } = await doctor.types(text);
    expect(shown === null ? '' : wordsOf(shown)).toContain(words);
    expect(rooms()).toEqual([]);
  });

  it('opens one room however often Slack delivers it, and every delivery gets the same button', async () => {
    const attempts = Array.from({ length: 100 }, (_, attempt) =>
      doctor.types('15m', { triggerId: 'retried' }, { headers: { 'x-slack-retry-num': String(attempt) } }),
    );
    const answers = await Promise.all(attempts);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(rooms()).toHaveLength(1);
  });

  it('opens one room when a submitted form is delivered again', async () => {
    const { view } = await doctor.opensForm();
    const answers = await Promise.all([1, 2, 3].map(() => doctor.submits(view, {}, 'submitted')));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(rooms()).toHaveLength(1);
  });
});

describe('the shortcut "Write a private note"', () => {
  it('opens the same form', async () => {
    const triggerId = await doctor.trigger();
    await doctor.usesShortcut(triggerId);
    const { view } = await doctor.form(triggerId);
    const answer = await doctor.submits(view);
    expect(buttonIn(updatedView(answer.json), 'Write the note').url).toContain('/compose#');
    expect(rooms()).toHaveLength(1);
  });

  it('says what to do instead when Slack does not open the form', async () => {
    const before = clinic.slack.callsTo('chat.postMessage').length;
    await doctor.usesShortcut('expired-long-ago');
    await expect.poll(() => clinic.slack.callsTo('chat.postMessage')).toHaveLength(before + 1);
    expect(clinic.slack.callsTo('chat.postMessage').at(-1)?.body).toContain('glir');
  });
});

describe('when Slack’s API does not play along, the doctor still gets the button:', () => {
  const forms = () => clinic.slack.callsTo('views.open').length;

  it('after a trigger that is too old', async () => {
    const answer = await doctor.types('', { triggerId: 'expired-long-ago', name: 'late' });
    expect(answer).toMatchObject({ status: 200, shown: null });
    await expect.poll(() => clinic.slack.responses('late')).toHaveLength(1);
    expect(buttonIn(shownIn(clinic.slack.responses('late')[0]?.fields), 'Write the note').url).toContain('/compose#');
    expect(rooms()).toHaveLength(1);
  });

  it('while the API is down', async () => {
    clinic.slack.instead = ({ path: called }) =>
      called.startsWith('/api/') ? { status: 503, body: 'down' } : undefined;
    expect((await doctor.types('15m')).shown).not.toBeNull();
    const before = forms();
    await doctor.types('', { name: 'down' });
    await expect.poll(() => clinic.slack.responses('down'), { timeout: 10_000 }).toHaveLength(1);
    // A trigger lasts for three seconds: a second try would come too late.
    expect(forms() - before).toBe(1);
    expect(rooms()).toHaveLength(2);
  });

  it('within three seconds while the API hangs', async () => {
    clinic.slack.instead = ({ path: called }) => (called === '/api/views.open' ? 'hang' : undefined);
    const before = forms();
    const begun = performance.now();
    await doctor.types('', { name: 'hang' });
    await expect.poll(() => clinic.slack.responses('hang'), { timeout: 10_000 }).toHaveLength(1);
    expect(performance.now() - begun).toBeLessThan(AT_ONCE_MS);
    expect(forms() - before).toBe(1);
  });
});

describe('a request that is not Slack’s', () => {
  it.each([
    ['signed with another secret', { secret: 'somebody-else' }],
    ['six minutes old', { atSeconds: now() - 360 }],
    ['with a signature cut short', { headers: { 'x-slack-signature': 'v0=abc' } }],
  ])('%s gets 401 and does nothing', async (_name, options) => {
    const { status, text } = await clinic.send(doctor.commandFields('15m', `forged ${_name}`, 'http://x'), options);
    expect({ status, text }).toEqual({ status: 401, text: '' });
    expect(rooms()).toEqual([]);
  });

  it('without any signature gets 401', async () => {
    const url = `${clinic.glir.url}/slack/events`;
    const body = new URLSearchParams(doctor.commandFields('15m', 'unsigned', 'http://x'));
    expect((await fetch(url, { method: 'POST', body })).status).toBe(401);
    expect(rooms()).toEqual([]);
  });

  it('is too large at 2 MB', async () => {
    expect((await clinic.send({ payload: 'x'.repeat(2_000_000) })).status).toBe(413);
  });
});

describe('Slack’s checks of the address', () => {
  it('are answered: the challenge of the events, and the certificate check of the command', async () => {
    const challenge = await clinic.send(
      JSON.stringify({ type: 'url_verification', challenge: 'c'.repeat(20), token: 't' }),
    );
    expect(challenge.status).toBe(200);
    expect(JSON.parse(challenge.text)).toEqual({ challenge: 'c'.repeat(20) });
    expect((await clinic.send({ ssl_check: '1', token: 't' })).status).toBe(200);
  });

  it.each([
    ['GET', 404],
    ['PUT', 405],
    ['DELETE', 405],
  ])('%s is none of them', async (method, status) => {
    expect((await fetch(`${clinic.glir.url}/slack/events`, { method })).status).toBe(status);
  });
});

describe('somebody else’s room', () => {
  it.each([
    ['a colleague', () => colleague],
    ['the same id in another workspace', () => Object.assign(new SlackDoctor(clinic), { team: 'T0FORGED' })],
  ])('cannot be revoked, admitted to or written by %s', async (_name, forger) => {
    await doctor.types('15m');
    const [room] = rooms();
    if (room === undefined) throw new Error('no room');
    const tag = room.id.slice(0, 8);
    const before = clinic.glir.log.length;
    for (const [action, value] of [
      ['glir-revoke', tag],
      ['glir-revoke', room.id],
      ['glir-revoke-listed', tag],
      ['glir-admit', `${tag} ${'r'.repeat(22)}`],
      ['glir-write', tag],
      ['glir-refresh', tag],
      ['glir-unheard-of', tag],
    ]) {
      const press = { type: 'button', action_id: action ?? '', value: value ?? '' };
      expect((await forger().presses(press, { ephemeral: clinic.slack.responseUrl('forged') })).status).toBe(200);
    }
    expect((await forger().types(`revoke ${tag}`)).text).not.toContain('gone');
    expect(rooms()).toHaveLength(1);
    expect(clinic.glir.log.slice(before).join('')).not.toContain(tag);
  });

  it('is refused in the log without saying which', async () => {
    const before = clinic.glir.log.length;
    await colleague.presses({ type: 'button', action_id: 'glir-revoke', value: 'FORGEDMARKER' });
    await expect.poll(() => clinic.glir.log.slice(before).join('')).toContain('press-refused');
    expect(clinic.glir.log.slice(before).join('')).not.toContain('FORGEDMARKER');
  });
});

it('what is typed behind /glir is in no log, no row, no room and nothing that goes to Slack', async () => {
  const marker = 'NOTEMARKERbisoprolol';
  for (const text of [
    marker,
    `15m ${marker}`,
    `revoke ${marker}`,
    `list ${marker}`,
    `${marker} `.repeat(200),
    `<@${marker}>`,
  ]) {
    const { text: answer } = await doctor.types(text, { name: 'marker' });
    expect(findsIn([answer], marker)).toBe(false);
  }
  // Also when something is wrong with the request around it.
  await clinic.send(`{"text": "${marker}`);
  await clinic.send({ payload: `{"text": "${marker}` });
  await clinic.send({ payload: marker }, { secret: `${SIGNING_SECRET}x` });
  await clinic.send({ ...doctor.commandFields(marker, marker, 'http://x'), team_id: 'T0NOWHERE' });
  const odd = await doctor.interacts({
    type: 'view_submission',
    trigger_id: 't',
    view: { id: 'V', callback_id: 'glir-form', private_metadata: marker, state: { values: {} } },
  });
  expect(odd).toMatchObject({ status: 200, text: expect.stringContaining('did not work') });
  await doctor.presses(
    { type: 'button', action_id: marker, value: marker },
    { ephemeral: clinic.slack.responseUrl('marker') },
  );
  await doctor.happens({ type: 'message', text: marker, user: clinic.rossi.id, channel: 'D1' });

  const rows = readdirSync(clinic.dataDir).map((name) => readFileSync(path.join(clinic.dataDir, name)));
  expect(rows.length).toBeGreaterThan(0);
  expect(findsIn(rows, TEAM)).toBe(true);
  expect(findsIn(rows, marker)).toBe(false);
  expect(findsIn(clinic.glir.log, marker)).toBe(false);
  expect(findsIn([JSON.stringify(rooms())], marker)).toBe(false);
  expect(
    findsIn(
      clinic.slack.calls.flatMap(({ path: called, body }) => [called, body]),
      marker,
    ),
  ).toBe(false);
});

it('no request to Slack and no answer ever holds a note link', () => {
  expect(clinic.slack.calls.length).toBeGreaterThan(20);
  // The fields are the body as Slack reads it, whatever its encoding.
  const read = clinic.slack.calls.map(
    ({ path: called, body, fields }) => `${called} ${body} ${JSON.stringify(fields)}`,
  );
  expect(read.filter((text) => text.includes('/n/'))).toEqual([]);
  expect(read.filter((text) => text.includes('/compose#')).length).toBeGreaterThan(0);
});
