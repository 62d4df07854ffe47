import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditOf, glirTool } from '../support/server/audit-tool.ts';
import { SOON } from '../support/server/soon.ts';
import { actAsPages, closeAllSessions, composerPage, receiverPage } from '../support/signalling/pages.ts';
import { buttonIn, SlackDoctor } from '../support/slack/doctor.ts';
import { type SlackClinic, startSlackClinic, TEAM, TOKEN_GONE } from '../support/slack/workspace.ts';
import { fetchTask, installationUpdate, ROSSI, submitAction, TENANT_ID } from '../support/teams/activities.ts';
import { dialogOf, doctorOf, startTeamsClinic, submission, type TeamsClinic } from '../support/teams/clinic.ts';

const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;

describe('with Slack, the audit', () => {
  const [old, fresh] = [key('old'), key('fresh')];
  let clinic: SlackClinic;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    // A server that is to go on while keys are rotated has to know both.
    const keys = `${old},${fresh}`;
    clinic = await startSlackClinic({ GLIR_DATA_KEYS: keys });
    env = { GLIR_DATA_DIR: clinic.dataDir, GLIR_DATA_KEYS: keys };
    await clinic.install();
  });
  afterAll(() => clinic.stop());

  const rossi = () => ({ platform: 'slack', tenant: TEAM, user: clinic.rossi.id, room: null });
  const actions = async () => (await auditOf(env)).map(({ action }) => action);

  it('says after a restart by how many a note was read, as the history does: of one that comes back, and of one that does not', async () => {
    const { glir } = clinic;
    actAsPages(glir.url);
    const openedNotes = () => glir.app.rooms.of({ platform: 'slack', tenant: TEAM, user: clinic.rossi.id });
    const read = async () => {
      const compose = buttonIn((await new SlackDoctor(clinic).types('15m')).shown, 'Write the note').url ?? '';
      const doctor = await composerPage(glir.url, { ticket: new URL(compose).hash.slice(1) });
      const room = openedNotes().at(-1)?.id ?? '';
      doctor.session.write('Read me');
      doctor.session.choosePolicy({ admission: 'link' });
      await doctor.session.share();
      const { link } = await doctor.shows('open');
      const reads = async () => {
        const patient = receiverPage(link);
        await patient.shows('closed');
        patient.session.open();
        await patient.shows('reading');
        return patient;
      };
      await reads();
      return { doctor, room, reads };
    };
    const [back, lost] = [await read(), await read()];
    const readByOf = (id: string) => glir.app.rooms.find(id)?.readBy;
    await expect.poll(() => [back, lost].map(({ room }) => readByOf(room)), SOON).toEqual([1, 1]);
    await glir.pause();
    lost.doctor.session.leave();
    await glir.again();
    await expect.poll(() => back.doctor.states.at(-1), SOON).toMatchObject({ name: 'open', interrupted: false });
    await back.reads();
    await expect.poll(() => readByOf(back.room), SOON).toBe(2);
    back.doctor.session.destroy();
    await back.doctor.shows('over');
    glir.clock.advance(3 * 60_000);
    const expected = [
      { room: back.room.slice(0, 8), reason: 'revoked', readBy: 2 },
      { room: lost.room.slice(0, 8), reason: 'lost', readBy: 1 },
    ];
    // Only looked at: an export is written down itself, and would hold up the server in this process.
    const database = new DatabaseSync(path.join(clinic.dataDir, 'glir.db'), { readOnly: true });
    const audited = `SELECT record ->> 'room' AS room, record ->> 'reason' AS reason, record ->> 'readBy' AS readBy
      FROM audit WHERE record ->> 'action' = 'note-ended'`;
    for (const query of [audited, 'SELECT room_tag AS room, reason, read_by AS readBy FROM history']) {
      const rows = () =>
        database
          .prepare(query)
          .all()
          .map((row) => ({ ...row }));
      await expect.poll(rows, SOON).toEqual(expect.arrayContaining(expected));
    }
    database.close();
    closeAllSessions();
  });

  it('says who installed GLIR, and who changed which settings to what', async () => {
    const admin = new SlackDoctor(clinic);
    const triggerId = await admin.trigger();
    await admin.presses({ type: 'button', action_id: 'glir-settings', value: 'settings' }, { triggerId });
    const { view } = await admin.form(triggerId);
    const choices = { expiryMaxSeconds: '3600', expiryDefaultSeconds: '600', admissions: 'checked' };
    await admin.submits(view, { ...choices, admissionDefault: 'pin', readersMax: '20', readersDefault: '3' });
    await expect.poll(actions, SOON).toContain('setting-changed');
    const rows = await auditOf(env);
    expect(rows.find(({ action }) => action === 'app-installed')).toMatchObject({ ...rossi(), where: 'workspace' });
    const changes = rows.filter(({ action }) => action === 'setting-changed');
    for (const change of changes) expect(change).toMatchObject(rossi());
    expect(changes.map(({ setting, from, to }) => [setting, from, to])).toEqual([
      ['expiryDefaultSeconds', 'default', '600'],
      ['expiryMaxSeconds', 'default', '3600'],
      ['admissions', 'default', 'pin+ask'],
      ['admissionDefault', 'default', 'pin'],
      ['readersDefault', 'default', '3'],
      ['readersMax', 'default', '20'],
      ['language', 'default', 'en'],
    ]);
  });

  it('says which doctor began a note and that it was decided in the chat', async () => {
    await new SlackDoctor(clinic).types('15m');
    const { rooms } = clinic.glir.app;
    const [room] = rooms.of({ platform: 'slack', tenant: TEAM, user: clinic.rossi.id });
    if (room === undefined) throw new Error('no room');
    await rooms.open(room.id, 'h'.repeat(43), room.policy);
    rooms.setReaders(room.id, { waiting: [{ readerId: 'r'.repeat(22), number: 1, shortCode: '482913' }], readBy: 0 });
    await rooms.requestDecision(room.id, 'r'.repeat(22), 'refuse');
    rooms.decisionMade(room.id, 'r'.repeat(22), 'refuse');
    await rooms.end(room.id, 'revoked');
    const story = async () => (await auditOf(env)).filter((row) => row['room'] === room.id.slice(0, 8));
    await expect.poll(async () => (await story()).at(-1)?.action, SOON).toBe('note-ended');
    const rows = await story();
    const who = { platform: 'slack', tenant: TEAM, user: clinic.rossi.id };
    expect(rows).toMatchObject([
      { ...who, action: 'note-drafted' },
      { ...who, action: 'note-opened' },
      { ...who, action: 'reader-refused', via: 'chat', reader: 1 },
      { ...who, action: 'note-ended', reason: 'revoked' },
    ]);
  });

  it('is whole under new keys once they are rotated, also without the old one', async () => {
    const both = { ...env, GLIR_DATA_KEYS: `${fresh},${old}` };
    const only = { ...env, GLIR_DATA_KEYS: fresh };
    expect((await glirTool(['audit', 'verify'], only)).code).toBe(3);
    expect(await glirTool(['rotate-keys'], both)).toMatchObject({ code: 0, err: '' });
    expect((await glirTool(['audit', 'verify'], only)).code).toBe(0);
    expect(await auditOf(both)).toContainEqual(
      expect.objectContaining({ action: 'keys-rotated', keyId: 'fresh', count: 1 }),
    );
  });

  it('stays when GLIR is removed, and says that the rest went', async () => {
    clinic.slack.instead = TOKEN_GONE;
    await new SlackDoctor(clinic).happens({ type: 'app_uninstalled' });
    await expect.poll(actions, SOON).toContain('tenant-data-removed');
    const rows = (await auditOf(env)).filter(({ action }) => action !== 'audit-exported');
    expect(rows.slice(-2)).toMatchObject([
      { action: 'app-uninstalled', platform: 'slack', tenant: TEAM, user: null },
      { action: 'tenant-data-removed', platform: 'slack', tenant: TEAM },
    ]);
    expect(rows[1]).toMatchObject({ action: 'app-installed', user: clinic.rossi.id });
  });
});

