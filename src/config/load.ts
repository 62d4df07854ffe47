import { LIMITS } from '../protocol/constants.ts';
import type { Machine } from './addresses.ts';
import { checkMetrics } from './check-metrics.ts';
import { checkRtc, checkTurn, checkWeb } from './check-network.ts';
import { checkNodes } from './check-nodes.ts';
import { checkOperatorSignIn } from './check-operator.ts';
import { checkSlack, checkTeams } from './check-platforms.ts';
import { checkStorage } from './check-storage.ts';
import { type Config, ConfigError, Findings } from './config.ts';
import { readVariable, VARIABLE_NAMES, type Variables } from './variables.ts';

/**
 * Reads and checks GLIR's environment. Pure: the machine's addresses are passed in.
 *
 * @param env variables by name; empty ones count as unset, space around values does not count
 * @returns the configuration, frozen deeply, with warnings about what is allowed but probably not meant
 * @throws {ConfigError} naming every variable that is wrong, and what to set
 */
export function loadConfig(env: NodeJS.ProcessEnv, machine: Machine): Config {
  const given = withoutEmpty(env);
  const findings = new Findings();
  const values = readVariables(given, findings);
  const wrong = new Set(findings.problems.map(({ variable }) => variable));
  const unread = findings.problems.length;

  warnAboutUnknown(given, findings);
  const web = checkWeb(values, machine, findings);
  const listen = checkRtc(values, web, machine, findings);
  const credentials = checkTurn(values, findings);
  const expiryDefaultSeconds = checkExpiry(values, findings);
  const storage = checkStorage(values, given, findings);
  const cluster = checkNodes(values, { web, storage, machine }, findings);
  const slack = checkSlack(values, web, storage, findings);
  const teams = checkTeams(values, web, storage, findings);
  const operatorSignIn = checkOperatorSignIn(values, storage, findings);
  const metrics = checkMetrics(values, machine, findings);

  // A variable that could not be read counted as unset: what follows from that alone is not told.
  const problems = findings.problems.filter(
    ({ variable, basedOn }, index) => index < unread || ![variable, ...basedOn].some((name) => wrong.has(name)),
  );
  if (problems.length > 0) throw new ConfigError(problems);

  return frozen({
    publicUrl: web.publicUrl.origin,
    localChat: web.loopback && slack === null && teams === null,
    operator: values.GLIR_OPERATOR ?? null,
    http: { host: web.host, port: values.PORT, trustProxy: values.GLIR_TRUST_PROXY },
    rtc: {
      port: values.GLIR_RTC_PORT,
      workers: values.GLIR_WORKERS,
      listen,
      tcp: values.GLIR_RTC_TCP === 'on',
      workerBin: values.MEDIASOUP_WORKER_BIN ?? null,
    },
    ice: { urls: values.GLIR_TURN ?? [], credentials, transport: values.GLIR_ICE_TRANSPORT },
    rooms: {
      expiryDefaultSeconds,
      expiryMaxSeconds: values.GLIR_EXPIRY_MAX,
      readersDefault: values.GLIR_READERS_DEFAULT,
      phone: values.GLIR_PHONE ?? null,
    },
    files: values.GLIR_FILES_MAX,
    limits: {
      requests: values.GLIR_LIMIT_REQUESTS,
      sockets: values.GLIR_LIMIT_SOCKETS,
      entries: values.GLIR_LIMIT_ENTRIES,
      wrongTries: values.GLIR_LIMIT_WRONG_TRIES,
      notes: { user: values.GLIR_LIMIT_USER_NOTES, tenant: values.GLIR_LIMIT_TENANT_NOTES },
      rooms: { user: values.GLIR_LIMIT_USER_ROOMS, tenant: values.GLIR_LIMIT_TENANT_ROOMS },
    },
    slack,
    teams,
    store: { ...storage, historyDays: values.GLIR_HISTORY_DAYS },
    cluster,
    audit: { days: values.GLIR_AUDIT_DAYS },
    operatorSignIn,
    metrics,
    logLevel: values.GLIR_LOG_LEVEL,
    logFormat: values.GLIR_LOG_FORMAT,
    warnings: findings.warnings,
  });
}

/**
 * Reads each variable by itself. One that cannot be read is a problem and then counts as unset, so that the rules
 * across variables can still be applied to the others.
 */
function readVariables(given: NodeJS.ProcessEnv, findings: Findings): Variables {
  const read = VARIABLE_NAMES.map((name) => {
    const { value, problems } = readVariable(name, given);
    for (const text of problems) findings.refuse(name, text);
    return [name, value] as const;
  });
  return Object.fromEntries(read) as Variables;
}

/** The default life of a note in seconds. It follows the longest one down, unless it was set. */
function checkExpiry({ GLIR_EXPIRY_DEFAULT: set, GLIR_EXPIRY_MAX: max }: Variables, findings: Findings): number {
  if (set !== undefined && set > max) {
    const text = 'longer than GLIR_EXPIRY_MAX. Set a shorter GLIR_EXPIRY_DEFAULT, or a longer GLIR_EXPIRY_MAX.';
    findings.refuse('GLIR_EXPIRY_DEFAULT', text, ['GLIR_EXPIRY_MAX']);
  }
  return set ?? Math.min(LIMITS.expiryDefaultSeconds, max);
}

/** Edits from a mistyped name to the meant one; further away it is a guess. */
const NEAR = 3;

/** Warns about variables that begin with GLIR_ but that nobody reads, with the nearest known name where one is near. */
function warnAboutUnknown(env: NodeJS.ProcessEnv, findings: Findings): void {
  const known: readonly string[] = VARIABLE_NAMES;
  const unknown = Object.keys(env).filter((name) => name.startsWith('GLIR_') && !known.includes(name));
  for (const name of unknown.sort()) {
    const [nearest] = known
      .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
      .filter(({ distance }) => distance <= NEAR)
      .sort((one, other) => one.distance - other.distance);
    const guess = nearest === undefined ? '' : ` Did you mean ${nearest.candidate}?`;
    findings.warn(`${name} is not a setting of GLIR and has no effect.${guess}`);
  }
}

/** Levenshtein's distance: insertions, deletions and replacements of one character. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, character] of [...from].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (character === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
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
