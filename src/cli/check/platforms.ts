/** What GLIR calls, and what calls it: Slack, Microsoft, and the proxy on the way out. */
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { SCOPES } from '../../../bots/slack/manifest.ts';
import type { SlackConfig } from '../../config/config.ts';
import { SLACK_EVENTS_PATH, TEAMS_MESSAGES_PATH } from '../../limits/signed-paths.ts';
import { installedTokens } from '../../store/store-check.ts';
import { type Check, type CheckName, type Finding, ok, problem, reasonOf, skipped, warning } from './finding.ts';

const ANSWER_MS = 10_000;
const CHALLENGE = 'glir-check';
const BOT_SCOPE = 'https://api.botframework.com/.default';
const slackAnswerSchema = z.object({ ok: z.boolean(), error: z.string().optional() });

/** Whether Slack can be called with what is set, in every workspace, and whether its requests get here. */
export const checkSlack: Check = async ({ config, now }) => {
  const { slack, publicUrl, store } = config;
  if (slack === null) return [skipped('slack', 'It is not set up.')];
  try {
    await ask(`${slack.apiUrl}/api/api.test`, {});
  } catch (error) {
    return [problem('slack', `${slack.apiUrl} does not answer (${reasonOf(error)}).`, OUT)];
  }
  const found = [
    slack.delivery.kind === 'http' ? await eventsArrive(publicUrl, slack, now()) : await socketOpens(slack),
  ];
  const tokens = await installedTokens(store, 'slack');
  if (tokens.length === 0)
    found.push(warning('slack', 'No workspace has installed GLIR.', `Open ${publicUrl}/slack/install as an admin.`));
  for (const { tenant, token } of tokens) found.push(await tokenFinding(slack, tenant, token));
  return found;
};

async function tokenFinding({ apiUrl }: SlackConfig, tenant: string, token: string): Promise<Finding> {
  const { body, headers } = await ask(`${apiUrl}/api/auth.test`, { authorization: `Bearer ${token}` });
  const { ok: isGood, error = 'unknown' } = slackAnswerSchema.parse(body);
  if (!isGood) {
    const next = 'Install GLIR there again (/slack/install).';
    return problem('slack', `Slack refuses the token of ${tenant} (${error}).`, next);
  }
  const granted = (headers.get('x-oauth-scopes') ?? '').split(',').map((scope) => scope.trim());
  const missing = SCOPES.filter(({ scope }) => !granted.includes(scope));
  const needed = missing.filter(({ optional }) => !optional).map(({ scope }) => scope);
  if (needed.length > 0)
    return problem(
      'slack',
      `${tenant} did not grant ${needed.join(', ')}.`,
      'Install GLIR there again (/slack/install).',
    );
  if (missing.length > 0) {
    const says = `${tenant} did not grant ${missing.map(({ scope }) => scope).join(', ')}: no direct messages there.`;
    return warning('slack', says, 'Install GLIR there again if you want them.');
  }
  return ok('slack', `The token of ${tenant} works.`);
}

/** Asks PUBLIC_URL what Slack asks when its address is entered, signed as Slack does. */
async function eventsArrive(publicUrl: string, { delivery }: SlackConfig, now: number): Promise<Finding> {
  if (delivery.kind !== 'http') return skipped('slack', 'Slack is asked for requests.');
  const body = JSON.stringify({ type: 'url_verification', challenge: CHALLENGE, token: '' });
  const seconds = String(Math.floor(now / 1000));
  const signature = createHmac('sha256', delivery.signingSecret.reveal()).update(`v0:${seconds}:${body}`).digest('hex');
  return await arrives(
    'slack',
    publicUrl + SLACK_EVENTS_PATH,
    (status, text) => status === 200 && text.includes(CHALLENGE),
    {
      body,
      headers: {
        'content-type': 'application/json',
        'x-slack-request-timestamp': seconds,
        'x-slack-signature': `v0=${signature}`,
      },
    },
  );
}

async function socketOpens({ apiUrl, delivery }: SlackConfig): Promise<Finding> {
  if (delivery.kind !== 'socket') return skipped('slack', 'Slack calls by itself.');
  const token = `Bearer ${delivery.appToken.reveal()}`;
  const { body } = await ask(`${apiUrl}/api/apps.connections.open`, { authorization: token });
  const { ok: isGood, error = 'unknown' } = slackAnswerSchema.parse(body);
  if (isGood) return ok('slack', 'Socket mode: Slack opens a socket.');
  const next =
    error === 'link_disabled'
      ? "Turn socket mode on in the app's settings in Slack."
      : 'Set GLIR_SLACK_APP_TOKEN to an app-level token with connections:write.';
  return problem('slack', `Socket mode: Slack refuses (${error}).`, next);
}

