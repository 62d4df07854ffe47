import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Balancer } from '../support/network/balancer.ts';
import { type Nodes, startNodesBehind } from '../support/server/nodes.ts';
import { SOON } from '../support/server/soon.ts';
import { type SlackCloud, startSlackCloud } from '../support/slack/cloud.ts';
import { SlackDoctor } from '../support/slack/doctor.ts';
import { install, peopleOf, type SlackClinic, sendAsSlack, slackSettings } from '../support/slack/workspace.ts';

const MOST = 3;

let balancer: Balancer;
let slack: SlackCloud;
let hospital: Nodes | undefined;
let doctor: SlackDoctor;

beforeAll(async () => {
  balancer = await Balancer.before(() => hospital?.nodes.map(({ port }) => port) ?? []);
  slack = await startSlackCloud(`${balancer.url}/slack/oauth_redirect`);
  const settings = { ...slackSettings(slack), GLIR_LIMIT_USER_NOTES: String(MOST) };
  hospital = await startNodesBehind(balancer.url, 2, { settings });
  const rossi = { id: (await peopleOf(slack)).get('anna.rossi') ?? '', name: 'anna.rossi' };
  await install(balancer.url, slack, rossi);
  const send: SlackClinic['send'] = (body, options) => sendAsSlack(balancer.url, body, options);
  doctor = new SlackDoctor({ slack, rossi, token: () => '', send });
});
afterAll(async () => {
  await hospital?.stop();
  await slack.close();
  await balancer.close();
});

/** What the doctor is answered by this node. */
async function asksAt(index: number): Promise<string> {
  balancer.only(index);
  return (await doctor.types('15m')).text;
}

describe('a hospital in Slack with two nodes', () => {
  it('counts the notes that a doctor begins in an hour over both', async () => {
    for (const index of [0, 1, 0]) expect(await asksAt(index)).toContain('/compose#');
    for (const index of [0, 1]) {
      await expect.poll(() => asksAt(index), SOON).toContain(`You have begun ${MOST} notes within an hour`);
    }
  });
});
