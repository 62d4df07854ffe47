import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Doctor } from '../../src/rooms/room.ts';
import { findsIn } from '../support/server/search.ts';
import { AT_ONCE_MS } from '../support/server/soon.ts';
import { CLIENT_SECRET, type Instead } from '../support/slack/cloud.ts';
import { SlackDoctor } from '../support/slack/doctor.ts';
import { SIGNING_SECRET } from '../support/slack/signature.ts';
import { type SlackClinic, startSlackClinic, TEAM, TOKEN_GONE } from '../support/slack/workspace.ts';

const BOT = json({ ok: true, bot_id: 'B1', user_id: 'U0BOT', url: 'https://x.slack.com/' });

let clinic: SlackClinic;
beforeAll(async () => {
  // The audit outlives a workspace that removed GLIR: audit-platforms.test.ts.
  clinic = await startSlackClinic({ GLIR_AUDIT_DAYS: '0' });
});
afterEach(async () => {
  clinic.slack.instead = TOKEN_GONE;
  for (const team of [TEAM, 'T0SECOND']) {
    await Object.assign(new SlackDoctor(clinic), { team }).happens({ type: 'app_uninstalled' });
  }
  await expect.poll(() => findsIn(rows(), TEAM)).toBe(false);
  clinic.slack.instead = null;
  clinic.slack.calls.length = 0;
});
afterAll(() => clinic.stop());

const get = (place: string, headers: Record<string, string> = {}) =>
  fetch(`${clinic.glir.url}${place}`, { headers, redirect: 'manual' });

/** From GLIR's page to Slack's: the state in the address, and the cookie that goes with it. */
async function begin() {
  const start = await get('/slack/install/start');
  expect(start.status).toBe(302);
  const state = new URL(start.headers.get('location') ?? '').searchParams.get('state') ?? '';
  return { state, cookie: start.headers.get('set-cookie')?.split(';')[0] ?? '' };
}

const rows = () => readdirSync(clinic.dataDir).map((name) => readFileSync(path.join(clinic.dataDir, name)));
const roomsOf = (user: string, tenant = TEAM) => {
  const doctor: Doctor = { platform: 'slack', tenant, user, displayName: '' };
  return clinic.glir.app.rooms.of(doctor);
};

describe('the page before the installation', () => {
  it('says what GLIR asks for and why, and runs, frames and posts nothing', async () => {
    const page = await get('/slack/install');
    const html = await page.text();
    expect(page.status).toBe(200);
    for (const text of ['commands', 'chat:write', 'optional', 'never pass through Slack', 'Continue to Slack']) {
      expect(html).toContain(text);
    }
    expect(html).not.toContain('<script');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/style-src 'sha256-[A-Za-z0-9+/=]{44}';/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(page.headers.get('cache-control')).toBe('no-store, no-transform');
  });

  it('leads to Slack with the two scopes, our own address and a state', async () => {
    const start = await get('/slack/install/start');
    const authorize = new URL(start.headers.get('location') ?? '');
    expect(`${authorize.origin}${authorize.pathname}`).toBe(`${clinic.slack.url}/oauth/v2/authorize`);
    expect(authorize.searchParams.get('scope')).toBe('commands,chat:write');
    expect(authorize.searchParams.get('redirect_uri')).toBe(`${clinic.glir.url}/slack/oauth_redirect`);
    expect(authorize.searchParams.get('state')).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(start.headers.get('set-cookie')).toMatch(/HttpOnly/);
  });
});

