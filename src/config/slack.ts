import type { SlackConfig } from './config.ts';
import type { Findings, Problem } from './problems.ts';
import { requireDataKeys, type StoreSettings } from './store.ts';
import type { Variables } from './variables.ts';
import type { Web } from './web.ts';

/** How Slack is set up; null when it is off. */
export interface Slack extends Findings {
  readonly slack: SlackConfig | null;
}

/** Slack is on as soon as one of its credentials is set; then the others have to be there as well. */
export function judgeSlack(values: Variables, web: Web, store: StoreSettings): Slack {
  const {
    GLIR_SLACK_CLIENT_ID: clientId,
    GLIR_SLACK_CLIENT_SECRET: clientSecret,
    GLIR_SLACK_SIGNING_SECRET: signingSecret,
    GLIR_SLACK_APP_TOKEN: appToken,
  } = values;
  if ([clientId, clientSecret, signingSecret, appToken].every((value) => value === undefined)) {
    return { slack: null, problems: [], warnings: [] };
  }
  const problems: Problem[] = [...requireDataKeys(store, 'Slack').problems];
  const missing = (variable: Problem['variable'], what: string) =>
    problems.push({ variable, text: `missing, but Slack is set up. ${what}` });
  if (clientId === undefined) missing('GLIR_SLACK_CLIENT_ID', 'Copy it from "Basic Information" of your Slack app.');
  if (clientSecret === undefined) {
    missing('GLIR_SLACK_CLIENT_SECRET', 'Copy it from "Basic Information" of your Slack app.');
  }
  const delivery = deliveryOf(signingSecret, appToken);
  if (delivery === null) {
    missing(
      'GLIR_SLACK_SIGNING_SECRET',
      'Copy it from "Basic Information" of your Slack app, or set GLIR_SLACK_APP_TOKEN where Slack cannot reach GLIR.',
    );
  }
  if (appToken !== undefined && !appToken.reveal().startsWith('xapp-')) {
    problems.push({
      variable: 'GLIR_SLACK_APP_TOKEN',
      text: 'not an app-level token. Make one with connections:write under "Basic Information"; it begins with xapp-.',
    });
  }
  if (clientId === undefined || clientSecret === undefined || delivery === null) {
    return { slack: null, problems, warnings: [] };
  }
  const warnings =
    web.loopback && delivery.kind === 'http'
      ? [
          'Slack cannot reach PUBLIC_URL, which is this machine only. Set PUBLIC_URL, or set GLIR_SLACK_APP_TOKEN to use socket mode.',
        ]
      : [];
  const apiUrl = values.GLIR_SLACK_API_URL.origin;
  return { slack: { clientId, clientSecret, delivery, apiUrl }, problems, warnings };
}

function deliveryOf(
  signingSecret: Variables['GLIR_SLACK_SIGNING_SECRET'],
  appToken: Variables['GLIR_SLACK_APP_TOKEN'],
): SlackConfig['delivery'] | null {
  if (appToken !== undefined) return { kind: 'socket', appToken };
  return signingSecret === undefined ? null : { kind: 'http', signingSecret };
}
