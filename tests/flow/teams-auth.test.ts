import { createPublicKey } from 'node:crypto';
import { generateKeyPair, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Glir, startGlir } from '../support/server/glir.ts';
import { findsIn } from '../support/server/search.ts';
import { APP_ID, fetchTask, message, ROSSI, TENANT_ID } from '../support/teams/activities.ts';
import { startTeamsCloud, type TeamsCloud } from '../support/teams/cloud.ts';

const OTHER = '11111111-2222-4333-8444-555555555555';
const MICROSOFT = 'd6d49420-f39b-4df7-a1dc-d59a935871db';
const ISSUER = 'https://api.botframework.com';

let cloud: TeamsCloud;
let glir: Glir;
beforeAll(async () => {
  cloud = await startTeamsCloud();
  glir = await startGlir(cloud.env);
});
afterAll(async () => {
  await glir.stop();
  await cloud.stop();
});

const seconds = () => Math.floor(Date.now() / 1000);

/** What is wrong with a token, and the token. */
const REFUSED: [string, () => Promise<string | null> | string | null][] = [
  ['no token', () => null],
  ['something that is no token', () => 'connector'],
  ['a token for another bot', () => cloud.sign({ aud: OTHER })],
  ['a token for nobody', () => cloud.sign({ aud: undefined })],
  ['a token of another issuer', () => cloud.sign({ iss: 'https://login.example.org' })],
  ['a token of no issuer', () => cloud.sign({ iss: undefined })],
  ['a token for another service URL', () => cloud.sign({ serviceurl: 'https://smba.trafficmanager.net/emea/' })],
  ['a token without a service URL', () => cloud.sign({ serviceurl: undefined })],
  ['an expired token', () => cloud.sign({ nbf: seconds() - 7_200, exp: seconds() - 600 })],
  ['a token that never expires', () => cloud.sign({ exp: undefined })],
  ['a token that does not hold yet', () => cloud.sign({ nbf: seconds() + 600 })],
  ['a key that Microsoft does not have', async () => cloud.sign({}, { ...(await stranger()), header: { kid: 'new' } })],
  ['a stranger’s key under a name of Microsoft’s', async () => cloud.sign({}, await stranger())],
  ['a key without a name', () => cloud.sign({}, { header: { kid: null } })],
  ['a key that is not endorsed for Teams', () => cloud.sign({}, cloud.unendorsed)],
  ['the public key used as a secret', async () => cloud.sign({}, { header: { alg: 'HS256' }, key: await publicKey() })],
  ['no signature', () => unsigned()],
  // What the Emulator and other bots would show; GLIR talks to neither.
  [
    'a token as the Emulator has them',
    () => cloud.sign({ iss: `https://sts.windows.net/${MICROSOFT}/`, ver: '1.0', appid: APP_ID }),
  ],
  [
    'a token as another bot has them',
    () => cloud.sign({ iss: `https://sts.windows.net/${TENANT_ID}/`, ver: '1.0', appid: OTHER }),
  ],
];

describe('a request that does not come from Teams', () => {
  it.each(REFUSED)('with %s is refused, and nothing happens', async (_what, token) => {
    const { status, text } = await cloud.post(message('/glir 15m'), { token: await token() });
    expect(status).toBe(401);
    expect(text).not.toContain('/compose');
    expect(glir.app.rooms.of(doctor())).toEqual([]);
    expect(cloud.messages()).toEqual([]);
  });

  it('cannot open the dialog either', async () => {
    const { status, json } = await cloud.post(fetchTask(), { token: null });
    expect(status).toBe(401);
    expect(json).not.toHaveProperty('task');
  });

  it('is refused when it names another service URL than its token', async () => {
    const activity = { ...message('/glir 15m'), serviceUrl: 'https://teams.example.org/' };
    expect((await cloud.post(activity)).status).toBe(401);
    expect(cloud.messages()).toEqual([]);
  });
});

describe('a request of Teams', () => {
  it.each([
    ['from another organisation', { conversation: { tenantId: OTHER }, channelData: { tenant: { id: OTHER } } }],
    ['that only says so in its channel data', { channelData: { tenant: { id: OTHER } } }],
    ['that only says so in its conversation', { conversation: { tenantId: OTHER } }],
    ['from a channel that is not Teams', { channelId: 'webchat' }],
    ['from the Azure Stack Edge channel', { channelId: 'AseChannel' }],
  ])('%s is refused, and nothing happens', async (_what, other) => {
    const { status } = await cloud.post(merged(message('/glir 15m'), other));
    expect(status).toBe(403);
    expect(glir.app.rooms.of(doctor())).toEqual([]);
    expect(cloud.messages()).toEqual([]);
  });

  it('is carried out when everything is right: after all those, one room and one message', async () => {
    const { status } = await cloud.post(message('/glir 15m'));
    expect(status).toBe(200);
    await expect.poll(() => glir.app.rooms.of(doctor()), { timeout: 5_000 }).toHaveLength(1);
    await expect.poll(() => cloud.messages(), { timeout: 5_000 }).toHaveLength(1);
    expect(cloud.messages()[0]?.status).toBe(201);
  });

  it('leaves no token in the log, right or wrong', async () => {
    const right = await cloud.sign();
    const wrong = await cloud.sign({ aud: OTHER });
    for (const token of [right, wrong]) await cloud.post(message('help'), { token });
    for (const token of [right, wrong]) expect(findsIn(glir.log, token.slice(-80))).toBe(false);
    expect(findsIn(glir.log, 'teams-refused')).toBe(true);
  });
});

function doctor(): Parameters<Glir['app']['rooms']['of']>[0] {
  return { platform: 'teams', tenant: TENANT_ID, user: ROSSI.aadObjectId };
}

async function stranger() {
  return { key: (await generateKeyPair('RS256')).privateKey };
}

/** Microsoft's first key as everybody can read it. */
async function publicKey(): Promise<Uint8Array> {
  const got = await fetch(`${cloud.url}/v1/.well-known/keys`);
  const { keys } = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) }).parse(await got.json());
  const pem = createPublicKey({ key: keys[0] ?? {}, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  return new TextEncoder().encode(pem.toString());
}

function unsigned(): string {
  return new UnsecuredJWT({ serviceurl: cloud.serviceUrl })
    .setIssuer(ISSUER)
    .setAudience(APP_ID)
    .setExpirationTime('1h')
    .encode();
}

const partsSchema = z.looseObject({ conversation: z.looseObject({}), channelData: z.looseObject({}) });

/** An activity with other details. */
function merged(activity: object, other: { channelId?: string; conversation?: object; channelData?: object }): object {
  const { conversation, channelData, ...rest } = partsSchema.parse(activity);
  return {
    ...rest,
    ...other,
    conversation: { ...conversation, ...other.conversation },
    channelData: { ...channelData, ...other.channelData },
  };
}
