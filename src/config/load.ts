import { LIMITS } from '../protocol/constants.ts';
import type { Config } from './config.ts';
import type { Host } from './host.ts';
import type { Findings, Problem } from './problems.ts';
import { ConfigError } from './problems.ts';
import { judgeRtc } from './rtc.ts';
import { judgeSlack } from './slack.ts';
import { judgeStore } from './store.ts';
import { judgeTeams } from './teams.ts';
import { judgeTurn } from './turn.ts';
import { unknownVariables } from './unknown.ts';
import type { VariableName, Variables } from './variables.ts';
import { VARIABLE_NAMES, variables } from './variables.ts';
import { judgeWeb } from './web.ts';

/**
 * Reads and checks GLIR's environment. Pure: the machine's addresses are passed in.
 *
 * @param env variables by name; empty ones count as unset, space around values does not count
 * @returns the configuration, frozen deeply, with warnings about what is allowed but probably not meant
 * @throws {ConfigError} naming every variable that is wrong, and what to set
 */
export function loadConfig(env: NodeJS.ProcessEnv, host: Host): Config {
  const given = withoutEmpty(env);
  const { values, problems } = readVariables(given);
  const web = judgeWeb(values, host);
  const rtc = judgeRtc(values, web, host);
  const turn = judgeTurn(values);
  const expiry = judgeExpiry(values);
  const store = judgeStore(values, given);
  const slack = judgeSlack(values, web, store);
  const teams = judgeTeams(values, web, store);

  const wrong = new Set(problems.map(({ variable }) => variable));
  const further = [web, rtc, turn, expiry, store, slack, teams]
    .flatMap((findings) => findings.problems)
    .filter((problem) => !wrong.has(problem.variable) && !problem.given?.some((name) => wrong.has(name)));
  if (problems.length + further.length > 0) throw new ConfigError([...problems, ...further]);

  return frozen({
    publicUrl: web.publicUrl.origin,
    localChat: web.loopback && slack.slack === null && teams.teams === null,
    operator: values.GLIR_OPERATOR ?? null,
    http: { host: web.host, port: values.PORT, trustProxy: values.GLIR_TRUST_PROXY },
    rtc: {
      port: values.GLIR_RTC_PORT,
      workers: values.GLIR_WORKERS,
      listen: rtc.listen,
      workerBin: values.MEDIASOUP_WORKER_BIN ?? null,
    },
    ice: { urls: turn.urls, credentials: turn.credentials, transport: values.GLIR_ICE_TRANSPORT },
    rooms: {
      expiryDefaultSeconds: expiry.defaultSeconds,
      expiryMaxSeconds: values.GLIR_EXPIRY_MAX,
      readersDefault: values.GLIR_READERS_DEFAULT,
      phone: values.GLIR_PHONE ?? null,
    },
    limits: {
      requests: values.GLIR_LIMIT_REQUESTS,
      sockets: values.GLIR_LIMIT_SOCKETS,
      entries: values.GLIR_LIMIT_ENTRIES,
      wrongTries: values.GLIR_LIMIT_WRONG_TRIES,
      notes: { user: values.GLIR_LIMIT_USER_NOTES, tenant: values.GLIR_LIMIT_TENANT_NOTES },
      rooms: { user: values.GLIR_LIMIT_USER_ROOMS, tenant: values.GLIR_LIMIT_TENANT_ROOMS },
    },
    slack: slack.slack,
    teams: teams.teams,
    store: { dir: store.dir, keys: store.keys, historyDays: values.GLIR_HISTORY_DAYS },
    audit: { days: values.GLIR_AUDIT_DAYS },
    logLevel: values.GLIR_LOG_LEVEL,
    warnings: [
      ...unknownVariables(given, VARIABLE_NAMES),
      ...[web, rtc, slack, teams].flatMap((findings) => findings.warnings),
    ],
  });
}

/**
 * Reads each variable by itself. One that cannot be read is a problem and then counts as unset, so that the rules
 * across variables can still be applied to the others.
 */
function readVariables(given: NodeJS.ProcessEnv): { values: Variables; problems: Problem[] } {
  const result = variables.safeParse(given);
  if (result.success) return { values: result.data, problems: [] };

  const byText = new Map<string, Problem>();
  for (const { path, message } of result.error.issues) {
    const variable = VARIABLE_NAMES.find((name) => name === path[0]);
    if (variable !== undefined) byText.set(`${variable} ${message}`, { variable, text: message });
  }
  const problems = [...byText.values()];
  const wrong = new Set<string>(problems.map(({ variable }) => variable));
  const rest = Object.fromEntries(Object.entries(given).filter(([name]) => !wrong.has(name)));
  return { values: variables.parse(rest), problems };
}

/** The default life of a note follows the longest one down, unless it was set. */
function judgeExpiry(values: Variables): Findings & { defaultSeconds: number } {
  const max = values.GLIR_EXPIRY_MAX;
  const defaultSeconds = values.GLIR_EXPIRY_DEFAULT ?? Math.min(LIMITS.expiryDefaultSeconds, max);
  const given: VariableName[] = ['GLIR_EXPIRY_MAX'];
  const text = 'longer than GLIR_EXPIRY_MAX. Set a shorter GLIR_EXPIRY_DEFAULT, or a longer GLIR_EXPIRY_MAX.';
  return {
    defaultSeconds,
    warnings: [],
    problems: defaultSeconds > max ? [{ variable: 'GLIR_EXPIRY_DEFAULT', text, given }] : [],
  };
}

function withoutEmpty(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const trimmed = Object.entries(env).map(([name, value]) => [name, value?.trim()] as const);
  return Object.fromEntries(trimmed.filter(([, value]) => value !== undefined && value !== ''));
}

function frozen<Value extends object>(value: Value): Readonly<Value> {
  for (const part of Object.values(value)) {
    if (typeof part === 'object' && part !== null) frozen(part);
  }
  return Object.freeze(value);
}
