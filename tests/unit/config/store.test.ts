import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { EXAMPLE_DATA_KEY } from '../../../src/config/value-types.ts';
import { load, refusals } from './settings.ts';

const base64 = () => randomBytes(32).toString('base64');

describe('the folder of durable data', () => {
  it.each([
    [{ GLIR_DATA_DIR: '/var/lib/glir', XDG_DATA_HOME: '/data', HOME: '/home/anna' }, '/var/lib/glir'],
    [{ XDG_DATA_HOME: '/data', HOME: '/home/anna' }, '/data/glir'],
    [{ XDG_DATA_HOME: 'relative', HOME: '/home/anna' }, '/home/anna/.local/share/glir'],
    [{ HOME: '/home/anna' }, '/home/anna/.local/share/glir'],
    [{}, null],
  ])('with %j is %s', (env, dir) => {
    expect(load(env).store.dir).toBe(dir);
  });

  it.each(['data', './data', '~/glir'])('is refused when it depends on where GLIR is started: %s', (dir) => {
    expect(refusals({ GLIR_DATA_DIR: dir })).toEqual([expect.stringMatching(/^GLIR_DATA_DIR: .* Set /)]);
  });
});

describe('the keys of durable data', () => {
  it('are read in their order, with or without space and padding', () => {
    const [first, second] = [base64(), base64()];
    const { keys } = load({ GLIR_DATA_KEYS: ` k-2:${first} , k_1:${second.replace('=', '')}` }).store;
    expect(keys.map(({ id, key }) => [id, key.reveal()])).toEqual([
      ['k-2', first],
      ['k_1', second.replace('=', '')],
    ]);
  });

  const key = base64();
  it.each([
    ['no id', key],
    ['an empty id', `:${key}`],
    ['an id with a space', `my key:${key}`],
    ['an id that is too long', `${'k'.repeat(33)}:${key}`],
    ['no key', 'k1:'],
    ['a key of 16 bytes', `k1:${randomBytes(16).toString('base64')}`],
    ['a key of 33 bytes', `k1:${randomBytes(33).toString('base64')}`],
    ['a key in hex', `k1:${randomBytes(32).toString('hex')}`],
    ['a key that is a password', 'k1:correct horse battery staple'],
    ['two colons', `k1:k2:${key}`],
    ['an entry too many', `k1:${key},`],
    ['an id twice', `k1:${key},k1:${base64()}`],
    ['a key twice', `k1:${key},k2:${key}`],
  ])('are refused with %s, saying how to make one and never repeating it', (_what, value) => {
    const found = refusals({ GLIR_DATA_KEYS: value });
    expect(found).toEqual([expect.stringMatching(/^GLIR_DATA_KEYS: .* Make one with: openssl rand -base64 32$/)]);
    for (const part of value.split(/[:,]/).filter((text) => text.length > 8)) expect(found[0]).not.toContain(part);
  });

  it('may not be the one in the documentation', () => {
    for (const example of [EXAMPLE_DATA_KEY, EXAMPLE_DATA_KEY.replace('=', '')]) {
      const found = refusals({ GLIR_DATA_KEYS: `mine:${base64()},old:${example}` });
      expect(found).toEqual([expect.stringContaining('GLIR_DATA_KEYS: holds the key of the documentation')]);
    }
  });

  it('are not printed with the configuration', () => {
    const config = load({ GLIR_DATA_KEYS: `k1:${key}` });
    expect(JSON.stringify(config)).not.toContain(key);
    expect(inspect(config, { depth: 9, showHidden: true })).not.toContain(key);
  });

  it('are needed only when a platform is set up, and so is a folder', () => {
    const slack = {
      GLIR_SLACK_CLIENT_ID: '1.2',
      GLIR_SLACK_CLIENT_SECRET: 'client-secret',
      GLIR_SLACK_SIGNING_SECRET: 'signing-secret',
    };
    expect(load({}).store).toMatchObject({ dir: null, keys: [] });
    expect(refusals({ ...slack, GLIR_DATA_DIR: '/data', GLIR_DATA_KEYS: `k1:${key}` })).toEqual([]);
    expect(refusals({ ...slack, GLIR_DATA_DIR: '/data' })).toEqual([
      expect.stringMatching(/^GLIR_DATA_KEYS: missing\. What Slack .*openssl rand -base64 32$/),
    ]);
    expect(refusals({ ...slack, GLIR_DATA_KEYS: `k1:${key}` })).toEqual([
      expect.stringMatching(/^GLIR_DATA_DIR: missing, .* Set the absolute path/),
    ]);
  });
});

