import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../server/glir.ts';
import { ROSSI, TENANT_ID, WEBER } from './activities.ts';

const START_MS = 20_000;

/** Teams as Microsoft's own Agents Playground plays it, behind a door that keeps a record. */
export interface Playground {
  /** The page with the chat. */
  url: string;
  /** For `startGlir`: a port, a store, and GLIR connected to this Playground. */
  env: NodeJS.ProcessEnv;
  /** Everything that GLIR sent: calls to the connector with their paths, and answers to activities. */
  sent: string[];
  stop(): Promise<void>;
}

/** Starts the Playground on a free port, with Dr Rossi at its keyboard. It takes a second or two. */
export async function startPlayground(): Promise<Playground> {
  const directory = await mkdtemp(path.join(tmpdir(), 'glir-playground-'));
  const [port, glirPort] = [await freePort(), await freePort()];
  const door = await openDoor({ glir: `http://127.0.0.1:${glirPort}`, playground: `http://127.0.0.1:${port}` });
  const config = path.join(directory, 'playground.yml');
  await writeFile(config, JSON.stringify(CONFIG));

  let over = false;
  const child = fork(
    new URL('./playground-process.ts', import.meta.url),
    [
      ...['start', '--channel-id', 'msteams', '--port', String(port), '--disable-telemetry'],
      ...['--app-endpoint', `${door.url}/api/messages`, '--service-url', `${door.url}/_connector`],
    ],
    {
      cwd: directory,
      env: {
        ...process.env,
        TEAMSAPPTESTER_BROWSER: 'none',
        M365_AGENTS_PLAYGROUND_CONFIG_PATH: config,
        M365_AGENTS_PLAYGROUND_LOGFILE: path.join(directory, 'playground.log'),
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  );
  const exited = once(child, 'exit').then(() => {
    over = true;
  });
  const playground: Playground = {
    url: `http://127.0.0.1:${port}/`,
    env: {
      PORT: String(glirPort),
      GLIR_TEAMS_PLAYGROUND: door.url,
      GLIR_DATA_DIR: path.join(directory, 'data'),
      GLIR_DATA_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    },
    sent: door.sent,
    async stop() {
      child.kill('SIGKILL');
      await exited;
      await door.close();
      await rm(directory, { recursive: true });
    },
  };
  try {
    await answers(`${playground.url}_debug/ping`, () => over);
  } catch (error) {
    await playground.stop();
    throw error;
  }
  return playground;
}

const NURSES = ['Lucia Conti', 'Marta Greco', 'Paolo Ricci', 'Sara Villa'].map((name, index) => ({
  id: `29:nurse-${index}`,
  name,
  aadObjectId: `00000000-0000-4000-8000-00000000000${index}`,
}));

/** Who is there, in the Playground's own form (YAML takes JSON); it wants five colleagues at least. */
const CONFIG = {
  version: '0.1.1',
  tenantId: TENANT_ID,
  bot: { id: '28:glir', name: 'GLIR' },
  currentUser: { ...ROSSI, ...namesOf(ROSSI.name) },
  users: [WEBER, ...NURSES].map((user) => ({ ...user, ...namesOf(user.name) })),
  personalChat: { id: 'a:1-anna-rossi' },
  groupChat: { id: '19:ward@thread.v2', name: 'Ward 3' },
  team: {
    id: '19:surgery@thread.tacv2',
    name: 'Surgery',
    aadGroupId: '3d5d4c90-1ae9-41c7-9471-7ccd37ddb7d4',
    channels: [{ id: '19:handover@thread.tacv2', name: 'Handover' }],
  },
};

function namesOf(name: string) {
  const [givenName = '', surname = ''] = name.split(' ');
  const email = `${givenName}.${surname}@example.org`.toLowerCase();
  return { userPrincipleName: email, givenName, surname, email };
}

async function answers(url: string, over: () => boolean): Promise<void> {
  const latest = performance.now() + START_MS;
  for (;;) {
    const got = await fetch(url).catch(() => null);
    if (got?.ok) return;
    if (over() || performance.now() > latest) throw new Error('the Playground did not start');
    await delay(50);
  }
}

/** Stands between GLIR and the Playground, passes everything on, and writes down what GLIR says. */
async function openDoor(to: { glir: string; playground: string }) {
  const sent: string[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await bodyOf(request);
    const toGlir = (request.url ?? '').startsWith('/api/');
    if (!toGlir) sent.push(`${request.method} ${decodeURIComponent(request.url ?? '')}`, body);
    const answer = await passOn(toGlir ? to.glir : to.playground, request, body);
    if (toGlir) sent.push(answer.text);
    response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.text);
  };
  const server = createServer((request, response) => {
    // A caller who is gone is a connection that closes.
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Nobody there is told as a gateway tells it. */
async function passOn(origin: string, request: IncomingMessage, body: string) {
  const { authorization, 'content-type': type } = request.headers;
  const headers = { ...(type ? { 'content-type': type } : {}), ...(authorization ? { authorization } : {}) };
  const init = { method: request.method ?? 'GET', headers, ...(body === '' ? {} : { body }) };
  const got = await fetch(`${origin}${request.url}`, init).catch(() => new Response('', { status: 502 }));
  return {
    status: got.status,
    text: await got.text(),
    type: got.headers.get('content-type') ?? 'application/json',
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
