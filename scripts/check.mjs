/** `npm run check`: types, lint and format, complexity of functions, directions of imports, unused code. */
import { toolEnvironment } from './setup/child-environment.mjs';
import { runForeground, runTool } from './setup/child-processes.mjs';
import { ROOT } from './setup/context.mjs';
import { isNewEnough } from './setup/node24.mjs';
import { areInstalled } from './setup/npm-dependencies.mjs';
import { isRunDirectly, runScript, setup } from './setup.mjs';

const AT_ONCE = 2;

/**
 * A check: its name, and the arguments to Node of the program that makes it. It fails when that exits with other than 0.
 * @typedef {{ name: string, program: string[] }} Check
 * @typedef {{ name: string, ok: boolean, ms: number }} CheckResult
 */

/** The slow ones first, so that the last to end is a short one. @type {Check[]} */
const CHECKS = [
  { name: 'types, as an editor sees each file', program: ['scripts/checks/types.ts'] },
  {
    name: 'lint, format, cognitive complexity',
    program: ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '--max-diagnostics=50'],
  },
  { name: 'unused code', program: ['node_modules/knip/bin/knip.js', '--no-progress'] },
  { name: 'directions of imports', program: ['scripts/checks/boundaries.ts'] },
];

/**
 * Runs every check; the dependencies have to be installed. Prints a line for each, and what the tool said when it failed.
 * @param {string} node program that runs the tools, Node 24 or newer
 * @returns {Promise<CheckResult[]>} in the order in which they ended
 */
export async function runChecks(node) {
  const waiting = [...CHECKS];
  /** @type {CheckResult[]} */
  const results = [];
  const work = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) results.push(await runCheck(check, node));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}

/**
 * @param {Check} check
 * @param {string} node
 * @returns {Promise<CheckResult>}
 */
async function runCheck({ name, program }, node) {
  const startedAt = performance.now();
  /** @type {string[]} */
  const lines = [];
  const failure = await runTool(node, program, {
    cwd: ROOT,
    env: toolEnvironment(process.env),
    onLine: (line) => lines.push(line),
  });
  const ok = failure === undefined;
  const ms = Math.round(performance.now() - startedAt);
  process.stdout.write(`${ok ? 'ok    ' : 'failed'}  ${name} (${(ms / 1000).toFixed(1)} s)\n`);
  if (!ok) process.stdout.write(`${[...lines, failure].join('\n')}\n\n`);
  return { name, ok, ms };
}

/** Whether this Node and what is installed will do as they are. */
function isReady() {
  return isNewEnough(process.versions.node) && areInstalled(ROOT);
}

if (isRunDirectly(import.meta.url)) {
  await runScript(async () => {
    if (!isReady()) {
      const { root, node, env } = await setup();
      if (node !== process.execPath) return runForeground(node, ['scripts/check.mjs'], { env, cwd: root });
    }
    const results = await runChecks(process.execPath);
    return results.every(({ ok }) => ok) ? 0 : 1;
  });
}