describe('a PostgreSQL for durable data', () => {
  const keys = { GLIR_DATA_KEYS: `k1:${base64()}` };
  const read = (url: string) => load({ ...keys, GLIR_DATABASE_URL: url });

  it('is read as libpq reads it, and takes the place of the folder', () => {
    const { store, warnings } = read('postgresql://gl%69r:p%40ss%2F@db.example.org/pra%78is?sslrootcert=/etc/ca.pem');
    expect(store.dir).toBeNull();
    expect(store.postgres).toMatchObject({
      host: 'db.example.org',
      port: 5432,
      user: 'glir',
      database: 'praxis',
      tls: { mode: 'verify-full', rootCert: '/etc/ca.pem' },
    });
    expect(store.postgres?.password?.reveal()).toBe('p@ss/');
    expect(warnings).toEqual([]);
    expect(load({}).store.postgres).toBeNull();
  });

  it.each([
    ['postgres://glir@localhost/glir', 'localhost', 'disable'],
    ['postgres://glir@127.0.0.2:7/glir', '127.0.0.2', 'disable'],
    ['postgres://glir@[::1]/glir', '::1', 'disable'],
    ['postgres://glir@localhost/glir?host=/var/run/postgresql', '/var/run/postgresql', 'disable'],
    ['postgres://glir@10.0.0.5/glir', '10.0.0.5', 'verify-full'],
    ['postgres://glir@localhost/glir?sslmode=verify-full', 'localhost', 'verify-full'],
    ['postgres://glir@db.internal/glir?sslmode=require', 'db.internal', 'require'],
  ])('is checked unless it is on this machine, or the URL says otherwise: %s', (url, host, mode) => {
    expect(read(url).store.postgres).toMatchObject({ host, tls: { mode } });
  });

  it.each([
    ['disable', 'is not encrypted'],
    ['require', 'nobody checks that it is the right server'],
  ])('that is elsewhere with sslmode=%s is warned of', (mode, text) => {
    expect(read(`postgres://glir@10.0.0.5/glir?sslmode=${mode}`).warnings).toEqual([expect.stringContaining(text)]);
    expect(read(`postgres://glir@localhost/glir?sslmode=${mode}`).warnings).toEqual([]);
  });

  it.each([
    ['another scheme', 'mysql://anna:hunter22@host/glir'],
    ['no URL', 'hunter22'],
    ['several hosts', 'postgres://anna:hunter22@one:5432,two:5432/glir'],
    ['no host', 'postgres://anna:hunter22@/glir'],
    ['no database', 'postgres://anna:hunter22@host'],
    ['no user', 'postgres://host/hunter22'],
    ['a folder for a host that is no path', 'postgres://anna:hunter22@/glir?host=hunter22'],
    ['another sslmode', 'postgres://anna:hunter22@host/glir?sslmode=prefer'],
    ['a relative sslrootcert', 'postgres://anna:hunter22@host/glir?sslrootcert=ca.pem'],
    ['a parameter twice', 'postgres://anna:hunter22@host/glir?sslmode=require&sslmode=disable'],
    ['another parameter', 'postgres://anna:hunter22@host/glir?options=hunter22'],
    ['a # in the password', 'postgres://anna:hunter22#@host/glir'],
    ['a lone %', 'postgres://anna:hunter22%@host/glir'],
  ])('is refused with %s, and never repeated', (_what, url) => {
    const found = refusals({ ...keys, GLIR_DATABASE_URL: url });
    expect(found).toEqual([expect.stringMatching(/^GLIR_DATABASE_URL: .*(Set|Take it out|Write|only be)/)]);
    expect(found[0]).not.toMatch(/hunter22|anna/);
  });

  it('is refused together with a folder, and without a data key, saying what to set', () => {
    const url = { GLIR_DATABASE_URL: 'postgres://glir@localhost/glir' };
    expect(refusals({ ...keys, ...url, GLIR_DATA_DIR: '/data' })).toEqual([
      expect.stringMatching(/^GLIR_DATA_DIR: .* Unset it .*npm run glir -- move/),
    ]);
    expect(refusals(url)).toEqual([expect.stringMatching(/^GLIR_DATA_KEYS: missing.*openssl rand -base64 32$/)]);
  });

  it('needs no folder, also for a platform', () => {
    const slack = { GLIR_SLACK_CLIENT_ID: '1.2', GLIR_SLACK_CLIENT_SECRET: 's', GLIR_SLACK_SIGNING_SECRET: 's' };
    expect(refusals({ ...keys, ...slack, GLIR_DATABASE_URL: 'postgres://glir@localhost/glir' })).toEqual([]);
  });

  it('is not printed with the configuration', () => {
    const config = read('postgres://glir:hunter22@localhost/glir');
    expect(JSON.stringify(config)).not.toContain('hunter22');
    expect(inspect(config, { depth: 9, showHidden: true })).not.toContain('hunter22');
  });
});

describe('the days of the history', () => {
  it.each([
    [{}, 90],
    [{ GLIR_HISTORY_DAYS: '0' }, 0],
    [{ GLIR_HISTORY_DAYS: '3650' }, 3_650],
  ])('with %j are %d', (env, days) => {
    expect(load(env).store.historyDays).toBe(days);
  });

  it.each(['-1', '3651', '90d', '1.5'])('are refused when they are "%s"', (days) => {
    expect(refusals({ GLIR_HISTORY_DAYS: days })).toHaveLength(1);
  });
});

describe('the days of the audit', () => {
  it.each([
    [{}, 2_192],
    [{ GLIR_AUDIT_DAYS: '0' }, 0],
    [{ GLIR_AUDIT_DAYS: '10958' }, 10_958],
  ])('with %j are %d', (env, days) => {
    expect(load(env).audit.days).toBe(days);
  });

  it.each(['-1', '10959', '6y'])('are refused when they are "%s"', (days) => {
    expect(refusals({ GLIR_AUDIT_DAYS: days })).toHaveLength(1);
  });
});
