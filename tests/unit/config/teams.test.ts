import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { load, publicSettings, refusals } from './settings.ts';

const REGISTRATION = {
  GLIR_TEAMS_APP_ID: '5F2F4A8E-0c1e-4f7b-9d52-8a4b2b0f6c11',
  GLIR_TEAMS_APP_PASSWORD: 'app-password',
  GLIR_TEAMS_TENANT_ID: 'c3a1d5b2-6a3e-4f0c-8f3d-2a5b7e9d1f04',
};
const KEYS = { GLIR_DATA_DIR: '/var/lib/glir', GLIR_DATA_KEYS: `k1:${randomBytes(32).toString('base64')}` };
const TEAMS = { ...REGISTRATION, ...KEYS };
const PLAYGROUND = { ...KEYS, GLIR_TEAMS_PLAYGROUND: 'http://localhost:56150' };

describe('Teams', () => {
  it('is off without a registration', () => {
    expect(load(publicSettings()).teams).toBeNull();
    expect(load({}).localChat).toBe(true);
  });

  it('is on with its registration, for one organisation, and turns the local chat off', () => {
    const { teams, localChat } = load(TEAMS);
    expect(teams).toMatchObject({
      app: {
        kind: 'registered',
        appId: REGISTRATION.GLIR_TEAMS_APP_ID.toLowerCase(),
        tenantId: REGISTRATION.GLIR_TEAMS_TENANT_ID,
        openIdUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
        loginUrl: 'https://login.microsoftonline.com',
      },
      admins: [],
      compose: 'browser',
    });
    expect(localChat).toBe(false);
  });

  it('works beside Slack', () => {
    const both = { GLIR_SLACK_CLIENT_ID: '1.2', GLIR_SLACK_CLIENT_SECRET: 's', GLIR_SLACK_SIGNING_SECRET: 't' };
    const { slack, teams } = load({ ...TEAMS, ...both });
    expect(slack).not.toBeNull();
    expect(teams).not.toBeNull();
  });

  it.each(Object.keys(REGISTRATION))('says what to do when %s is missing', (name) => {
    const problems = refusals(publicSettings({ ...TEAMS, [name]: '' }));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name}: missing, but Teams is set up\\. (?:Copy|Make) `));
  });

  it.each(['GLIR_DATA_KEYS'])('needs %s', (name) => {
    expect(refusals(publicSettings({ ...TEAMS, [name]: '' }))[0]).toContain(name);
  });

  it.each(['GLIR_TEAMS_APP_ID', 'GLIR_TEAMS_TENANT_ID', 'GLIR_TEAMS_ADMINS'])('refuses a %s that is no id', (name) => {
    for (const wrong of ['common', '5f2f4a8e', '*', `${REGISTRATION.GLIR_TEAMS_TENANT_ID}x`]) {
      expect(refusals(publicSettings({ ...TEAMS, [name]: wrong }))).toEqual([
        expect.stringContaining(`${name}: not an id`),
      ]);
    }
  });

  it('reads the admins as a list of ids, whatever their case', () => {
    const id = '8A9A85F5-748B-4D75-BAA5-B8D2F6BFE209';
    expect(load({ ...TEAMS, GLIR_TEAMS_ADMINS: `${id}, ${REGISTRATION.GLIR_TEAMS_TENANT_ID}` }).teams?.admins).toEqual([
      id.toLowerCase(),
      REGISTRATION.GLIR_TEAMS_TENANT_ID,
    ]);
  });

  it.each([
    ['GLIR_TEAMS_LOGIN_URL', 'http://login.example.org'],
    ['GLIR_TEAMS_OPENID_URL', 'http://login.example.org/keys'],
    ['GLIR_TEAMS_OPENID_URL', 'https://name:word@login.example.org/keys'],
    ['GLIR_TEAMS_LOGIN_URL', 'login.example.org'],
  ])('refuses %s=%s, over which keys or the password could be read', (name, url) => {
    const problems = refusals(publicSettings({ ...TEAMS, [name]: url }));
    expect(problems).toEqual([expect.stringContaining(`${name}: not an https address`)]);
    expect(problems.join()).not.toContain('name:word');
  });

  it('shows none of its secrets', () => {
    const config = load(TEAMS);
    expect(inspect(config, { depth: 10 }) + JSON.stringify(config)).not.toContain('app-password');
  });

  it('warns when Teams cannot reach the public URL', () => {
    expect(load(TEAMS).warnings.join()).toContain('Teams cannot reach PUBLIC_URL');
    expect(load(publicSettings(TEAMS)).warnings).toEqual([]);
  });
});

describe('the Agents Playground', () => {
  it('is believed without a signature where everything is on this machine', () => {
    expect(load(PLAYGROUND).teams?.app).toEqual({ kind: 'playground', origin: 'http://localhost:56150' });
  });

  it.each([
    ['a public URL that others reach', publicSettings()],
    ['a server that others reach', { HOST: '0.0.0.0' }],
    ['a Playground elsewhere', { GLIR_TEAMS_PLAYGROUND: 'http://playground.example.org' }],
    ['a registration beside it', REGISTRATION],
    ['a part of a registration beside it', { GLIR_TEAMS_APP_ID: REGISTRATION.GLIR_TEAMS_APP_ID }],
  ])('is refused with %s', (_what, settings) => {
    expect(refusals({ ...PLAYGROUND, ...settings })).toEqual([
      expect.stringContaining('GLIR_TEAMS_PLAYGROUND: its requests are not signed'),
    ]);
  });
});
