import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { freePort, type Glir, startGlir } from '../server/glir.ts';
import { CLIENT_ID, CLIENT_SECRET, type Instead, type SlackCloud, startSlackCloud } from './cloud.ts';
import { SIGNING_SECRET, signedHeaders } from './signature.ts';

/** GLIR connected to Slack, seen from Slack. */
export interface SlackClinic {
  glir: Glir;
  slack: SlackCloud;
  /** Where GLIR keeps its rows. */
  dataDir: string;
  /** The doctor who installs GLIR, and a colleague. */
  rossi: SlackPerson;
  weber: SlackPerson;
  /** Goes through the whole installation as Dr Rossi; gives the last page. */
  install(scopes?: string): Promise<{ status: number; html: string }>;
  /** The bot's token after the installation. */
  token(): string;
  /** Sends what Slack sends, signed; a form for commands and interactions, JSON for events. */
  send(
    body: Record<string, string> | string,
    options?: SendOptions,
  ): Promise<{ status: number; text: string; ms: number }>;
  stop(): Promise<void>;
}

export interface SlackPerson {
  id: string;
  name: string;
}

export interface SendOptions {
  headers?: Record<string, string>;
  /** Seconds since the epoch that the request says it was sent. */
  atSeconds?: number;
  secret?: string;
}

export const TEAM = 'T000000001';

/** Slack once GLIR is removed: https://docs.slack.dev/reference/methods/auth.test */
export const TOKEN_GONE: Instead = ({ path: called }) =>
  called === '/api/auth.test'
    ? { status: 200, body: JSON.stringify({ ok: false, error: 'account_inactive' }) }
    : undefined;

/** What connects a server to this Slack. */
export function slackSettings({ url }: Pick<SlackCloud, 'url'>): NodeJS.ProcessEnv {
  return {
    GLIR_SLACK_CLIENT_ID: CLIENT_ID,
    GLIR_SLACK_CLIENT_SECRET: CLIENT_SECRET,
    GLIR_SLACK_SIGNING_SECRET: SIGNING_SECRET,
    GLIR_SLACK_API_URL: url,
  };
}

/**
 * Starts GLIR with Slack set up, and a Slack for it. `env` is added to GLIR's environment; it may need people's ids.
 */
export async function startSlackClinic(
  env: NodeJS.ProcessEnv | ((people: ReadonlyMap<string, string>) => NodeJS.ProcessEnv) = {},
): Promise<SlackClinic> {
  const port = await freePort();
  const slack = await startSlackCloud(`http://localhost:${port}/slack/oauth_redirect`);
  const people = await peopleOf(slack);
  const dataDir = await mkdtemp(path.join(tmpdir(), 'glir-slack-'));
  const glir = await startGlir({
    PORT: String(port),
    GLIR_DATA_DIR: dataDir,
    GLIR_DATA_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    ...slackSettings(slack),
    ...(typeof env === 'function' ? env(people) : env),
  });
  const personOf = (name: string): SlackPerson => {
    const id = people.get(name);
    if (id === undefined) throw new Error(`the emulator has no ${name}`);
    return { id, name };
  };

  const clinic: SlackClinic = {
    glir,
    slack,
    dataDir,
    rossi: personOf('anna.rossi'),
    weber: personOf('jonas.weber'),
    install: (scopes) => install(glir.url, slack, clinic.rossi, scopes),
    token() {
      const answers = slack.callsTo('oauth.v2.access').map(({ answer }) => JSON.parse(answer));
      return z.object({ access_token: z.string() }).parse(answers.at(-1)).access_token;
    },
    send: (body, options) => sendAsSlack(glir.url, body, options),
    async stop() {
      await glir.stop();
      await slack.close();
      await rm(dataDir, { recursive: true });
    },
  };
  return clinic;
}

/** Sends to the server at `url` what Slack sends, signed. */
export async function sendAsSlack(
  url: string,
  body: Record<string, string> | string,
  { headers = {}, ...signing }: SendOptions = {},
): Promise<{ status: number; text: string; ms: number }> {
  const text = typeof body === 'string' ? body : new URLSearchParams(body).toString();
  const type = typeof body === 'string' ? 'application/json' : 'application/x-www-form-urlencoded';
  const begin = performance.now();
  const got = await fetch(`${url}/slack/events`, {
    method: 'POST',
    headers: { 'content-type': type, ...signedHeaders(text, signing), ...headers },
    body: text,
  });
  return { status: got.status, text: await got.text(), ms: performance.now() - begin };
}

/** The emulator makes up ids; its page for signing in shows them. */
export async function peopleOf(slack: Pick<SlackCloud, 'url'>): Promise<Map<string, string>> {
  const html = await (await fetch(`${slack.url}/oauth/v2/authorize?client_id=${CLIENT_ID}`)).text();
  const people = new Map<string, string>();
  for (const form of html.match(/<form[\s\S]*?<\/form>/g) ?? []) {
    const id = /name="user_id"\s+value="([^"]+)"/.exec(form)?.[1];
    for (const name of ['anna.rossi', 'jonas.weber']) if (id !== undefined && form.includes(name)) people.set(name, id);
  }
  return people;
}

/** What a browser does: GLIR's page, its button, Slack's page, a choice there, and back. */
export async function install(url: string, slack: Pick<SlackCloud, 'url'>, person: SlackPerson, scopes?: string) {
  const start = await fetch(`${url}/slack/install/start`, { redirect: 'manual' });
  const cookie = start.headers.get('set-cookie')?.split(';')[0] ?? '';
  const authorize = new URL(start.headers.get('location') ?? '');
  const fields = new URLSearchParams({
    user_id: person.id,
    redirect_uri: authorize.searchParams.get('redirect_uri') ?? '',
    scope: scopes ?? authorize.searchParams.get('scope') ?? '',
    state: authorize.searchParams.get('state') ?? '',
    client_id: authorize.searchParams.get('client_id') ?? '',
  });
  const chosen = await fetch(`${slack.url}/oauth/v2/authorize/callback`, {
    method: 'POST',
    body: fields,
    redirect: 'manual',
  });
  const back = await fetch(chosen.headers.get('location') ?? '', { headers: { cookie } });
  return { status: back.status, html: await back.text() };
}