describe('the installation', () => {
  it('ends on a page that names the workspace and the next step, and the bot can work', async () => {
    const { status, html } = await clinic.install();
    expect(status).toBe(200);
    for (const text of [
      'GLIR is installed in <bdi>Ospedale San Marco</bdi>',
      'type <code dir="ltr">/glir</code>',
      'one direct message',
    ]) {
      expect(html).toContain(text);
    }
    const { view } = await new SlackDoctor(clinic).opensForm();
    expect(view.callback_id).toBe('glir-form');
  });

  it('works without the optional scope, and says so', async () => {
    const { status, html } = await clinic.install('commands');
    expect(status).toBe(200);
    expect(html).toContain('sends no direct messages');
  });

  it('leaves no token and no secret readable on disk or in the log', async () => {
    await clinic.install();
    expect(findsIn(rows(), TEAM)).toBe(true);
    for (const secret of [clinic.token(), CLIENT_SECRET, SIGNING_SECRET]) {
      expect(findsIn(rows(), secret)).toBe(false);
      expect(findsIn(clinic.glir.log, secret)).toBe(false);
    }
  });

  it('takes a state once', async () => {
    const { state, cookie } = await begin();
    const first = await get(`/slack/oauth_redirect?code=c&state=${state}`, { cookie });
    expect(await first.text()).toContain('Slack did not agree');
    const second = await get(`/slack/oauth_redirect?code=c&state=${state}`, { cookie });
    expect(second.status).toBe(400);
    expect(await second.text()).toContain('That took too long');
    expect(clinic.slack.callsTo('oauth.v2.access')).toHaveLength(1);
  });

  it.each<[string, (state: string, cookie: string) => [string, Record<string, string>]]>([
    ['without a state', (_state, cookie) => ['?code=c', { cookie }]],
    ['with a made-up state', () => ['?code=c&state=made-up', { cookie: 'glir-slack-install=made-up' }]],
    ['from another browser', (state) => [`?code=c&state=${state}`, {}]],
    ['with nothing at all', () => ['', {}]],
  ])('is refused %s, before Slack is asked', async (_name, make) => {
    const { state, cookie } = await begin();
    const [query, headers] = make(state, cookie);
    const answer = await get(`/slack/oauth_redirect${query}`, headers);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('Begin again');
    expect(clinic.slack.callsTo('oauth.v2.access')).toEqual([]);
  });

  it('is refused after ten minutes', async () => {
    const { state, cookie } = await begin();
    clinic.glir.clock.advance(601_000);
    expect((await get(`/slack/oauth_redirect?code=c&state=${state}`, { cookie })).status).toBe(400);
    expect(clinic.slack.callsTo('oauth.v2.access')).toEqual([]);
  });

  it('that the administrator cancels changes nothing and says so', async () => {
    const answer = await get('/slack/oauth_redirect?error=access_denied&state=x');
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('You cancelled it in Slack');
  });

  it('that Slack does not answer says to try again', async () => {
    const { state, cookie } = await begin();
    clinic.slack.instead = () => ({ status: 500, body: 'down' });
    const answer = await get(`/slack/oauth_redirect?code=c&state=${state}`, { cookie });
    expect(answer.status).toBe(502);
    expect(await answer.text()).toContain('Wait a moment');
  });

  it('shows a workspace’s name as text, whatever is in it', async () => {
    clinic.slack.instead = installing({ team: { id: TEAM, name: '<img src=x onerror=alert(1)>' } });
    const { html } = await clinic.install();
    expect(html).toContain('&lt;img src=x');
    expect(html).not.toContain('<img');
  });
});

describe('several workspaces and organisations', () => {
  it('each have their own installation and rooms', async () => {
    await clinic.install();
    clinic.slack.instead = installing({ team: { id: 'T0SECOND', name: 'Second' } });
    await clinic.install();
    clinic.slack.instead = null;
    const second = Object.assign(new SlackDoctor(clinic), { team: 'T0SECOND' });
    expect((await new SlackDoctor(clinic).types('15m')).shown).not.toBeNull();
    expect((await second.types('1h')).text).toContain('/compose#');
    expect(roomsOf(clinic.rossi.id)).toHaveLength(1);
    expect(roomsOf(clinic.rossi.id, 'T0SECOND')).toHaveLength(1);
  });

  it('an Enterprise Grid organisation is one tenant for all its workspaces', async () => {
    const enterprise = { id: 'E0GRID', name: 'Klinikverbund' };
    clinic.slack.instead = installing({ team: null, enterprise, is_enterprise_install: true });
    const { html } = await clinic.install();
    clinic.slack.instead = null;
    expect(html).toContain('GLIR is installed in <bdi>Klinikverbund</bdi>');
    const doctor = Object.assign(new SlackDoctor(clinic), { team: 'T0ANY', enterprise: 'E0GRID' });
    expect((await doctor.types('15m')).text).toContain('/compose#');
    expect(roomsOf(clinic.rossi.id, 'E0GRID')).toHaveLength(1);
    expect((await new SlackDoctor(clinic).types('15m')).text).toContain('An administrator can install it again');
  });
});

