import { isLoopbackHost } from './addresses.ts';
import type { TeamsConfig } from './config.ts';
import type { Findings, Problem } from './problems.ts';
import { requireDataKeys, type StoreSettings } from './store.ts';
import type { VariableName, Variables } from './variables.ts';
import type { Web } from './web.ts';

/** How Teams is set up; null when it is off. */
export interface Teams extends Findings {
  readonly teams: TeamsConfig | null;
}

const REGISTRATION: readonly VariableName[] = ['GLIR_TEAMS_APP_ID', 'GLIR_TEAMS_APP_PASSWORD', 'GLIR_TEAMS_TENANT_ID'];

/** Teams is on as soon as a part of its registration is set, and then the rest is needed; or for the Playground. */
export function judgeTeams(values: Variables, web: Web, store: StoreSettings): Teams {
  const registered = REGISTRATION.some((name) => values[name] !== undefined);
  const playground = values.GLIR_TEAMS_PLAYGROUND;
  if (!registered && playground === undefined) return { teams: null, problems: [], warnings: [] };

  const storeProblems = requireDataKeys(store, 'Teams').problems;
  const { app, problems } =
    playground === undefined ? registration(values) : playgroundApp(playground, registered, web);
  const warnings =
    app?.kind === 'registered' && web.loopback
      ? ['Teams cannot reach PUBLIC_URL, which is this machine only. Set PUBLIC_URL to an address that Teams can call.']
      : [];
  const { GLIR_TEAMS_ADMINS: admins = [], GLIR_TEAMS_COMPOSE: compose } = values;
  return {
    teams: app === null ? null : { app, admins, compose },
    problems: [...storeProblems, ...problems],
    warnings,
  };
}

interface Judged {
  app: TeamsConfig['app'] | null;
  problems: Problem[];
}

function registration(values: Variables): Judged {
  const {
    GLIR_TEAMS_APP_ID: appId,
    GLIR_TEAMS_APP_PASSWORD: password,
    GLIR_TEAMS_TENANT_ID: tenantId,
    GLIR_TEAMS_OPENID_URL: openIdUrl,
    GLIR_TEAMS_LOGIN_URL: loginUrl,
  } = values;
  const problems: Problem[] = [];
  const missing = (variable: VariableName, what: string) =>
    problems.push({ variable, text: `missing, but Teams is set up. ${what}` });
  const overview = 'from "Overview" of the app registration in the Entra admin center.';
  if (appId === undefined) missing('GLIR_TEAMS_APP_ID', `Copy the application (client) ID ${overview}`);
  if (password === undefined) {
    missing('GLIR_TEAMS_APP_PASSWORD', 'Make a client secret under "Certificates & secrets" of the app registration.');
  }
  if (tenantId === undefined) missing('GLIR_TEAMS_TENANT_ID', `Copy the directory (tenant) ID ${overview}`);
  if (appId === undefined || password === undefined || tenantId === undefined) return { app: null, problems };
  return { app: { kind: 'registered', appId, password, tenantId, openIdUrl, loginUrl }, problems };
}

/** Whoever reaches GLIR could claim to be anybody, so nobody but this machine may. */
function playgroundApp(playground: URL, registered: boolean, web: Web): Judged {
  const refused = (text: string): Judged => ({
    app: null,
    problems: [{ variable: 'GLIR_TEAMS_PLAYGROUND', text, given: ['PUBLIC_URL', 'HOST'] }],
  });
  if (registered) {
    return refused('its requests are not signed, so it cannot be used together with GLIR_TEAMS_APP_ID. Unset one.');
  }
  const hosts = [web.publicHost, web.host, playground.hostname.replace(/^\[|\]$/g, '')];
  if (!hosts.every(isLoopbackHost)) {
    return refused(
      'its requests are not signed, so it, PUBLIC_URL and HOST all have to be on this machine (loopback). Unset it.',
    );
  }
  return { app: { kind: 'playground', origin: playground.origin }, problems: [] };
}
