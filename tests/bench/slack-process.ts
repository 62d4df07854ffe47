/**
 * The Slack emulator in a process of its own, so that its work is not in the times of whoever measures. Its argument is
 * GLIR's redirect URI. It says its address, tells what happened in it as often as it is asked, and ends with its parent.
 */
import { z } from 'zod';
import { startSlackCloud } from '../support/slack/cloud.ts';

const grantSchema = z.object({ access_token: z.string() });
const answerSchema = z.object({ ok: z.boolean() });

const [redirectUri = ''] = process.argv.slice(2);
const slack = await startSlackCloud(redirectUri);

process.on('message', () => {
  const grant = slack.callsTo('oauth.v2.access').at(-1);
  const forms = slack.callsTo('views.open').filter(({ answer }) => answer !== '');
  const opened = forms.filter(({ answer }) => answerSchema.parse(JSON.parse(answer)).ok);
  process.send?.({
    token: grant === undefined ? '' : grantSchema.parse(JSON.parse(grant.answer)).access_token,
    formsOpened: opened.length,
    formsRefused: forms.length - opened.length,
  });
});
process.on('disconnect', () => void slack.close().then(() => process.exit()));
process.send?.({ url: slack.url });
