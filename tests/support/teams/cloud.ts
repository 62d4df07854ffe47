import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { z } from 'zod';
import { freePort } from '../server/glir.ts';
import { APP_ID, personalChatOf, ROSSI, TENANT_ID, WEBER } from './activities.ts';

const APP_PASSWORD = 'tests-app-password';
const ISSUER = 'https://api.botframework.com';

/** One request that GLIR sent to Microsoft's login or to Teams' connector. */
export interface TeamsCall {
  method: string;
  /** Without the query; below the service URL it begins with `/emea/v3/`. */
  path: string;
  query: URLSearchParams;
  /** As it came. */
  body: string;
  /** The body's fields; empty when it is not a JSON object. */
  fields: Record<string, unknown>;
  status: number;
}

/** An answer in place of the connector's; undefined lets the request through. */
export type Instead = (
  call: TeamsCall,
) => { status: number; body: string; headers?: Record<string, string> } | undefined;

/** Who signs a token: another key than Microsoft's, another algorithm, another name for the key. */
export interface Signing {
  header?: { alg?: string; kid?: string | null };
  key?: CryptoKey | Uint8Array;
}

/** Microsoft as GLIR meets it: the login, the keys, and the connector that shows messages to people. */
export interface TeamsCloud {
  url: string;
  /** What activities carry as `serviceUrl`. */
  serviceUrl: string;
  /** For `startGlir`: a port, a store, and GLIR connected to this Teams with Dr Rossi as admin. */
  env: NodeJS.ProcessEnv;
  /** A token as Teams signs it; `claims` are put over the usual ones, undefined takes one out. */
  sign(claims?: Record<string, unknown>, signing?: Signing): Promise<string>;
  /** Signs as a channel that is not Teams would: with a key of Microsoft's that is not endorsed for Teams. */
  unendorsed: Signing;
  /** Sends an activity to GLIR, from this service URL unless it names one, signed unless `token` says otherwise. */
  post(activity: object, options?: { token?: string | null }): Promise<TeamsAnswer>;
  /** Everything GLIR asked for, in order. */
  calls: TeamsCall[];
  /** The messages that GLIR sent, changed or took away, in order. */
  messages(): TeamsCall[];
  /** Answers in the connector's place until it is set to null. */
  instead: Instead | null;
  stop(): Promise<void>;
}

export interface TeamsAnswer {
  status: number;
  text: string;
  /** The body read as JSON; null when there is none. */
  json: unknown;
  ms: number;
}

