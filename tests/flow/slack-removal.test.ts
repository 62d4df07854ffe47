import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Doctor } from '../../src/rooms/room.ts';
import { findsIn } from '../support/server/search.ts';
import { SOON } from '../support/server/soon.ts';
import type { Instead } from '../support/slack/cloud.ts';
import { SlackDoctor } from '../support/slack/doctor.ts';
import { type SlackClinic, startSlackClinic, TEAM, TOKEN_GONE } from '../support/slack/workspace.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const ORGANISATION = 'E0GRID';

let clinic: SlackClinic;
beforeAll(async () => {
  clinic = await startSlackClinic({ GLIR_AUDIT_DAYS: '0' });
});
beforeEach(() => {
  clinic.glir.log.length = 0;
});
afterEach(async () => {
  clinic.slack.instead = TOKEN_GONE;
  await happens({ type: 'app_uninstalled' });
  await expect.poll(isKept, SOON).toBe(false);
  clinic.slack.instead = null;
});
afterAll(() => clinic.stop());

const rows = () => readdirSync(clinic.dataDir).map((name) => readFileSync(path.join(clinic.dataDir, name)));
const isKept = () => findsIn(rows(), TEAM) || findsIn(rows(), ORGANISATION);
const roomsOf = (tenant = TEAM) => {
  const doctor: Doctor = { platform: 'slack', tenant, user: clinic.rossi.id, displayName: '' };
  return clinic.glir.app.rooms.of(doctor);
};
const logged = (event: string) => clinic.glir.log.filter((line) => line.includes(event)).length;
const answering =
  (answers: Record<string, object>): Instead =>
  ({ path: called }) => {
    const body = answers[called.replace('/api/', '')];
    return body === undefined ? undefined : { status: 200, body: JSON.stringify(body) };
  };

/** An event as https://docs.slack.dev/reference/events/app_uninstalled shows it: without `authorizations`. */
function happens(event: object, from: object = { team_id: TEAM }) {
  const id = `Ev${Math.ceil(performance.now() * 1000)}`;
  return clinic.send(
    JSON.stringify({
      token: 'XXYYZZ',
      api_app_id: 'A000000001',
      type: 'event_callback',
      event_id: id,
      event_time: 1_234_567_890,
      ...from,
      event,
    }),
  );
}

