import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEmulator, type Emulator } from 'emulate';
import { freePort } from '../server/glir.ts';

export const CLIENT_ID = '1234567890.1234567890123';
export const CLIENT_SECRET = 'tests-client-secret';

/** One request that GLIR, or a browser on its way, sent to Slack. */
export interface SlackCall {
  /** Such as `/api/views.open`; of a response_url `/response/…`. */
  path: string;
  token: string;
  /** As it came. */
  body: string;
  /** The body's fields; those that hold JSON are read. */
  fields: Record<string, unknown>;
  /** What it was answered with. */
  answer: string;
}

/** An answer in place of the emulator's. */
export interface OtherAnswer {
  status: number;
  body: string;
  headers?: Record<string, string>;
}

/** What happens to a request: another answer, none at all, or undefined, which lets it through. */
export type Instead = (call: SlackCall) => OtherAnswer | 'hang' | undefined;

/** Slack as GLIR meets it: an emulator that nobody here wrote, behind a door that keeps a record. */
export interface SlackCloud {
  url: string;
  calls: SlackCall[];
  /** Calls to one API method, in order. */
  callsTo(method: string): SlackCall[];
  /** What was sent to a response_url of ours. */
  responses(name: string): SlackCall[];
  /** A fresh response_url. */
  responseUrl(name: string): string;
  /** Answers in the emulator's place until it is set to null. */
  instead: Instead | null;
  close(): Promise<void>;
}

/** Starts the emulator with one workspace, two doctors and GLIR's app, which may do only what its scopes allow. */
export async function startSlackCloud(redirectUri: string): Promise<SlackCloud> {
  const emulator: Emulator = await createEmulator({
    service: 'slack',
    port: await freePort(),
    seed: {
      slack: {
        team: { name: 'Ospedale San Marco', domain: 'san-marco' },
        strict_scopes: true,
        signing_secret: '',
        users: [
          { name: 'anna.rossi', real_name: 'Anna Rossi', email: 'anna@example.org' },
          { name: 'jonas.weber', real_name: 'Jonas Weber', email: 'jonas@example.org' },
        ],
        channels: [{ name: 'ward', topic: 'Ward' }],
        oauth_apps: [
          {
            client_id: CLIENT_ID,
            client_secret: CLIENT_SECRET,
            app_id: 'A000000001',
            name: 'GLIR',
            redirect_uris: [redirectUri],
            scopes: ['commands', 'chat:write'],
          },
        ],
      },
    },
  });
  const behind = emulator.url.replace('localhost', '127.0.0.1');
  const calls: SlackCall[] = [];
  let responseUrls = 0;
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const call = await readCall(request);
    calls.push(call);
    const other = cloud.instead?.(call);
    if (other === 'hang') return;
    const answer =
      other ?? (call.path.startsWith('/response/') ? { status: 200, body: 'ok' } : await forward(request, call));
    call.answer = answer.body;
    response.writeHead(answer.status, answer.headers ?? { 'content-type': 'application/json' }).end(answer.body);
  };
  const server: Server = createServer((request, response) => {
    // A caller who is gone, or the emulator at its end, is a connection that closes, as between any two servers.
    serve(request, response).catch(() => response.destroy());
  });

  async function forward(request: IncomingMessage, call: SlackCall) {
    const headers = Object.fromEntries(
      Object.entries(request.headers).flatMap(([name, value]) =>
        typeof value === 'string' && !['host', 'connection', 'content-length'].includes(name) ? [[name, value]] : [],
      ),
    );
    const got = await fetch(`${behind}${request.url}`, {
      method: request.method ?? 'GET',
      // A connection that is kept may be closed by the emulator in the moment it is used again.
      headers: { ...headers, connection: 'close' },
      redirect: 'manual',
      ...(request.method === 'POST' ? { body: call.body } : {}),
    });
    const location = got.headers.get('location');
    return {
      status: got.status,
      body: await got.text(),
      headers: {
        'content-type': got.headers.get('content-type') ?? 'text/plain',
        ...(location === null ? {} : { location }),
      },
    };
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const cloud: SlackCloud = {
    url: `http://127.0.0.1:${port}`,
    calls,
    instead: null,
    callsTo: (method) => calls.filter(({ path }) => path === `/api/${method}`),
    responses: (name) => calls.filter(({ path }) => path.startsWith(`/response/${name}/`)),
    responseUrl(name) {
      responseUrls += 1;
      return `${cloud.url}/response/${name}/${responseUrls}`;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await emulator.close();
    },
  };
  return cloud;
}

async function readCall(request: IncomingMessage): Promise<SlackCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const { pathname, search } = new URL(request.url ?? '/', 'http://slack.test');
  const isJson = (request.headers['content-type'] ?? '').includes('json');
  const fields: Record<string, unknown> = isJson
    ? JSON.parse(body)
    : Object.fromEntries(new URLSearchParams(body || search));
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string' && /^[[{]/.test(value)) fields[name] = JSON.parse(value);
  }
  const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
  return { path: pathname, token, body, fields, answer: '' };
}
