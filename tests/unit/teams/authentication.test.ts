import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBotToken, createSigningKeys } from '../../../bots/teams/authentication.ts';
import { Secret } from '../../../src/config/secret.ts';
import { standingClock } from '../../support/server/movable-clock.ts';

const HOUR_MS = 60 * 60 * 1000;
const log = pino({ level: 'silent' });

/** Microsoft's login, as it is at this moment. */
let server: Server;
let url: string;
let keys: unknown[];
let isDown: boolean;
let asked: string[];
let clock: ReturnType<typeof standingClock>;

beforeEach(async () => {
  [keys, isDown, asked, clock] = [[await publicKey('one')], false, [], standingClock()];
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const metadata = { issuer: 'https://api.botframework.us', jwks_uri: `${url}/keys` };
    const token = { access_token: `token-${asked.length}`, expires_in: 3599 };
    const body = request.url === '/openid' ? metadata : request.url === '/keys' ? { keys } : token;
    response.writeHead(isDown ? 503 : 200).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function publicKey(kid: string, more: object = {}): Promise<object> {
  const { publicKey: key } = await generateKeyPair('RS256');
  return { ...(await exportJWK(key)), kid, ...more };
}

const reads = () => asked.filter((path) => path === '/keys').length;

describe('Microsoft’s signing keys', () => {
  it('are read when they are needed, once for many requests, and again after a day', async () => {
    const found = createSigningKeys(`${url}/openid`, clock, log);
    await Promise.all(Array.from({ length: 20 }, () => found.find('one', 'msteams')));
    clock.advance(23 * HOUR_MS);
    expect(await found.find('one', 'msteams')).toBeDefined();
    expect(reads()).toBe(1);
    clock.advance(HOUR_MS);
    await found.find('one', 'msteams');
    expect(reads()).toBe(2);
  });

  it('that are new are found, while unknown names cost one look a minute', async () => {
    const found = createSigningKeys(`${url}/openid`, clock, log);
    await found.find('one', 'msteams');
    keys = [...keys, await publicKey('two')];
    clock.advance(60_000);
    expect(await found.find('two', 'msteams')).toBeDefined();
    for (let index = 0; index < 100; index++) expect(await found.find(`forged-${index}`, 'msteams')).toBeUndefined();
    expect(reads()).toBe(2);
  });

  it('stay known while Microsoft cannot be reached', async () => {
    const found = createSigningKeys(`${url}/openid`, clock, log);
    await found.find('one', 'msteams');
    isDown = true;
    clock.advance(48 * HOUR_MS);
    expect(await found.find('one', 'msteams')).toBeDefined();
    expect(await found.find('two', 'msteams')).toBeUndefined();
  });

  it('that were never read make a request fail, not pass', async () => {
    isDown = true;
    const found = createSigningKeys(`${url}/openid`, clock, log);
    await expect(found.find('one', 'msteams')).rejects.toThrow();
    isDown = false;
    expect(await found.find('one', 'msteams')).toBeDefined();
  });

  it('are taken for the channels that they are endorsed for, and of their kind alone', async () => {
    keys = [
      await publicKey('teams', { endorsements: ['msteams', 'webchat'] }),
      await publicKey('other', { endorsements: ['webchat'] }),
      { kty: 'oct', kid: 'shared', k: 'c2VjcmV0' },
      'nonsense',
    ];
    const found = createSigningKeys(`${url}/openid`, clock, log);
    expect(await found.find('teams', 'msteams')).toBeDefined();
    expect(await found.find('other', 'msteams')).toBeUndefined();
    expect(await found.find('shared', 'msteams')).toBeUndefined();
  });
});

describe('GLIR’s own token', () => {
  const app = () =>
    ({
      kind: 'registered',
      appId: 'app',
      password: new Secret('word'),
      tenantId: 'tenant',
      openIdUrl: `${url}/openid`,
      loginUrl: `${url}/login`,
    }) as const;

  it('is asked for once for many calls, and again shortly before its end', async () => {
    const token = createBotToken(app(), createSigningKeys(`${url}/openid`, clock, log), clock);
    const all = await Promise.all(Array.from({ length: 20 }, () => token.get()));
    expect(new Set(all).size).toBe(1);
    clock.advance(54 * 60_000);
    expect(await token.get()).toBe(all[0]);
    clock.advance(60_000);
    expect(await token.get()).not.toBe(all[0]);
    expect(asked.filter((path) => path === '/login/tenant/oauth2/v2.0/token')).toHaveLength(2);
  });

  it('that is refused says what to check, and is asked for anew', async () => {
    const token = createBotToken(app(), { issuer: () => Promise.resolve('https://api.botframework.com') }, clock);
    isDown = true;
    await expect(token.get()).rejects.toMatchObject({ name: 'LoginRefused', code: '503' });
    await expect(token.get()).rejects.toThrow('Check GLIR_TEAMS_APP_PASSWORD');
    isDown = false;
    expect(await token.get()).toMatch(/^token-/);
  });
});
