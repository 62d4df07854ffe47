/**
 * `npm run proof:slack [-- MINUTES]`: for ten minutes unless said otherwise, Slack's socket server refuses, closes, hangs and
 * sends rubbish, one after the other, while a note that was begun over that socket is open and read. Prints what was seen as a
 * Markdown table on stdout; progress goes to stderr. Ends with 1 when the process ended, the note was hidden or gone, or GLIR did
 * not connect again within a minute.
 */
import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { actAsBrowser } from '../bench/wrtc.ts';
import { freePort } from '../support/server/free-port.ts';
import { startSlackCloud } from '../support/slack/cloud.ts';
import { buttonIn, shownIn } from '../support/slack/doctor.ts';
import {
  APP_TOKEN,
  announceEnd,
  greet,
  type SlackSockets,
  say,
  startSlackSockets,
} from '../support/slack/socket-server.ts';
import { install, peopleOf, slackSettings, TEAM } from '../support/slack/workspace.ts';
import { ServerProcess } from './faults/server-process.ts';
import { LiveNote, until } from './nodes/live-note.ts';

const minutes = Number(process.argv[2] ?? 10);
if (!(minutes > 0)) {
  process.stderr.write('Use: npm run proof:slack [-- MINUTES]\n');
  process.exit(2);
}
const LOOK_MS = 250;
/** GLIR waits half a minute at most between two tries. */
const BACK_MS = 60_000;

interface Trouble {
  name: string;
  begin: (sockets: SlackSockets) => unknown;
}

const json = (body: object) => ({ status: 200, body: JSON.stringify(body) });
/** What `apps.connections.open` and the connections do, from docs.slack.dev/apis/events-api/using-socket-mode. */
const TROUBLES: Trouble[] = [
  { name: 'refuses connections', begin: (sockets) => sockets.refuse() },
  { name: 'closes each connection at once', begin: behaving((socket) => socket.close()) },
  { name: 'cuts each connection', begin: behaving((socket) => socket.terminate()) },
  { name: 'hangs without a word', begin: behaving(() => undefined) },
  { name: 'sends rubbish', begin: behaving((socket) => socket.send('{"type":')) },
  { name: 'sends bytes', begin: behaving((socket) => socket.send(randomBytes(4_096))) },
  { name: 'sends an envelope without a payload', begin: behaving(sendHollow) },
  { name: 'turns socket mode off', begin: behaving((socket) => announceEnd(socket, 'link_disabled')) },
  { name: 'asks for another connection all the time', begin: behaving(refreshAtOnce) },
  { name: 'answers 503', begin: refusing({ status: 503, body: 'down' }) },
  {
    name: 'refuses the token',
    begin: refusing(json({ ok: false, error: 'invalid_auth' })),
  },
  { name: 'gives rubbish for an address', begin: refusing(json({ ok: true, url: 'x' })) },
];

function behaving(behave: SlackSockets['behave']): Trouble['begin'] {
  return (sockets) => {
    sockets.behave = behave;
  };
}

function refusing(refusal: SlackSockets['refusal']): Trouble['begin'] {
  return (sockets) => {
    sockets.refusal = refusal;
  };
}

function sendHollow(socket: WebSocket): void {
  greet(socket);
  say(socket, { type: 'slash_commands', envelope_id: 'hollow' });
}

function refreshAtOnce(socket: WebSocket): void {
  greet(socket);
  announceEnd(socket, 'refresh_requested');
}

const port = await freePort();
const sockets = await startSlackSockets();
const slack = await startSlackCloud(`http://localhost:${port}/slack/oauth_redirect`);
slack.instead = sockets.instead;
const server = await ServerProcess.start({
  port,
  settings: {
    ...slackSettings(slack),
    GLIR_SLACK_SIGNING_SECRET: '',
    GLIR_SLACK_APP_TOKEN: APP_TOKEN,
    GLIR_DATA_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  },
});
const { pid } = server;
let stopped = false;
async function stop(): Promise<void> {
  if (stopped) return;
  stopped = true;
  await server.dispose();
  await slack.close();
  await sockets.close();
}
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void stop().then(() => process.exit(1)));

