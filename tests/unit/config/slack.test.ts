import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { load, publicSettings, refusals } from './settings.ts';

const CREDENTIALS = {
  GLIR_SLACK_CLIENT_ID: '123.456',
  GLIR_SLACK_CLIENT_SECRET: 'client-secret',
  GLIR_SLACK_SIGNING_SECRET: 'signing-secret',
};
const KEYS = { GLIR_DATA_DIR: '/var/lib/glir', GLIR_DATA_KEYS: `k1:${randomBytes(32).toString('base64')}` };
const SLACK = { ...CREDENTIALS, ...KEYS };

describe('Slack', () => {
  it('is off without credentials', () => {
    expect(load(publicSettings()).slack).toBeNull();
  });

  it('is on with its three credentials, and turns the local chat off', () => {
    const { slack, localChat } = load(SLACK);
    expect(slack).toMatchObject({ clientId: '123.456', apiUrl: 'https://slack.com', delivery: { kind: 'http' } });
    expect(localChat).toBe(false);
  });

  it('takes socket mode when there is an app token, with or without a signing secret', () => {
    expect(load({ ...SLACK, GLIR_SLACK_APP_TOKEN: 'xapp-1' }).slack?.delivery.kind).toBe('socket');
    const { GLIR_SLACK_SIGNING_SECRET: _, ...rest } = SLACK;
    expect(load({ ...rest, GLIR_SLACK_APP_TOKEN: 'xapp-1' }).slack?.delivery.kind).toBe('socket');
  });

  it('shows none of its secrets', () => {
    const config = load({ ...SLACK, GLIR_SLACK_APP_TOKEN: 'xapp-hidden' });
    expect(inspect(config, { depth: 10 }) + JSON.stringify(config)).not.toMatch(
      /client-secret|signing-secret|xapp-hidden/,
    );
  });

  it.each(Object.keys(CREDENTIALS))('says what to do when %s is missing', (name) => {
    const problems = refusals(publicSettings({ ...SLACK, [name]: '' }));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`${name}: missing, but Slack is set up. Copy it from "Basic Information"`);
  });

  it('needs a key for its tokens', () => {
    expect(refusals(publicSettings({ ...SLACK, GLIR_DATA_KEYS: '' }))[0]).toContain('GLIR_DATA_KEYS');
  });

  it('refuses a bot token where an app token belongs, without repeating it', () => {
    const problems = refusals(publicSettings({ ...SLACK, GLIR_SLACK_APP_TOKEN: 'xoxb-bot-token' }));
    expect(problems[0]).toContain('xapp-');
    expect(problems.join()).not.toContain('xoxb-bot-token');
  });

  it('warns when Slack cannot reach the public URL, unless GLIR calls Slack', () => {
    expect(load(SLACK).warnings.join()).toContain('Slack cannot reach PUBLIC_URL');
    const admins = { GLIR_SLACK_ADMINS: 'U024BE7LH' };
    expect(load({ ...SLACK, ...admins, GLIR_SLACK_APP_TOKEN: 'xapp-1' }).warnings).toEqual([]);
    expect(load(publicSettings({ ...SLACK, ...admins })).warnings).toEqual([]);
  });

  it('has admins and workspaces that are named, and warns while nobody is named', () => {
    expect(load(publicSettings(SLACK)).warnings.join()).toContain('Set GLIR_SLACK_ADMINS');
    expect(load(SLACK).slack).toMatchObject({ admins: null, teams: null });
    const named = { GLIR_SLACK_ADMINS: 'U024BE7LH,W024BE7LJ', GLIR_SLACK_TEAMS: 'T024BE7LH, E024BE7LJ' };
    expect(load({ ...SLACK, ...named }).slack).toMatchObject({
      admins: ['U024BE7LH', 'W024BE7LJ'],
      teams: ['T024BE7LH', 'E024BE7LJ'],
    });
    expect(refusals(publicSettings({ ...SLACK, GLIR_SLACK_ADMINS: 'anna.rossi' }))[0]).toContain('GLIR_SLACK_ADMINS');
    expect(refusals(publicSettings({ ...SLACK, GLIR_SLACK_TEAMS: 'U024BE7LH' }))[0]).toContain('GLIR_SLACK_TEAMS');
  });
});