describe('with Teams, the audit', () => {
  let clinic: TeamsClinic;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    clinic = await startTeamsClinic();
    const { GLIR_DATA_DIR, GLIR_DATA_KEYS } = clinic.cloud.env;
    env = { GLIR_DATA_DIR, GLIR_DATA_KEYS };
  });
  afterAll(() => clinic.stop());

  const who = { platform: 'teams', tenant: TENANT_ID };

  it('says who installed and removed GLIR, who began a note, and that what was kept of a person went', async () => {
    await clinic.cloud.post(installationUpdate('add'));
    const { card } = dialogOf((await clinic.cloud.post(fetchTask())).json);
    await clinic.cloud.post(submitAction(submission(card, 'Continue')));
    await clinic.cloud.post(installationUpdate('remove'));
    await expect
      .poll(async () => (await auditOf(env)).map(({ action }) => action), SOON)
      .toContain('person-data-removed');
    const rows = (await auditOf(env)).filter(({ action }) => action !== 'audit-exported');
    const rossi = { ...who, user: doctorOf(ROSSI).user };
    expect(rows).toMatchObject([
      { action: 'server-started', version: expect.stringMatching(/^\d+\.\d+\.\d+/), platform: null },
      { ...rossi, action: 'app-installed', where: 'personal' },
      { ...rossi, action: 'note-drafted' },
      { ...rossi, action: 'app-uninstalled', where: 'personal' },
      { ...rossi, action: 'note-ended', reason: 'stopped' },
      { ...rossi, action: 'person-data-removed' },
    ]);
    expect((await glirTool(['audit', 'verify'], env)).code).toBe(0);
  });

  it('writes a hostile id as a hash, on one line', async () => {
    const mallory = { ...ROSSI, aadObjectId: '=1\n{"seq":1}\u001b[31m"' };
    await clinic.cloud.post(installationUpdate('add', mallory, 'group'));
    await expect
      .poll(async () => (await auditOf(env)).findLast(({ action }) => action === 'app-installed'), SOON)
      .toMatchObject({ ...who, user: expect.stringMatching(/^sha256:[0-9a-f]{32}$/), where: 'group' });
  });
});