const problems: string[] = [];
const rows: string[] = [];
try {
  const rossi = { id: (await peopleOf(slack)).get('anna.rossi') ?? '', name: 'anna.rossi' };
  await install(server.url, slack, rossi);
  await until(async () => (await health()) === 'ok', 'GLIR is connected');
  actAsBrowser(server.url);
  const note = await LiveNote.from(await composeLink(rossi.id), { text: 'Amoxicillin 500 mg' });
  const roundMs = (minutes * 60_000) / TROUBLES.length;
  const from = performance.now();
  for (const trouble of TROUBLES) {
    process.stderr.write(`Slack ${trouble.name} …\n`);
    rows.push(await play(trouble, roundMs, note));
  }
  const hiddenMs = note.longestHiddenSince(from);
  if (hiddenMs > 0) problems.push(`the note was hidden for ${Math.round(hiddenMs)} ms`);
  await until(async () => (await composeLink(rossi.id)) !== '', 'a command is answered at the end');
  const wipedMs = await note.destroy();
  rows.push(
    `| in all, ${minutes} min | pid ${pid} as before, hidden for ${Math.round(hiddenMs)} ms, wiped in ${Math.round(wipedMs)} ms | |`,
  );
  note.leave();
} catch (error) {
  problems.push(error instanceof Error ? error.message : String(error));
} finally {
  await stop();
}
const unhandled = server.log.join('').match(/unhandled/gi)?.length ?? 0;
if (unhandled > 0) problems.push(`${unhandled} rejections that nobody handled`);
process.stdout.write(
  `| Slack | the server and the note | connected again after |\n|---|---|---|\n${rows.join('\n')}\n`,
);
process.stdout.write(
  problems.length === 0 ? '\nAs promised.\n' : `\n${problems.map((problem) => `- ${problem}`).join('\n')}\n`,
);
process.exit(problems.length === 0 ? 0 : 1);

/** One trouble for so long, and what came of it as a row of the table. */
async function play({ name, begin }: Trouble, ms: number, note: LiveNote): Promise<string> {
  await begin(sockets);
  for (const socket of sockets.open()) socket.terminate();
  const end = performance.now() + ms;
  const seen = new Set<string>();
  let looks = 0;
  while (performance.now() < end) {
    await delay(LOOK_MS);
    looks += 1;
    seen.add(await health());
    if (!server.running || server.pid !== pid) throw new Error(`the server ended while Slack ${name}`);
    if (!note.isRead && note.goneBecause !== null)
      throw new Error(`the note was ${note.goneBecause} while Slack ${name}`);
  }
  sockets.behave = greet;
  sockets.refusal = null;
  if (sockets.open().length === 0) await sockets.listen().catch(() => undefined);
  const back = performance.now();
  while ((await health()) !== 'ok' || sockets.open().length === 0) {
    if (performance.now() - back > BACK_MS) {
      problems.push(`not connected again ${BACK_MS / 1000} s after Slack ${name}`);
      break;
    }
    await delay(LOOK_MS);
  }
  const tookMs = Math.round(performance.now() - back);
  return `| ${name} | ${looks} looks, ${[...seen].join(' and ')}, the note ${note.isRead ? 'read' : 'not read'} | ${tookMs} ms |`;
}

async function health(): Promise<string> {
  const answer = await fetch(`${server.url}/healthz`);
  const { status } = z.object({ status: z.string() }).parse(await answer.json());
  return answer.status === 200 ? status : String(answer.status);
}

/** Types a command over the newest connection; gives the link to write. */
async function composeLink(user: string): Promise<string> {
  const id = randomBytes(8).toString('hex');
  const payload = {
    command: '/glir',
    text: '60m',
    user_id: user,
    user_name: 'anna.rossi',
    team_id: TEAM,
    trigger_id: id,
    response_url: slack.responseUrl('proof'),
    is_enterprise_install: 'false',
  };
  const socket = sockets.open().at(-1);
  if (socket === undefined) throw new Error('GLIR is not connected');
  say(socket, { type: 'slash_commands', envelope_id: id, payload, accepts_response_payload: true });
  const answer = () => sockets.answers.find(({ envelope_id: answered }) => answered === id)?.payload;
  await until(() => answer() !== undefined, 'the command is answered');
  return buttonIn(shownIn(answer()), 'Write the note').url ?? '';
}
