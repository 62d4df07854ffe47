import { fork } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { freePort } from '../support/server/glir.ts';
import { CLIENT_ID, CLIENT_SECRET } from '../support/slack/cloud.ts';
import { SIGNING_SECRET, signedHeaders } from '../support/slack/signature.ts';
import { install, peopleOf, TEAM } from '../support/slack/workspace.ts';
import type { Figure } from './figures.ts';
import { createAgent, GIVE_UP_MS, post, type Sent, sentFigure, until } from './pace.ts';
import { type Server, startServer } from './server.ts';

const PER_SECOND = 100;
const SECONDS = 10;
const WARM_UP_SECONDS = 1;
const DOCTORS = 100;
/** Slack's triggers live for three seconds; one is fetched this long before its command. */
const TRIGGER_AHEAD_MS = 500;

const readySchema = z.object({ url: z.url() });
const reportSchema = z.object({ token: z.string(), formsOpened: z.int(), formsRefused: z.int() });
const triggerSchema = z.object({ trigger_id: z.string() });
const composeSchema = z.object({
  response_type: z.literal('ephemeral'),
  blocks: z.array(z.looseObject({ elements: z.array(z.looseObject({ url: z.url().optional() })).optional() })),
});

/** A server with Slack set up and installed, and the Slack beside it. */
interface Setting {
  server: Server;
  slack: SlackProcess;
  installer: string;
  agent: Agent;
}

/** Slash commands as a busy Slack sends them: each at its time, however long the answers before it take. */
export async function measureSlack(progress: (text: string) => void): Promise<Figure[]> {
  const port = await freePort();
  const dataDir = await mkdtemp(path.join(tmpdir(), 'glir-bench-'));
  const agent = createAgent();
  let slack: SlackProcess | null = null;
  let server: Server | null = null;
  try {
    slack = await startSlackProcess(`http://localhost:${port}/slack/oauth_redirect`);
    server = await startServer({ port, settings: settingsFor(slack.url, dataDir) });
    const installer = (await peopleOf(slack)).get('anna.rossi') ?? '';
    const { status } = await install(server.url, slack, { id: installer, name: 'anna.rossi' });
    if (status !== 200) throw new Error(`the installation in Slack ended with ${status}`);
    return [await measure({ server, slack, installer, agent }, progress)];
  } finally {
    agent.destroy();
    await server?.stop();
    await slack?.stop();
    await rm(dataDir, { recursive: true });
  }
}

function settingsFor(slackUrl: string, dataDir: string): NodeJS.ProcessEnv {
  return {
    GLIR_DATA_DIR: dataDir,
    GLIR_DATA_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    GLIR_SLACK_CLIENT_ID: CLIENT_ID,
    GLIR_SLACK_CLIENT_SECRET: CLIENT_SECRET,
    GLIR_SLACK_SIGNING_SECRET: SIGNING_SECRET,
    GLIR_SLACK_API_URL: slackUrl,
  };
}

async function measure(setting: Setting, progress: (text: string) => void): Promise<Figure> {
  const { token } = await setting.slack.report();
  await sendAll(WARM_UP_SECONDS, token, setting);
  progress(`slash commands: ${PER_SECOND} a second for ${SECONDS} s`);
  const sent = await sendAll(SECONDS, token, setting);
  const forms = await formsOf(setting.slack, ((WARM_UP_SECONDS + SECONDS) * PER_SECOND) / 2);
  const figure = sentFigure(
    'slack_ack_ms',
    sent,
    `From sending a signed slash command to the end of its answer, 99th percentile: ${PER_SECOND} a second for ${SECONDS} s (/glir 15m and /glir in turn, ${DOCTORS} doctors) after ${WARM_UP_SECONDS} s to warm up, sent on time whatever the answers take; the emulated Slack and the sender share the machine with the server. lateMax: how far behind its time a command was sent. The forms count with the warm-up.`,
  );
  return { ...figure, ...forms };
}

/** What became of the forms, once Slack was asked for all of them. */
async function formsOf(slack: SlackProcess, expected: number): Promise<{ formsOpened: number; formsMissing: number }> {
  const latest = performance.now() + GIVE_UP_MS;
  let { formsOpened, formsRefused } = await slack.report();
  while (formsOpened + formsRefused < expected && performance.now() < latest) {
    await delay(100);
    ({ formsOpened, formsRefused } = await slack.report());
  }
  return { formsOpened, formsMissing: expected - formsOpened };
}

function sendAll(seconds: number, token: string, setting: Setting): Promise<Sent[]> {
  const begin = performance.now() + TRIGGER_AHEAD_MS;
  const one = async (index: number): Promise<Sent> => {
    const at = begin + (index * 1000) / PER_SECOND;
    await until(at - TRIGGER_AHEAD_MS);
    const withForm = index % 2 === 1;
    const trigger = withForm ? await triggerOf(token, setting) : randomUUID();
    await until(at);
    return { lateMs: performance.now() - at, ...(await sendCommand(withForm, trigger, index, setting)) };
  };
  return Promise.all(Array.from({ length: seconds * PER_SECOND }, (_, index) => one(index)));
}

/** A trigger that the emulator opens a form for; a command with `15m` needs none. */
async function triggerOf(token: string, { slack, installer }: Setting): Promise<string> {
  const got = await fetch(`${slack.url}/api/views.generateTriggerId`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ user_id: installer }),
  });
  return triggerSchema.parse(await got.json()).trigger_id;
}

async function sendCommand(withForm: boolean, trigger: string, index: number, { server, slack, agent }: Setting) {
  const doctor = index % DOCTORS;
  const body = new URLSearchParams({
    token: 'verification',
    team_id: TEAM,
    team_domain: 'san-marco',
    channel_id: 'C000000001',
    channel_name: 'ward',
    user_id: `U${String(doctor).padStart(9, '0')}`,
    user_name: `doctor.${doctor}`,
    command: '/glir',
    text: withForm ? '' : '15m',
    api_app_id: 'A000000001',
    trigger_id: trigger,
    response_url: `${slack.url}/response/bench/${index}`,
  }).toString();
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': Buffer.byteLength(body),
    ...signedHeaders(body),
  };
  const begin = performance.now();
  const answer = await post(`${server.url}/slack/events`, headers, body, agent).catch(() => null);
  const ms = performance.now() - begin;
  return { ms, ok: answer?.status === 200 && (withForm ? answer.text === '' : hasComposeLink(answer.text, server)) };
}

function hasComposeLink(text: string, { url }: Server): boolean {
  try {
    const { blocks } = composeSchema.parse(JSON.parse(text));
    return blocks.some(({ elements = [] }) => elements.some((element) => element.url?.startsWith(`${url}/compose#`)));
  } catch {
    return false;
  }
}

interface SlackProcess {
  url: string;
  report(): Promise<z.infer<typeof reportSchema>>;
  stop(): Promise<void>;
}

/** Starts the emulator beside this process; it ends with this process even when nobody stops it. */
async function startSlackProcess(redirectUri: string): Promise<SlackProcess> {
  const child = fork(new URL('./slack-process.ts', import.meta.url), [redirectUri], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const next = async (): Promise<unknown> =>
    (await once(child, 'message', { signal: AbortSignal.timeout(GIVE_UP_MS) }))[0];
  const { url } = readySchema.parse(await next());
  return {
    url,
    async report() {
      const answer = next();
      child.send('report');
      return reportSchema.parse(await answer);
    },
    async stop() {
      if (!child.connected) return;
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}
