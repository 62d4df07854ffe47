import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { fetchTask, message, type TeamsPerson } from '../support/teams/activities.ts';
import type { Figure } from './figures.ts';
import { createAgent, GIVE_UP_MS, post, type Sent, sentFigure, until } from './pace.ts';
import { startServer } from './server.ts';

const PER_SECOND = 100;
const SECONDS = 10;
const WARM_UP_SECONDS = 1;
const DOCTORS = 100;

const readySchema = z.object({ env: z.record(z.string(), z.string()), serviceUrl: z.url(), token: z.string() });
type Ready = z.infer<typeof readySchema>;
const reportSchema = z.object({ shown: z.int(), refused: z.int() });

interface Setting {
  ready: Ready;
  /** GLIR's address. */
  url: string;
  agent: Agent;
  progress: (text: string) => void;
}

/** Activities as a busy Teams sends them: each at its time, however long the answers before it take. */
export async function measureTeams(progress: (text: string) => void): Promise<Figure[]> {
  const agent = createAgent();
  const teams = await startTeamsProcess();
  try {
    const server = await startServer({ port: Number(teams.ready.env['PORT']), settings: teams.ready.env });
    try {
      const setting: Setting = { ready: teams.ready, url: server.url, agent, progress };
      await sendAll(WARM_UP_SECONDS, 0, setting);
      progress(`activities from Teams: ${PER_SECOND} a second for ${SECONDS} s`);
      const sent = await sendAll(SECONDS, WARM_UP_SECONDS, setting);
      const cards = await cardsOf(teams, ((WARM_UP_SECONDS + SECONDS) * PER_SECOND) / 2);
      const figure = sentFigure(
        'teams_ack_ms',
        sent,
        `From sending a signed activity to the end of its HTTP answer, 99th percentile: ${PER_SECOND} a second for ${SECONDS} s (a message "glir 15m", answered with a card over the connector, and /glir in the compose box, answered with the dialog, in turn; ${DOCTORS} doctors) after ${WARM_UP_SECONDS} s to warm up, sent on time whatever the answers take; the stand-in of Microsoft's clouds and the sender share the machine with the server. lateMax: how far behind its time an activity was sent. The cards count with the warm-up.`,
      );
      return [{ ...figure, ...cards }];
    } finally {
      await server.stop();
    }
  } finally {
    agent.destroy();
    await teams.stop();
  }
}

/** @param after seconds of activities that went before, so that each doctor has the next turn */
function sendAll(seconds: number, after: number, setting: Setting): Promise<Sent[]> {
  const first = after * PER_SECOND;
  const begin = performance.now() + 100;
  const one = async (index: number): Promise<Sent> => {
    const at = begin + (index * 1000) / PER_SECOND;
    const withDialog = index % 2 === 1;
    const activity = withDialog ? fetchTask(doctor(first + index)) : message('glir 15m', doctor(first + index));
    const body = JSON.stringify({ ...activity, serviceUrl: setting.ready.serviceUrl });
    await until(at);
    return { lateMs: performance.now() - at, ...(await send(withDialog, body, setting)) };
  };
  return Promise.all(Array.from({ length: seconds * PER_SECOND }, (_, index) => one(index)));
}

async function send(withDialog: boolean, body: string, { ready, url, agent, progress }: Setting) {
  const headers = {
    authorization: `Bearer ${ready.token}`,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  };
  const begin = performance.now();
  const answer = await post(`${url}/api/messages`, headers, body, agent).catch((error: unknown) => String(error));
  const ms = performance.now() - begin;
  if (typeof answer === 'object' && answer.status === 200) {
    return { ms, ok: withDialog ? answer.text.includes('Input.ChoiceSet') : answer.text === '' };
  }
  progress(`an activity failed: ${typeof answer === 'string' ? answer : answer.status}`);
  return { ms, ok: false };
}

function doctor(index: number): TeamsPerson {
  const number = String(index % DOCTORS).padStart(12, '0');
  return { id: `29:doctor-${number}`, name: `Doctor ${number}`, aadObjectId: `00000000-0000-4000-8000-${number}` };
}

/** What became of the cards, once the connector was asked to show all of them. */
async function cardsOf(teams: TeamsProcess, expected: number): Promise<{ cardsShown: number; cardsMissing: number }> {
  const latest = performance.now() + GIVE_UP_MS;
  let { shown, refused } = await teams.report();
  while (shown + refused < expected && performance.now() < latest) {
    await delay(100);
    ({ shown, refused } = await teams.report());
  }
  return { cardsShown: shown, cardsMissing: expected - shown };
}

interface TeamsProcess {
  ready: Ready;
  report(): Promise<z.infer<typeof reportSchema>>;
  stop(): Promise<void>;
}

/** Starts the stand-in beside this process; it ends with this process even when nobody stops it. */
async function startTeamsProcess(): Promise<TeamsProcess> {
  const child = fork(new URL('./teams-process.ts', import.meta.url), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const next = async (): Promise<unknown> =>
    (await once(child, 'message', { signal: AbortSignal.timeout(GIVE_UP_MS) }))[0];
  return {
    ready: readySchema.parse(await next()),
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
