import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { freePort } from '../../../support/server/free-port.ts';
import { CLIENT_ID, CLIENT_SECRET, startSlackCloud } from '../../../support/slack/cloud.ts';
import { SlackDoctor } from '../../../support/slack/doctor.ts';
import { SIGNING_SECRET, signedHeaders } from '../../../support/slack/signature.ts';
import { install, peopleOf } from '../../../support/slack/workspace.ts';
import { message } from '../../../support/teams/activities.ts';
import { cardOf } from '../../../support/teams/clinic.ts';
import { startTeamsCloud } from '../../../support/teams/cloud.ts';
import type { Fault, Outcome } from '../fault.ts';
import type { ServerProcess } from '../server-process.ts';
import { NOTE, type Stage } from '../stage.ts';
import { now } from '../watch.ts';
import { also, gone, said } from './sight.ts';

const SLACK_ACK_MS = 3_000;

/** Whoever calls this port is taken and never answered. */
async function silence(stage: Stage, port: number): Promise<void> {
  const server: Server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  stage.defer(() => server.close());
}

/** A note written from a compose link, read, and destroyed while `away` keeps the chat platform from answering. */
async function readWithout(
  stage: Stage,
  server: ServerProcess,
  composeLink: string,
  away: () => Promise<unknown>,
): Promise<Outcome> {
  const [doctor, patient] = [await stage.doctor(server), await stage.patient()];
  await doctor.doctor.opens(composeLink);
  await doctor.doctor.note.fill(NOTE);
  await away();
  await doctor.doctor.composer.getByRole('button', { name: 'Share' }).click();
  const link = await doctor.doctor.composer.getByRole('textbox', { name: 'Note link' }).inputValue();
  const at = now();
  await stage.follows(patient, doctor, link);
  const read = now() - at;
  const pressed = doctor.doctor.destroys();
  const wiped = await gone(patient, now());
  await pressed;
  return also(
    wiped,
    `asked, admitted and read ${said(read)}; the server says it ${(await server.healthy()) ? 'can' : 'cannot'} serve`,
    await server.healthy(),
  );
}

const slackAway = (name: string, fault: string, how: 'refuses' | 'hangs'): Fault => ({
  name,
  fault,
  expected:
    'Pages do not care: the patient is admitted, reads, and is wiped within 1 s. Commands are answered within 3 s.',
  async run(stage) {
    const port = await freePort();
    const slack = await startSlackCloud(`http://localhost:${port}/slack/oauth_redirect`);
    let open = true;
    const leave = async () => {
      if (open) await slack.close();
      open = false;
    };
    stage.defer(leave);
    const server = await stage.server({
      port,
      settings: {
        GLIR_DATA_KEYS: `k1:${randomBytes(32).toString('base64')}`,
        GLIR_SLACK_CLIENT_ID: CLIENT_ID,
        GLIR_SLACK_CLIENT_SECRET: CLIENT_SECRET,
        GLIR_SLACK_SIGNING_SECRET: SIGNING_SECRET,
        GLIR_SLACK_API_URL: slack.url,
      },
    });
    const rossi = { id: (await peopleOf(slack)).get('anna.rossi') ?? '', name: 'anna.rossi' };
    await install(server.url, slack, rossi);
    const send = async (body: Record<string, string> | string) => {
      const text = typeof body === 'string' ? body : new URLSearchParams(body).toString();
      const headers = { 'content-type': 'application/x-www-form-urlencoded', ...signedHeaders(text) };
      const began = now();
      const got = await fetch(`${server.url}/slack/events`, { method: 'POST', headers, body: text });
      return { status: got.status, text: await got.text(), ms: now() - began };
    };
    const person = new SlackDoctor({ slack, rossi, token: () => '', send });
    const { text } = await person.types('15m');
    const composeLink = /"(http[^"]*\/compose#[^"]+)"/.exec(text)?.[1];
    if (composeLink === undefined) throw new Error('the answer has no link');
    const outcome = await readWithout(stage, server, composeLink, async () => {
      await leave();
      if (how === 'hangs') await silence(stage, Number(new URL(slack.url).port));
    });
    const { status, ms } = await person.types('15m');
    return also(outcome, `/glir is answered with ${status} ${said(ms)}`, status === 200 && ms < SLACK_ACK_MS);
  },
});

const teamsAway = (name: string, fault: string, how: 'refuses' | 'hangs'): Fault => ({
  name,
  fault,
  expected:
    'Pages do not care: the patient is admitted, reads, and is wiped within 1 s. Messages from Teams are taken.',
  async run(stage) {
    const cloud = await startTeamsCloud();
    let open = true;
    const leave = async () => {
      if (open) await cloud.stop();
      open = false;
    };
    stage.defer(leave);
    const { PORT, GLIR_DATA_DIR: _, ...settings } = cloud.env;
    const server = await stage.server({ port: Number(PORT), settings });
    await cloud.post(message('glir 15m'));
    const until = now() + 10_000;
    while (cloud.messages().length === 0 && now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
    const composeLink = /"(http[^"]*\/compose#[^"]+)"/.exec(cardOf(cloud.messages().at(-1)).json)?.[1];
    if (composeLink === undefined) throw new Error('the card has no link');
    const token = await cloud.sign();
    const outcome = await readWithout(stage, server, composeLink, async () => {
      await leave();
      if (how === 'hangs') await silence(stage, Number(new URL(cloud.url).port));
    });
    const { status, ms } = await cloud.post(message('glir help'), { token });
    return also(outcome, `a message is answered with ${status} ${said(ms)}`, status < 500 && ms < 15_000);
  },
});

export const CHAT_FAULTS: readonly Fault[] = [
  slackAway('slack-unreachable', 'Slack refuses every connection from the moment the doctor shares.', 'refuses'),
  slackAway('slack-hangs', 'Slack takes connections and never answers from the moment the doctor shares.', 'hangs'),
  teamsAway('teams-unreachable', 'Teams refuses every connection from the moment the doctor shares.', 'refuses'),
  teamsAway('teams-hangs', 'Teams takes connections and never answers from the moment the doctor shares.', 'hangs'),
];