describe('a workspace where GLIR is not installed', () => {
  it('is told how to install it, and gets no room', async () => {
    const { status, text } = await new SlackDoctor(clinic).types('15m');
    expect(status).toBe(200);
    expect(text).toContain(`${clinic.glir.url}/slack/install`);
    expect(roomsOf(clinic.rossi.id)).toEqual([]);
  });
});

describe('token rotation', () => {
  it('renews a token once when a hundred commands find it too old, and keeps the new one', async () => {
    let renewals = 0;
    clinic.slack.instead = ({ path: called, fields }) => {
      if (called === '/api/auth.test') return BOT;
      if (called !== '/api/oauth.v2.access') return undefined;
      if (fields['grant_type'] !== 'refresh_token')
        return oauthAnswer({ refresh_token: 'xoxe-1-first', expires_in: 30 });
      renewals += 1;
      return fields['refresh_token'] === 'xoxe-1-first' && renewals === 1
        ? json({
            ok: true,
            token_type: 'bot',
            access_token: 'xoxe.xoxb-renewed',
            refresh_token: 'xoxe-1-second',
            expires_in: 43_200,
          })
        : json({ ok: false, error: 'invalid_refresh_token' });
    };
    await clinic.install();
    const doctor = new SlackDoctor(clinic);
    const answers = await Promise.all(Array.from({ length: 100 }, () => doctor.types('15m')));
    expect(answers.filter(({ text }) => text.includes('/compose#'))).toHaveLength(100);
    expect(renewals).toBe(1);
    await doctor.types('');
    await expect.poll(() => clinic.slack.callsTo('views.open').at(-1)?.token).toBe('xoxe.xoxb-renewed');
    expect(findsIn(clinic.glir.log, 'xoxe')).toBe(false);
  });

  it('that Slack does not answer holds no command up for three seconds', async () => {
    clinic.slack.instead = ({ path: called, fields }) => {
      if (called === '/api/auth.test') return BOT;
      if (called !== '/api/oauth.v2.access') return undefined;
      return fields['grant_type'] === 'refresh_token'
        ? { status: 503, body: 'down' }
        : oauthAnswer({ refresh_token: 'xoxe-1-first', expires_in: 1 });
    };
    await clinic.install();
    clinic.glir.clock.advance(2_000);
    const { status, text, ms } = await new SlackDoctor(clinic).types('15m');
    expect(status).toBe(200);
    expect(text).toContain('install it again');
    expect(ms).toBeLessThan(AT_ONCE_MS);
  });
});

describe('somebody who begins too many installations', () => {
  // The last one of this file: the address stays limited for ten minutes.
  it('is told to wait, and leaves no more rows', async () => {
    let answer = await get('/slack/install/start');
    for (let count = 0; answer.status === 302 && count < 100; count++) answer = await get('/slack/install/start');
    expect(answer.status).toBe(429);
    expect(await answer.text()).toContain('Wait ten minutes');
    expect(answer.headers.get('location')).toBeNull();
  });
});

/** Slack, for an installation with other facts than the emulator's. */
function installing(more: object): Instead {
  return ({ path: called }) => {
    if (called === '/api/auth.test') return BOT;
    return called === '/api/oauth.v2.access' ? oauthAnswer(more) : undefined;
  };
}

function json(body: object) {
  return { status: 200, body: JSON.stringify(body) };
}

function oauthAnswer(more: object) {
  return json({
    ok: true,
    access_token: 'xoxb-made-by-the-test',
    token_type: 'bot',
    scope: 'commands,chat:write',
    bot_user_id: 'U0BOT',
    app_id: 'A000000001',
    team: { id: TEAM, name: 'Ospedale San Marco' },
    enterprise: null,
    is_enterprise_install: false,
    authed_user: { id: clinic.rossi.id },
    ...more,
  });
}
