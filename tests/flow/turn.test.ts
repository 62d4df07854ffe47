import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { iceServers } from '../../mediasoup-config/ice-servers.ts';
import { loadConfig } from '../../src/config/load.ts';
import { type TurnClient, turnClient } from '../support/network/turn-client.ts';
import { startTurnServer, type TurnServer, turnProblem } from '../support/network/turn-server.ts';
import { freePort } from '../support/server/glir.ts';

const SECRET = 'a secret of this test alone';
const SFU = '203.0.113.5';
const DAY_MS = 24 * 60 * 60 * 1000;

const problem = turnProblem();
let server: TurnServer;
const clients: TurnClient[] = [];
let browsers = 0;
beforeAll(async () => {
  if (problem === null) server = await startTurnServer({ port: await freePort(), secret: SECRET, sfu: SFU });
});
beforeEach(({ skip }) => skip(problem !== null, problem ?? ''));
afterAll(async () => {
  for (const client of clients) client.close();
  await server?.stop();
});

/** The credentials that GLIR gives a browser at a moment. */
function credentials(now = Date.now(), secret = SECRET): { username: string; credential: string } {
  const env = { GLIR_TURN: 'turn:127.0.0.1:3478', GLIR_TURN_SECRET: secret };
  browsers += 1;
  const [turn] = iceServers(loadConfig(env, { addresses: ['127.0.0.1'] }), {
    until: now + DAY_MS,
    user: `browser-${browsers}`,
  });
  if (turn?.username === undefined || turn.credential === undefined) throw new Error('no credentials');
  return { username: turn.username, credential: turn.credential };
}

async function clientWith({ username, credential } = credentials()): Promise<TurnClient> {
  const client = await turnClient(server.port, username, credential);
  clients.push(client);
  return client;
}

describe('coturn as it is documented', () => {
  it('takes the credentials that GLIR gives a browser, and lets it reach the data channels', async () => {
    const client = await clientWith();
    expect(await client.allocate()).toBe(0);
    expect(await client.permit(SFU)).toBe(0);
    expect(await client.bind(SFU)).toBe(0);
  });

  it.each([
    ['this network', '0.0.0.1'],
    ['private, large', '10.0.0.1'],
    ['private, large, at its end', '10.255.255.255'],
    ['shared by a carrier', '100.64.0.1'],
    ['loopback', '127.0.0.1'],
    ['loopback, elsewhere', '127.8.8.8'],
    ['the metadata of a cloud', '169.254.169.254'],
    ['private, middle', '172.16.0.1'],
    ['private, middle, at its end', '172.31.255.255'],
    ['private, small', '192.168.1.1'],
    ['for tests', '198.18.0.1'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['beside the data channels', '203.0.113.6'],
    ['anywhere else in public', '8.8.8.8'],
  ])('refuses a peer that is %s (%s)', async (_what, peer) => {
    const client = await clientWith();
    expect(await client.allocate()).toBe(0);
    expect(await client.permit(peer)).toBe(403);
    expect(await client.bind(peer)).toBe(403);
  });

  it.each([
    ['loopback', '::1'],
    ['nothing', '::'],
    ['IPv4 in IPv6, private', '::ffff:10.0.0.1'],
    ['IPv4 in IPv6, loopback', '::ffff:127.0.0.1'],
    ['IPv4 in IPv6, the metadata of a cloud', '::ffff:169.254.169.254'],
    ['IPv4 behind NAT64', '64:ff9b::a00:1'],
    ['IPv4 behind 6to4', '2002:a00:1::1'],
    ['unique local', 'fd00::1'],
    ['the metadata of a cloud', 'fd00:ec2::254'],
    ['link-local', 'fe80::1'],
    ['multicast', 'ff02::1'],
    ['anywhere else in public', '2600::1'],
  ])('refuses a peer in IPv6 that is %s (%s)', async (_what, peer) => {
    const client = await clientWith();
    expect(await client.allocate(6)).toBe(0);
    expect(await client.permit(peer)).toBe(403);
    expect(await client.bind(peer)).toBe(403);
  });

  it('sends nothing to a peer that was not permitted', async () => {
    const inside = createSocket('udp4').bind(0, '127.0.0.1');
    await once(inside, 'listening');
    const heard: string[] = [];
    inside.on('message', (data) => heard.push(data.toString()));
    const client = await clientWith();
    expect(await client.allocate()).toBe(0);
    client.send('127.0.0.1', inside.address().port, 'to the inside');
    expect(await client.permit('127.0.0.1')).toBe(403);
    client.send('127.0.0.1', inside.address().port, 'to the inside');
    // What came from the client before is worked on before its next question.
    expect(await client.permit(SFU)).toBe(0);
    const [own] = await Promise.all([
      once(inside, 'message'),
      inside.send('from here', inside.address().port, '127.0.0.1'),
    ]);
    expect(String(own[0])).toBe('from here');
    expect(heard).toEqual(['from here']);
    inside.close();
  });

  it.each([
    ['no longer good', () => credentials(Date.now() - 2 * DAY_MS)],
    ['of another secret', () => credentials(Date.now(), 'another secret')],
    [
      'made longer by the browser',
      () => ({ ...credentials(), username: `${Math.floor(Date.now() / 1000) + 999_999}:browser` }),
    ],
    ['none', () => ({ username: '', credential: '' })],
  ])('refuses credentials that are %s', async (_what, made) => {
    const client = await clientWith(made());
    expect(await client.allocate()).toBeGreaterThanOrEqual(400);
    expect(await client.permit(SFU)).toBeGreaterThanOrEqual(400);
  });

  it('gives one browser a few allocations and not more', async () => {
    const same = credentials();
    const codes: number[] = [];
    for (let asked = 0; asked < 20; asked++) codes.push(await (await clientWith(same)).allocate());
    expect(codes.filter((code) => code === 486).length).toBeGreaterThan(0);
    expect(codes[0]).toBe(0);
  });
});