/** Lets pauses pass. */
async function later(ms: number): Promise<void> {
  clinic.glir.clock.advance(ms);
  await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Installs GLIR and begins a note. */
async function withNote(): Promise<void> {
  await clinic.install();
  await new SlackDoctor(clinic).types('15m');
  expect(roomsOf()).toHaveLength(1);
}

describe('when GLIR is removed in Slack', () => {
  it.each([
    ['app_uninstalled', { type: 'app_uninstalled' }],
    ['tokens_revoked', { type: 'tokens_revoked', tokens: { oauth: [], bot: ['UBOT'] } }],
  ])('(%s) the workspace’s rooms end and its rows are gone', async (_name, event) => {
    await withNote();
    clinic.slack.instead = TOKEN_GONE;
    expect((await happens(event)).status).toBe(200);
    await expect.poll(() => roomsOf()).toEqual([]);
    await expect.poll(isKept).toBe(false);
    expect((await new SlackDoctor(clinic).types('15m')).text).toContain('install it again');
  });

  it('a person’s own revoked token leaves everything as it is', async () => {
    await clinic.install();
    clinic.slack.instead = TOKEN_GONE;
    await happens({ type: 'tokens_revoked', tokens: { oauth: [clinic.rossi.id], bot: [] } });
    await later(60_000);
    clinic.slack.instead = null;
    expect((await new SlackDoctor(clinic).types('15m')).text).toContain('/compose#');
  });

  it.each([
    ['without authorizations', { team_id: 'T0ANY', enterprise_id: ORGANISATION }],
    ['with none in them', { team_id: 'T0ANY', enterprise_id: ORGANISATION, authorizations: [] }],
    ['with no team', { team_id: null, enterprise_id: ORGANISATION, is_ext_shared_channel: false }],
    ['with its id as the team', { team_id: ORGANISATION }],
  ])('an organisation’s rooms end and its rows are gone, %s', async (_what, from) => {
    clinic.slack.instead = answering({
      'auth.test': { ok: true, bot_id: 'B1', user_id: 'U0BOT', url: 'https://x.slack.com/' },
      'oauth.v2.access': {
        ok: true,
        access_token: 'xoxb-organisation',
        token_type: 'bot',
        scope: 'commands,chat:write',
        bot_user_id: 'U0BOT',
        app_id: 'A000000001',
        team: null,
        enterprise: { id: ORGANISATION, name: 'Klinikverbund' },
        is_enterprise_install: true,
        authed_user: { id: clinic.rossi.id },
      },
    });
    await clinic.install();
    const doctor = Object.assign(new SlackDoctor(clinic), { team: 'T0ANY', enterprise: ORGANISATION });
    await doctor.types('15m');
    expect(roomsOf(ORGANISATION)).toHaveLength(1);
    clinic.slack.instead = TOKEN_GONE;
    await happens({ type: 'app_uninstalled' }, from);
    await expect.poll(() => roomsOf(ORGANISATION)).toEqual([]);
    await expect.poll(isKept).toBe(false);
  });
});

describe('what Slack says of a removal is checked', () => {
  it('one that comes after GLIR was installed again harms nothing', async () => {
    await withNote();
    await happens({ type: 'app_uninstalled' });
    await happens({ type: 'tokens_revoked', tokens: { oauth: [], bot: ['UBOT'] } });
    await expect.poll(() => logged('slack-removal-not-true'), SOON).toBeGreaterThan(0);
    expect(roomsOf()).toHaveLength(1);
    for (const pause of [60_000, 600_000]) await later(pause);
    expect((await new SlackDoctor(clinic).types('15m')).text).toContain('/compose#');
  });

  it('one that comes before the token is dead is found out a little later', async () => {
    await withNote();
    await happens({ type: 'app_uninstalled' });
    await expect.poll(() => logged('slack-removal-not-true'), SOON).toBe(1);
    expect(roomsOf()).toHaveLength(1);
    clinic.slack.instead = TOKEN_GONE;
    await later(60_000);
    await expect.poll(isKept, SOON).toBe(false);
  });

  it.each([
    ['does not answer', () => ({ status: 503, body: 'down' })],
    ['asks to wait', () => ({ status: 429, body: '', headers: { 'retry-after': '1' } })],
    ['says something else', () => ({ status: 200, body: '{"ok":false,"error":"internal_error"}' })],
  ])('while Slack %s nothing is deleted, and it is asked again', async (_what, answer) => {
    await withNote();
    clinic.slack.instead = answer;
    await happens({ type: 'app_uninstalled' });
    await expect.poll(() => clinic.slack.callsTo('auth.test').length, SOON).toBeGreaterThan(0);
    expect(roomsOf()).toHaveLength(1);
    clinic.slack.instead = TOKEN_GONE;
    await expect
      .poll(async () => {
        await later(5_000);
        return isKept();
      }, SOON)
      .toBe(false);
  });

  it.each([
    ['live where Slack renews it', true],
    ['dead where Slack does not', false],
  ])('a token that is too old is renewed first, and %s', async (_what, isLive) => {
    const rotating = { access_token: 'xoxe.xoxb-1', refresh_token: 'xoxe-1-first', expires_in: 43_200 };
    const works = { ok: true, bot_id: 'B1', user_id: 'U0BOT', url: 'https://x.slack.com/' };
    const installed = {
      ok: true,
      token_type: 'bot',
      scope: 'commands',
      bot_user_id: 'U0BOT',
      app_id: 'A000000001',
      team: { id: TEAM, name: 'Ospedale San Marco' },
      enterprise: null,
      is_enterprise_install: false,
      authed_user: { id: clinic.rossi.id },
    };
    clinic.slack.instead = answering({ 'auth.test': works, 'oauth.v2.access': { ...installed, ...rotating } });
    await clinic.install();
    const renewed = { ok: true, token_type: 'bot', ...rotating, access_token: 'xoxe.xoxb-2' };
    clinic.slack.instead = answering({
      'auth.test': { ok: false, error: 'token_expired' },
      'oauth.v2.access': isLive ? renewed : { ok: false, error: 'invalid_refresh_token' },
    });
    await happens({ type: 'app_uninstalled' });
    if (!isLive) return expect.poll(isKept, SOON).toBe(false);
    await expect.poll(() => logged('slack-removal-not-true'), SOON).toBe(1);
    expect(isKept()).toBe(true);
  });

  it('while the store is locked it is tried again until everything is deleted', async () => {
    await withNote();
    const intruder = new DatabaseSync(`${clinic.dataDir}/glir.db`);
    intruder.exec('BEGIN IMMEDIATE');
    clinic.slack.instead = TOKEN_GONE;
    await happens({ type: 'app_uninstalled' });
    await expect.poll(() => roomsOf(), SOON).toEqual([]);
    await expect.poll(() => logged('slack-removal-unknown'), SOON).toBeGreaterThan(0);
    expect(isKept()).toBe(true);
    intruder.exec('ROLLBACK');
    intruder.close();
    await expect
      .poll(async () => {
        await later(5_000);
        return isKept();
      }, SOON)
      .toBe(false);
  });

  it('a removal that Slack never told of is found within a day', async () => {
    await withNote();
    clinic.slack.instead = TOKEN_GONE;
    await later(DAY_MS);
    await expect.poll(isKept, SOON).toBe(false);
  });

  it('a server that Slack does not let in deletes nothing by itself', async () => {
    await withNote();
    const tests = () => clinic.slack.callsTo('auth.test').length;
    const before = tests();
    clinic.slack.instead = answering({ 'auth.test': { ok: false, error: 'invalid_auth' } });
    // A round that is under way comes to its end first.
    await later(DAY_MS);
    await later(DAY_MS);
    await expect.poll(tests, SOON).toBeGreaterThan(before);
    await later(60_000);
    expect(isKept()).toBe(true);
  });
});
