import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { addressOf } from '../support/server/server-address.ts';
import { SOON } from '../support/server/soon.ts';
import { buttonIn, SlackDoctor } from '../support/slack/doctor.ts';
import { type SlackClinic, startSlackClinic } from '../support/slack/workspace.ts';

/** Somewhere inside the hospital's network that GLIR must not be led to. */
const called: string[] = [];
const inside = createServer((request, response) => {
  called.push(request.url ?? '');
  response.end('ok');
});

let clinic: SlackClinic;
let doctor: SlackDoctor;
beforeAll(async () => {
  inside.listen(0, '127.0.0.1');
  await once(inside, 'listening');
  clinic = await startSlackClinic();
  await clinic.install();
  doctor = new SlackDoctor(clinic);
});
beforeEach(() => {
  called.length = 0;
  clinic.slack.instead = null;
});
afterAll(async () => {
  inside.close();
  await clinic.stop();
});

/** What GLIR does for a doctor, and where it was told to answer. */
async function everythingWith(url: string) {
  const name = `command-${Math.trunc(performance.now())}`;
  const { view } = await doctor.opensForm(name);
  const metadata = JSON.stringify({ responseUrl: url });
  await doctor.submits({ ...view, private_metadata: metadata });
  const command = await clinic.send(doctor.commandFields('15m', await doctor.trigger(), url));
  expect(command.status).toBe(200);
  const list = await doctor.types('list');
  if (list.shown === null) throw new Error('there is no list');
  await doctor.presses(buttonIn(list.shown, 'Revoke'), { ephemeral: url });
}

it('a response_url that is not Slack’s is never called, from a command, a form or a button', async () => {
  const url = addressOf(inside);
  await everythingWith(`${url}/response`);
  await everythingWith(`${url.replace('127.0.0.1', '127.0.0.1.')}/response`);
  await everythingWith(`http://slack.example@${new URL(url).host}/response`);
  // What is answered where it should be comes behind all of it.
  await doctor.opensForm('last');
  const { view } = await doctor.opensForm('last');
  await doctor.submits(view);
  await expect.poll(() => clinic.slack.responses('last').length, SOON).toBeGreaterThan(0);
  expect(called).toEqual([]);
});

it('a redirection of a response_url is not followed', async () => {
  const location = `${addressOf(inside)}/redirected`;
  clinic.slack.instead = ({ path }) =>
    path.startsWith('/response/') ? { status: 307, body: '', headers: { location } } : undefined;
  const { view } = await doctor.opensForm('moved');
  await doctor.submits(view);
  await expect.poll(() => clinic.slack.responses('moved').length, SOON).toBeGreaterThan(0);
  await doctor.opensForm('after');
  expect(called).toEqual([]);
});
