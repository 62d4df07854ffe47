/** `npm run check`: types, lint and format, directions of imports, length of files, unused code. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runForeground } from './setup/children.mjs';
import { isRunDirectly, runScript, setup } from './setup.mjs';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const OWN_NODE = 24;
const AT_ONCE = 2;
const TSC = 'node_modules/typescript/bin/tsc';

/**
 * A check: its name, and the arguments to Node of the program that makes it. It fails when that exits with other than 0.
 * @typedef {{ name: string, program: string[] }} Check
 * @typedef {{ name: string, ok: boolean, ms: number }} CheckResult
 */

/** The slow ones first, so that the last to end is a short one. @type {Check[]} */
const CHECKS = [
  { name: 'unused code', program: ['node_modules/knip/bin/knip.js', '--no-progress'] },
  { name: 'types of the server', program: [TSC, '-p', 'tsconfig.json'] },
  {
    name: 'lint and format',
    program: ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '--max-diagnostics=50'],
  },
  { name: 'types of the tests', program: [TSC, '-p', 'tsconfig.tests.json'] },
  { name: 'types of the pages', program: [TSC, '-p', 'tsconfig.web.json'] },
  { name: 'types of the protocol', program: [TSC, '-p', 'tsconfig.protocol.json'] },
  { name: 'directions of imports', program: ['scripts/checks/boundaries.ts'] },
  { name: 'length of files', program: ['scripts/checks/lines.ts'] },
];

/**
 * Runs every check; the dependencies have to be installed. Prints a line for each, and what the tool said when it failed.
 * @param {object} [options]
 * @param {string} [options.node] program that runs the tools, Node 24 or newer; otherwise the one that runs this
 * @returns {Promise<CheckResult[]>} in the order in which they ended
 */
export async function runChecks({ node = process.execPath } = {}) {
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
  const begin = performance.now();
  const { ok, output } = await run(node, program);
  const ms = Math.round(performance.now() - begin);
  process.stdout.write(`${ok ? 'ok    ' : 'failed'}  ${name} (${(ms / 1000).toFixed(1)} s)\n`);
  if (!ok) process.stdout.write(`${output.trimEnd()}\n\n`);
  return { name, ok, ms };
}

/**
 * @param {string} node
 * @param {string[]} program
 * @returns {Promise<{ ok: boolean, output: string }>} `output` is what it wrote to stdout and stderr
 */
function run(node, program) {
  return new Promise((resolve) => {
    const child = spawn(node, program, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.on('error', (error) => resolve({ ok: false, output: `${output}${error.message}` }));
    child.on('close', (code) => resolve({ ok: code === 0, output }));
  });
}

/** Whether this Node and what is installed will do as they are. */
function isReady() {
  return Number.parseInt(process.versions.node, 10) >= OWN_NODE && existsSync(path.join(ROOT, TSC));
}

if (isRunDirectly(import.meta.url)) {
  await runScript(async () => {
    if (!isReady()) {
      const { root, node, env } = await setup();
      if (node !== process.execPath) return runForeground(node, ['scripts/check.mjs'], { env, cwd: root });
    }
    const results = await runChecks();
    return results.every(({ ok }) => ok) ? 0 : 1;
  });
}
