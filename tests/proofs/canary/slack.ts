import { CLIENT_ID, CLIENT_SECRET, type SlackCloud, startSlackCloud } from '../../support/slack/cloud.ts';
import { buttonIn, directMessageIn, SlackDoctor, updatedView } from '../../support/slack/doctor.ts';
import { SIGNING_SECRET, signedHeaders } from '../../support/slack/signature.ts';
import { install, peopleOf, type SlackClinic } from '../../support/slack/workspace.ts';
import { until } from './until.ts';

/** A Slack and a doctor in it. */
export interface SlackSide {
  url: string;
  settings: NodeJS.ProcessEnv;
  /** Everything that Slack was told: requests to it, and answers to its own. */
  received(): string[];
  install(): Promise<void>;
  /** Types this text behind `/glir`, which is refused; then `/glir`, and goes through its form. Gives the compose link. */
  asks(typed: string): Promise<string>;
  /** Presses "Revoke". */
  revokes(): Promise<void>;
  close(): Promise<void>;
}

/** @param url where GLIR is going to be */
export async function startSlack(url: string): Promise<SlackSide> {
  const slack = await startSlackCloud(`${url}/slack/oauth_redirect`);
  const answers: string[] = [];
  const id = (await peopleOf(slack)).get('anna.rossi') ?? '';
  const rossi = { id, name: 'anna.rossi' };
  const send: SlackClinic['send'] = async (body, { headers = {}, ...signing } = {}) => {
    const text = typeof body === 'string' ? body : new URLSearchParams(body).toString();
    const type = typeof body === 'string' ? 'application/json' : 'application/x-www-form-urlencoded';
    const got = await fetch(`${url}/slack/events`, {
      method: 'POST',
      headers: { 'content-type': type, ...signedHeaders(text, signing), ...headers },
      body: text,
    });
    const answer = await got.text();
    answers.push(JSON.stringify([...got.headers]), answer);
    return { status: got.status, text: answer, ms: 0 };
  };
  const doctor = new SlackDoctor({ slack, rossi, send, token: () => tokenOf(slack) });
  const direct = () => directMessageIn(slack);

  return {
    url: slack.url,
    settings: {
      GLIR_SLACK_CLIENT_ID: CLIENT_ID,
      GLIR_SLACK_CLIENT_SECRET: CLIENT_SECRET,
      GLIR_SLACK_SIGNING_SECRET: SIGNING_SECRET,
      GLIR_SLACK_API_URL: slack.url,
    },
    received: () => [...slack.calls.flatMap(({ path, token, body }) => [path, token, body]), ...answers],
    async install() {
      const { status } = await install(url, slack, rossi);
      if (status !== 200) throw new Error(`the installation in Slack ended with ${status}`);
    },
    async asks(typed) {
      const refused = await doctor.types(typed);
      if (!JSON.stringify(refused.shown).includes("Don't type the note here")) {
        throw new Error('Slack: text behind /glir was not refused');
      }
      const { view } = await doctor.opensForm();
      const { json } = await doctor.submits(view, { expiry: '900', admission: 'pin' });
      const write = buttonIn(updatedView(json), 'Write the note');
      await doctor.presses(write);
      return write.url ?? '';
    },
    async revokes() {
      const button = await until('Slack’s button "Revoke"', () => {
        const message = direct();
        return message !== null && JSON.stringify(message).includes('"Revoke"') ? buttonIn(message, 'Revoke') : null;
      });
      await doctor.presses(button);
    },
    close: () => slack.close(),
  };
}

function tokenOf(slack: SlackCloud): string {
  const answer = slack.callsTo('oauth.v2.access').at(-1)?.answer ?? '';
  return /"access_token":\s*"([^"]+)"/.exec(answer)?.[1] ?? '';
}
