import { hostOf, isLoopbackHost } from './addresses.ts';
import type { Web } from './check-network.ts';
import type { Storage } from './check-storage.ts';
import type { Findings, SlackConfig, TeamsConfig } from './config.ts';
import { MAKE_A_DATA_KEY } from './value-types.ts';
import { VARIABLE_NAMES, type Variables, variable } from './variables.ts';

/** Slack is on as soon as one of its credentials is set; then the others have to be there as well. Null when it is off. */
export function checkSlack(values: Variables, web: Web, storage: Storage, findings: Findings): SlackConfig | null {
  const {
    GLIR_SLACK_CLIENT_ID: clientId,
    GLIR_SLACK_CLIENT_SECRET: clientSecret,
    GLIR_SLACK_SIGNING_SECRET: signingSecret,
    GLIR_SLACK_APP_TOKEN: appToken,
  } = values;
  if (!isSetUp('Slack', values)) return null;
  checkPlatformStorage('Slack', storage, findings);
  checkRequired('Slack', values, findings);
  if (appToken !== undefined && !appToken.reveal().startsWith('xapp-')) {
    findings.refuse(
      'GLIR_SLACK_APP_TOKEN',
      'not an app-level token. Make one with connections:write under "Basic Information"; it begins with xapp-.',
    );
  }
  if (web.loopback && appToken === undefined) {
    findings.warn(
      'Slack cannot reach PUBLIC_URL, which is this machine only. Set PUBLIC_URL, or set GLIR_SLACK_APP_TOKEN to use socket mode.',
    );
  }
  if (clientId === undefined || clientSecret === undefined) return null;
  if (values.GLIR_SLACK_ADMINS === undefined) {
    findings.warn(
      'In each Slack workspace, whoever installs GLIR first may change its settings, and in most workspaces everybody may install apps. Set GLIR_SLACK_ADMINS.',
    );
  }
  const app = {
    clientId,
    clientSecret,
    apiUrl: values.GLIR_SLACK_API_URL.origin,
    admins: values.GLIR_SLACK_ADMINS ?? null,
    teams: values.GLIR_SLACK_TEAMS ?? null,
  };
  if (appToken !== undefined) return { ...app, delivery: { kind: 'socket', appToken } };
  return signingSecret === undefined ? null : { ...app, delivery: { kind: 'http', signingSecret } };
}

/**
 * Teams is on as soon as a part of its registration is set, and then the rest is needed; or for the Playground. Null when
 * it is off.
 */
export function checkTeams(values: Variables, web: Web, storage: Storage, findings: Findings): TeamsConfig | null {
  const registered = isSetUp('Teams', values);
  const playground = values.GLIR_TEAMS_PLAYGROUND;
  if (!registered && playground === undefined) return null;
  checkPlatformStorage('Teams', storage, findings);
  const app =
    playground === undefined
      ? registeredApp(values, web, findings)
      : playgroundApp(playground, registered, web, findings);
  if (app === null) return null;
  return { app, admins: values.GLIR_TEAMS_ADMINS ?? [], compose: values.GLIR_TEAMS_COMPOSE };
}

function registeredApp(values: Variables, web: Web, findings: Findings): TeamsConfig['app'] | null {
  const {
    GLIR_TEAMS_APP_ID: appId,
    GLIR_TEAMS_APP_PASSWORD: password,
    GLIR_TEAMS_TENANT_ID: tenantId,
    GLIR_TEAMS_OPENID_URL: openIdUrl,
    GLIR_TEAMS_LOGIN_URL: loginUrl,
  } = values;
  checkRequired('Teams', values, findings);
  if (web.loopback) {
    findings.warn(
      'Teams cannot reach PUBLIC_URL, which is this machine only. Set PUBLIC_URL to an address that Teams can call.',
    );
  }
  if (appId === undefined || password === undefined || tenantId === undefined) return null;
  return { kind: 'registered', appId, password, tenantId, openIdUrl, loginUrl };
}

/** Whoever reaches GLIR could claim to be anybody, so nobody but this machine may. */
function playgroundApp(playground: URL, registered: boolean, web: Web, findings: Findings): TeamsConfig['app'] | null {
  const onlyHere = [web.publicHost, web.host, hostOf(playground)].every(isLoopbackHost);
  if (!registered && onlyHere) return { kind: 'playground', origin: playground.origin };
  const why = registered
    ? 'it cannot be used together with GLIR_TEAMS_APP_ID. Unset one.'
    : 'it, PUBLIC_URL and HOST all have to be on this machine (loopback). Unset it.';
  findings.refuse('GLIR_TEAMS_PLAYGROUND', `its requests are not signed, so ${why}`, ['PUBLIC_URL', 'HOST']);
  return null;
}

type Platform = 'Slack' | 'Teams';

/** What the table requires for a platform: whether each variable is set, or the one that may stand in its place. */
function requirements(platform: Platform, values: Variables) {
  const isSet = (wanted?: string) => VARIABLE_NAMES.some((name) => name === wanted && values[name] !== undefined);
  return VARIABLE_NAMES.flatMap((name) => {
    const { required } = variable(name);
    if (required?.by !== platform) return [];
    return [{ name, how: required.how, met: isSet(name) || isSet(required.unless) }];
  });
}

/** A platform is set up as soon as one of the variables that it requires is set. */
function isSetUp(platform: Platform, values: Variables): boolean {
  return requirements(platform, values).some(({ met }) => met);
}

/** Refuses what is required and not set. */
function checkRequired(platform: Platform, values: Variables, findings: Findings): void {
  for (const { name, how, met } of requirements(platform, values)) {
    if (!met) findings.refuse(name, `missing, but ${platform} is set up. ${how}`);
  }
}

/** A platform gives tokens to keep: that takes a data key, and a folder or a database. */
function checkPlatformStorage(platform: Platform, { dir, postgres, keys }: Storage, findings: Findings): void {
  if (keys.length === 0 && postgres === null) {
    findings.refuse(
      'GLIR_DATA_KEYS',
      `missing. What ${platform} gives GLIR is kept encrypted, which needs a key. Set GLIR_DATA_KEYS=k1:KEY. ${MAKE_A_DATA_KEY}`,
    );
  } else if (dir === null && postgres === null) {
    findings.refuse(
      'GLIR_DATA_DIR',
      'missing, and the environment names no home folder. Set the absolute path of a folder that only GLIR may read, such as /var/lib/glir.',
    );
  }
}
