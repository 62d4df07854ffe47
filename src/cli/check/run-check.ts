/** `npm run glir -- check`: looks at everything that a rollout fails on, and says what to do. */
import { statfsSync } from 'node:fs';
import { systemClock } from '../../clock.ts';
import { thisMachine } from '../../config/addresses.ts';
import { ConfigError } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { useProxyOf } from '../../http/outgoing-proxy.ts';
import { checkAnnounced, checkPort, checkWorker } from './data-channels.ts';
import {
  CHECKS,
  type Check,
  type CheckName,
  type Finding,
  ok,
  problem,
  reasonOf,
  type Setup,
  warning,
} from './finding.ts';
import { checkClock, checkDisk, checkStore } from './machine.ts';
import { checkOutgoingProxy, checkSlack, checkTeams } from './platforms.ts';
import { checkCertificate, checkProxies, checkPublicAddress, checkWebSocket } from './public-address.ts';
import { checkTurn } from './relays.ts';

export const CHECK_USAGE = `  check [--json]         looks at worker, ports, certificate, proxies, store, TURN, Slack and Teams, and says what to do;
                         run it where GLIR runs, with GLIR's settings, while it runs
`;
const HOLD_MS = 12_000;
const NOT_MEANT = 'Do what it says.';

const ALL: Readonly<Record<Exclude<CheckName, 'settings'>, Check>> = {
  worker: checkWorker,
  'data port': checkPort,
  'announced addresses': checkAnnounced,
  'public address': checkPublicAddress,
  certificate: checkCertificate,
  websocket: checkWebSocket,
  proxies: checkProxies,
  store: checkStore,
  disk: checkDisk,
  clock: checkClock,
  turn: checkTurn,
  slack: checkSlack,
  teams: checkTeams,
  'outgoing proxy': checkOutgoingProxy,
};

/** Writes what was found; the exit code is 1 where there is a problem. */
export async function runCheckCommand(
  env: NodeJS.ProcessEnv,
  out: (text: string) => void,
  format: 'table' | 'json',
): Promise<number> {
  const found = await findings(env);
  const problems = found.filter(({ status }) => status === 'problem').length;
  if (format === 'json') out(`${JSON.stringify({ problems, findings: found }, null, 2)}\n`);
  else out(table(found));
  return problems === 0 ? 0 : 1;
}

async function findings(env: NodeJS.ProcessEnv): Promise<Finding[]> {
  try {
    const config = loadConfig(env, thisMachine());
    const restore = useProxyOf(env);
    try {
      return await lookAtAll({
        config,
        env,
        now: () => systemClock.now(),
        freeBytes: (folder) => {
          const { bavail, bsize } = statfsSync(folder);
          return bavail * bsize;
        },
        holdMs: HOLD_MS,
      });
    } finally {
      restore();
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ variable, text }) => problem('settings', `${variable}: ${text}`, NOT_MEANT));
  }
}

/** Everything, in the order of the table; `only` for some of it. */
export async function lookAtAll(setup: Setup, only: readonly CheckName[] = CHECKS): Promise<Finding[]> {
  const found: Finding[] = [];
  if (only.includes('settings')) {
    const { warnings } = setup.config;
    if (warnings.length === 0) found.push(ok('settings', 'They fit together.'));
    for (const each of warnings) found.push(warning('settings', each, NOT_MEANT));
  }
  for (const [name, check] of Object.entries(ALL) as [Exclude<CheckName, 'settings'>, Check][]) {
    if (!only.includes(name)) continue;
    try {
      found.push(...(await check(setup)));
    } catch (error) {
      found.push(
        problem(name, `It could not be looked at (${reasonOf(error)}).`, 'See the lines above, then check again.'),
      );
    }
  }
  return found;
}

const MARKS = { ok: 'ok', warning: 'warn', problem: 'FAIL', skipped: '-' } as const;

/** One line each, and under what needs something the next step. */
export function table(found: readonly Finding[]): string {
  const width = Math.max(...CHECKS.map(({ length }) => length));
  const lines = found.map(({ check, status, says, next }) => {
    const line = `${MARKS[status].padEnd(5)}${check.padEnd(width + 2)}${says}`;
    return next === undefined ? line : `${line}\n${' '.repeat(width + 7)}-> ${next}`;
  });
  const count = (status: Finding['status']): number => found.filter((each) => each.status === status).length;
  return `${lines.join('\n')}\n\nproblems: ${count('problem')}, warnings: ${count('warning')}\n`;
}