/** Whether Microsoft gives GLIR a token, its keys can be read, and its requests get here. */
export const checkTeams: Check = async ({ config: { teams, publicUrl } }) => {
  if (teams === null) return [skipped('teams', 'It is not set up.')];
  if (teams.app.kind === 'playground') return [skipped('teams', 'The Agents Playground needs no registration.')];
  const { appId, password, tenantId, openIdUrl, loginUrl } = teams.app;
  try {
    const keys = await ask(openIdUrl, {}, 'GET');
    z.object({ jwks_uri: z.url() }).parse(keys.body);
  } catch (error) {
    return [problem('teams', `${openIdUrl} cannot be read (${reasonOf(error)}).`, OUT)];
  }
  const form = {
    grant_type: 'client_credentials',
    client_id: appId,
    client_secret: password.reveal(),
    scope: BOT_SCOPE,
  };
  const { body } = await ask(`${loginUrl}/${tenantId}/oauth2/v2.0/token`, {}, 'POST', new URLSearchParams(form));
  const answer = z
    .object({
      access_token: z.string().optional(),
      error: z.string().optional(),
      error_codes: z.array(z.number()).optional(),
    })
    .parse(body);
  const token =
    answer.access_token === undefined
      ? problem(
          'teams',
          `Microsoft gives no token (${answer.error_codes?.[0] ?? answer.error ?? 'unknown'}).`,
          loginNext(answer.error_codes?.[0]),
        )
      : ok('teams', 'Microsoft gives a token.');
  const arrived = await arrives(
    'teams',
    publicUrl + TEAMS_MESSAGES_PATH,
    (status, text) => status === 401 && text.includes('"error"'),
    {
      body: '{}',
      headers: { 'content-type': 'application/json' },
    },
  );
  return [token, arrived];
};

/** Microsoft's AADSTS codes. */
function loginNext(code: number | undefined): string {
  if (code === 7_000_215 || code === 7_000_222) return 'Make a new client secret and set GLIR_TEAMS_APP_PASSWORD.';
  if (code === 700_016) return 'Correct GLIR_TEAMS_APP_ID, or GLIR_TEAMS_TENANT_ID: that app is unknown there.';
  if (code === 90_002) return 'Correct GLIR_TEAMS_TENANT_ID.';
  return 'Look the code up at https://login.microsoftonline.com/error.';
}

/** The proxy that GLIR calls out through. */
export const checkOutgoingProxy: Check = async ({ env, config }) => {
  const name = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].find((each) => (env[each] ?? '') !== '');
  if (name === undefined) return [skipped('outgoing proxy', 'None is set.')];
  const target = config.slack?.apiUrl ?? (config.teams?.app.kind === 'registered' ? config.teams.app.loginUrl : null);
  if (target === null) return [skipped('outgoing proxy', `${name} is set, and nothing is called.`)];
  try {
    await ask(target, {}, 'GET');
    return [ok('outgoing proxy', `${new URL(target).host} answers through ${name}.`)];
  } catch (error) {
    const next = `Correct ${name}, or have the proxy let ${new URL(target).host} through.`;
    return [
      problem('outgoing proxy', `${new URL(target).host} is not reached through ${name} (${reasonOf(error)}).`, next),
    ];
  }
};

const OUT = 'Allow this machine to call it (443/tcp), or set HTTPS_PROXY.';

/** Whether a platform's request to PUBLIC_URL gets to GLIR and not to a login or an error page. */
async function arrives(
  check: CheckName,
  url: string,
  isOurs: (status: number, text: string) => boolean,
  request: { body: string; headers: Record<string, string> },
): Promise<Finding> {
  try {
    const answer = await fetch(url, {
      ...request,
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (isOurs(answer.status, await answer.text())) return ok(check, `${url} takes its requests.`);
    const next = 'Have the proxy pass it on without a login, and start GLIR with the same settings as this check.';
    return problem(check, `${url} answers ${answer.status}, and not as GLIR does.`, next);
  } catch (error) {
    return problem(check, `${url} does not answer (${reasonOf(error)}).`, 'See public address.');
  }
}

async function ask(
  url: string,
  headers: Record<string, string>,
  method = 'POST',
  body?: URLSearchParams,
): Promise<{ body: unknown; headers: Headers }> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  const answer = await fetch(url, {
    method,
    headers,
    redirect: 'manual',
    signal,
    ...(body === undefined ? {} : { body }),
  });
  const text = await answer.text();
  try {
    return { body: JSON.parse(text), headers: answer.headers };
  } catch {
    return { body: null, headers: answer.headers };
  }
}
