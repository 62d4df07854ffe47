import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import { SOON } from '../support/server/soon.ts';
import { SlackDoctor, shownIn, wordsOf } from '../support/slack/doctor.ts';
import { install, type SlackClinic, startSlackClinic, TEAM } from '../support/slack/workspace.ts';

let clinic: SlackClinic;
afterEach(() => clinic.stop());

async function clinicWith(env: Parameters<typeof startSlackClinic>[0] = {}) {
  clinic = await startSlackClinic(env);
  return { admin: new SlackDoctor(clinic), colleague: new SlackDoctor(clinic, clinic.weber) };
}

/** What the Home tab shows to somebody. */
async function homeOf(doctor: SlackDoctor): Promise<string> {
  const before = clinic.slack.callsTo('views.publish').length;
  expect((await doctor.opensHome()).status).toBe(200);
  await expect.poll(() => clinic.slack.callsTo('views.publish').length, SOON).toBeGreaterThan(before);
  const { view } = clinic.slack.callsTo('views.publish').at(-1)?.fields ?? {};
  return wordsOf(shownIn(view));
}

const SETTINGS = 'Longest life of a note';
const messagesTo = ({ id }: { id: string }) =>
  clinic.slack.callsTo('chat.postMessage').filter(({ fields }) => fields['channel'] === id);

/** Tries to change the settings with a form that was opened by somebody who may. */
async function changes(doctor: SlackDoctor, opener: SlackDoctor): Promise<string> {
  const triggerId = await opener.trigger();
  await opener.presses({ type: 'button', action_id: 'glir-settings', value: 'settings' }, { triggerId });
  const { view } = await opener.form(triggerId);
  const { text, json } = await doctor.submits(view, { expiryMaxSeconds: '3600', expiryDefaultSeconds: '600' });
  return text === '' ? 'saved' : JSON.stringify(json);
}

describe('somebody who installs GLIR again', () => {
  it('does not become its admin: whoever installed it first stays that, and is told', async () => {
    const { admin, colleague } = await clinicWith();
    await clinic.install();
    expect(await homeOf(admin)).toContain(SETTINGS);

    expect((await install(clinic.glir.url, clinic.slack, clinic.weber)).status).toBe(200);
    await expect.poll(() => messagesTo(clinic.rossi).length, SOON).toBe(1);
    expect(messagesTo(clinic.rossi)[0]?.body).toContain(clinic.weber.id);
    expect(messagesTo(clinic.weber)).toEqual([]);
    expect(await homeOf(colleague)).not.toContain(SETTINGS);
    const home = await homeOf(admin);
    expect(home).toContain(SETTINGS);
    expect(home).toContain(`installed GLIR in this workspace again (Slack id ${clinic.weber.id})`);
    expect(await changes(colleague, admin)).toContain('Only the person who installed GLIR first');
    expect(await changes(admin, admin)).toBe('saved');
    // The new token works all the same.
    expect((await colleague.types('15m')).status).toBe(200);
  });

  it('however often, and without the scope for messages: the Home tab tells', async () => {
    const { admin, colleague } = await clinicWith();
    await clinic.install();
    for (let count = 0; count < 3; count++) await install(clinic.glir.url, clinic.slack, clinic.weber, 'commands');
    expect(await homeOf(colleague)).not.toContain(SETTINGS);
    expect(await homeOf(admin)).toContain(`(Slack id ${clinic.weber.id})`);
    // Installed by the admin again, there is nothing to tell.
    await clinic.install();
    expect(await homeOf(admin)).not.toContain('Somebody else has installed');
  });

  it('at the same moment as the first, one of both is the admin for good', async () => {
    const { admin, colleague } = await clinicWith();
    await Promise.all([clinic.install(), install(clinic.glir.url, clinic.slack, clinic.weber)]);
    const isAdmin = [await homeOf(admin), await homeOf(colleague)].map((home) => home.includes(SETTINGS));
    expect(isAdmin.filter(Boolean)).toHaveLength(1);
    for (const person of [clinic.rossi, clinic.weber]) await install(clinic.glir.url, clinic.slack, person);
    expect([await homeOf(admin), await homeOf(colleague)].map((home) => home.includes(SETTINGS))).toEqual(isAdmin);
  });

  it('where the first installation cannot be read any more, nobody is made admin', async () => {
    const { admin, colleague } = await clinicWith();
    await clinic.install();
    const db = new DatabaseSync(`${clinic.dataDir}/glir.db`, { timeout: 2_000 });
    db.exec("UPDATE installations SET box = zeroblob(length(box)) WHERE platform = 'slack'");
    db.close();
    await install(clinic.glir.url, clinic.slack, clinic.weber);
    for (const doctor of [admin, colleague]) expect(await homeOf(doctor)).not.toContain(SETTINGS);
  });
});

describe('GLIR_SLACK_ADMINS', () => {
  it('are the only ones who change settings, whoever installs GLIR, and others are told their own id', async () => {
    const { admin, colleague } = await clinicWith((people) => ({ GLIR_SLACK_ADMINS: people.get('jonas.weber') }));
    await clinic.install();
    expect(await homeOf(admin)).not.toContain(SETTINGS);
    expect(await homeOf(colleague)).toContain(SETTINGS);
    expect(await changes(colleague, colleague)).toBe('saved');
    const refused = await changes(admin, colleague);
    expect(refused).toContain('Only the administrators of GLIR');
    expect(refused).toContain(clinic.rossi.id);
  });
});

describe('GLIR_SLACK_TEAMS', () => {
  it('keeps GLIR from being installed elsewhere, and says so', async () => {
    await clinicWith({ GLIR_SLACK_TEAMS: 'T0OTHER' });
    const { status, html } = await clinic.install();
    expect(status).toBe(400);
    expect(html).toContain('This GLIR is for other workspaces');
    expect(await clinic.glir.app.rooms.of({ platform: 'slack', tenant: TEAM, user: clinic.rossi.id })).toEqual([]);
  });

  it('keeps GLIR from answering where it was installed before, and lets the named ones go on', async () => {
    const { admin } = await clinicWith({ GLIR_SLACK_TEAMS: `${TEAM},T0OTHER` });
    expect((await clinic.install()).status).toBe(200);
    expect((await admin.types('15m')).text).toContain('glir');
    const foreign = Object.assign(new SlackDoctor(clinic), { team: 'T0SECOND' });
    expect((await foreign.types('15m')).text).toContain('lost its connection');
    expect(await clinic.glir.app.rooms.of({ platform: 'slack', tenant: 'T0SECOND', user: admin.person.id })).toEqual(
      [],
    );
  });
});