/** Starts it on a free port. The keys are new each time; one of them is endorsed for Teams, one for web chat only. */
export async function startTeamsCloud(): Promise<TeamsCloud> {
  const keys = await Promise.all([makeKey(['msteams', 'webchat']), makeKey(['webchat'])]);
  const [teamsKey, otherKey] = keys;
  const accessToken = `connector-${randomUUID()}`;
  const dataDir = await mkdtemp(path.join(tmpdir(), 'glir-teams-'));
  const shown = new Set<string>();
  const calls: TeamsCall[] = [];
  const port = await freePort();

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const call = await readCall(request);
    calls.push(call);
    const other = cloud.instead?.(call);
    const { status, body } = other ?? answerTo(call, request.headers.authorization);
    call.status = status;
    response.writeHead(status, { 'content-type': 'application/json', ...other?.headers }).end(body);
  };
  const server = createServer((request, response) => {
    // A caller who is gone is a connection that closes.
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const cloud: TeamsCloud = {
    url,
    serviceUrl: `${url}/emea/`,
    env: {
      PORT: String(port),
      GLIR_DATA_DIR: dataDir,
      GLIR_DATA_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      GLIR_TEAMS_APP_ID: APP_ID,
      GLIR_TEAMS_APP_PASSWORD: APP_PASSWORD,
      GLIR_TEAMS_TENANT_ID: TENANT_ID,
      GLIR_TEAMS_ADMINS: ROSSI.aadObjectId,
      GLIR_TEAMS_OPENID_URL: `${url}/v1/.well-known/openidconfiguration`,
      GLIR_TEAMS_LOGIN_URL: `${url}/login`,
    },
    unendorsed: { key: otherKey.privateKey, header: { kid: otherKey.kid } },
    sign(claims = {}, { header: { alg = 'RS256', kid = teamsKey.kid } = {}, key = teamsKey.privateKey } = {}) {
      const seconds = Math.floor(Date.now() / 1000);
      const usual = { iss: ISSUER, aud: APP_ID, serviceurl: cloud.serviceUrl, nbf: seconds, exp: seconds + 3600 };
      return new SignJWT({ ...usual, ...claims })
        .setProtectedHeader({ alg, typ: 'JWT', ...(kid === null ? {} : { kid, x5t: kid }) })
        .sign(key);
    },
    async post(activity, { token } = {}) {
      const bearer = token === undefined ? await cloud.sign() : token;
      const begin = performance.now();
      const got = await fetch(`http://127.0.0.1:${port}/api/messages`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
        },
        body: JSON.stringify({ serviceUrl: cloud.serviceUrl, ...activity }),
      });
      const text = await got.text();
      return { status: got.status, text, json: jsonOf(text), ms: performance.now() - begin };
    },
    calls,
    messages: () => calls.filter(({ path }) => /^\/emea\/v3\/conversations\/[^/]+\/activities/.test(path)),
    instead: null,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(dataDir, { recursive: true });
    },
  };
  return cloud;

  function answerTo(call: TeamsCall, authorization: string | undefined): { status: number; body: string } {
    if (call.path.startsWith('/v1/')) return answer(200, publicKeys(call.path));
    if (call.path.startsWith('/login/')) return answer(...login(call));
    if (!call.path.startsWith('/emea/v3/')) return answer(404, problem('NotFound'));
    if (authorization !== `Bearer ${accessToken}`) return answer(401, problem('Unauthorized'));
    return answer(...connector(call));
  }

  function publicKeys(path: string): object {
    return path === '/v1/.well-known/openidconfiguration'
      ? {
          issuer: ISSUER,
          authorization_endpoint: 'https://invalid.botframework.com',
          jwks_uri: `${url}/v1/.well-known/keys`,
          id_token_signing_alg_values_supported: ['RS256'],
          token_endpoint_auth_methods_supported: ['private_key_jwt'],
        }
      : { keys: keys.map(({ jwk }) => jwk) };
  }

  /** The grant of OAuth 2.0 (RFC 6749, section 4.4) as Microsoft's v2 endpoint gives it. */
  function login(call: TeamsCall): [number, object] {
    const form = new URLSearchParams(call.body);
    const right =
      call.path === `/login/${TENANT_ID}/oauth2/v2.0/token` &&
      form.get('grant_type') === 'client_credentials' &&
      form.get('client_id') === APP_ID &&
      form.get('client_secret') === APP_PASSWORD &&
      form.get('scope') === 'https://api.botframework.com/.default';
    if (!right) return [401, { error: 'invalid_client', error_description: 'AADSTS7000215: Invalid client secret.' }];
    return [200, { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token: accessToken }];
  }

  function connector({ method, path, fields }: TeamsCall): [number, object] {
    const [, conversation, id] = /^\/emea\/v3\/conversations\/([^/]+)\/activities(?:\/([^/]+))?$/.exec(path) ?? [];
    if (method === 'POST' && path === '/emea/v3/conversations') {
      const { members } = z.object({ members: z.array(z.object({ id: z.string() })) }).parse(fields);
      return [201, { id: personalChatWith(members[0]?.id) }];
    }
    if (conversation === undefined) return [404, problem('NotFound')];
    if (method === 'POST') {
      const newId = String(1_700_000_000_000 + shown.size);
      shown.add(newId);
      return [201, { id: newId }];
    }
    if (id === undefined || !shown.has(id)) return [404, problem('ActivityNotFoundInConversation')];
    if (method === 'DELETE') shown.delete(id);
    return [200, { id }];
  }
}

async function makeKey(endorsements: string[]) {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const kid = randomUUID();
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), use: 'sig', kid, x5t: kid, endorsements } };
}

/** Teams has one personal chat for each person and bot, by whichever id the person is named. */
function personalChatWith(id = ''): string {
  const person = [ROSSI, WEBER].find((one) => one.id === id || one.aadObjectId === id);
  return person === undefined ? `a:1${id}` : personalChatOf(person);
}

function answer(status: number, body: object): { status: number; body: string } {
  return { status, body: JSON.stringify(body) };
}

function problem(code: string): object {
  return { error: { code, message: code } };
}

async function readCall(request: IncomingMessage): Promise<TeamsCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://teams.test');
  const fields = z.record(z.string(), z.unknown()).catch({}).parse(jsonOf(body));
  return {
    method: request.method ?? '',
    path: decodeURIComponent(pathname),
    query: searchParams,
    body,
    fields,
    status: 0,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
