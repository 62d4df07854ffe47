import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { NPM_VARIABLES } from './child-environment.mjs';
import { inThisCheckout, readJson, readText, SetupFailure } from './context.mjs';
import { hashFiles } from './hash.mjs';
import { isServerRunning } from './running-server.mjs';

const PROBLEMS_SHOWN = 5;

/**
 * @typedef {{os: string, cpu: string, libc: string}} Machine in npm's words
 * @typedef {Record<string, unknown>} Entry of a package in a lock file
 */

/**
 * Installs exactly what package-lock.json names. Install scripts of dependencies stay off.
 * @param {import('./context.mjs').Context} context
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env with that Node first on PATH
 * @param {{withoutTools?: boolean}} [options] `withoutTools`: what a running server needs is enough, as `npm ci --omit=dev` left it
 */
export async function ensureDependencies(context, node, env, { withoutTools = false } = {}) {
  const { root } = context;
  const stamp = stampIn(root);
  const wanted = wantedIn(root);
  await context.once(
    inThisCheckout('dependencies'),
    'installing dependencies',
    () => areInstalled(root) || (withoutTools && isProductionInstalled(root)),
    async () => {
      if (isServerRunning(context)) {
        throw new SetupFailure(
          'A server runs from this checkout, or was killed less than 20 s ago, and its packages would be replaced under it.',
          'Prepare the update in a second checkout (docs/OPERATIONS.md, "Updates"), or stop the server first.',
        );
      }
      rmSync(stamp, { force: true });
      // Dev and optional packages are asked for, as the user's own npm settings may leave them out.
      await npmInstall(context, node, ['--include=dev', '--include=optional'], {
        name: 'dependencies',
        env,
        cwd: root,
        problem: 'The dependencies could not be installed',
        next: 'Check that npm reaches its registry (npm ping) and run the same command again.',
      });
      const locked = readJson(path.join(root, 'package-lock.json'));
      const installed = readJson(path.join(root, 'node_modules', '.package-lock.json'));
      const problems = installProblems(locked, installed, thisMachine());
      if (problems.length > 0) {
        throw new SetupFailure(
          `npm did not install what package-lock.json names: ${problems.slice(0, PROBLEMS_SHOWN).join('; ')}.`,
          'Delete the node_modules folder and run the same command again; after a change to package.json, run npm install.',
        );
      }
      writeFileSync(stamp, `${wanted}\n`);
    },
  );
}

/**
 * Whether what package-lock.json names now is installed.
 * @param {string} root
 */
export function areInstalled(root) {
  return readText(stampIn(root)) === wantedIn(root);
}

/**
 * Whether what a running server needs is installed, as package-lock.json names it: with `npm ci --omit=dev`, or without the packages
 * for Microsoft Teams with `npm ci --omit=dev --omit=optional`.
 * @param {string} root
 */
export function isProductionInstalled(root) {
  const installed = readJson(path.join(root, 'node_modules', '.package-lock.json'));
  const locked = readJson(path.join(root, 'package-lock.json'));
  if (installed === undefined || locked === undefined) return false;
  const needed = Object.entries(Object(locked['packages'])).filter(([, entry]) => !isTool(Object(entry)));
  const lock = { packages: Object.fromEntries(needed) };
  return installProblems(lock, { packages: withoutToolsOf(locked, installed) }, NO_MACHINE).length === 0;
}

/** What no package is made for, so that none of those for one kind of machine is missed. */
const NO_MACHINE = { os: '', cpu: '', libc: '' };

/** @param {Entry} entry */
function isTool(entry) {
  return entry['dev'] === true || entry['devOptional'] === true;
}

/**
 * @param {Record<string, unknown>} locked
 * @param {Record<string, unknown>} installed
 * @returns {Record<string, unknown>} what is installed, without what package-lock.json calls a tool
 */
function withoutToolsOf(locked, installed) {
  const entries = Object.entries(Object(installed['packages']));
  return Object.fromEntries(entries.filter(([name]) => !isTool(Object(Object(locked['packages'])[name]))));
}

/** @param {string} root */
function stampIn(root) {
  return path.join(root, 'node_modules', '.glir-installed');
}

/** @param {string} root */
function wantedIn(root) {
  return `${process.platform}-${process.arch} ${hashFiles(root, ['package-lock.json', '.npmrc'])}`;
}

/**
 * Runs `npm install` with install scripts off and without a change to package.json and package-lock.json.
 * Not `npm ci`, which deletes node_modules before it knows whether it can fetch what belongs there.
 * @param {import('./context.mjs').Context} context
 * @param {string} node the Node that runs npm
 * @param {readonly string[]} args
 * @param {{name: string, cwd: string, env?: NodeJS.ProcessEnv, problem: string, next: string}} options
 */
export async function npmInstall(context, node, args, { name, ...options }) {
  const [npm, npmArguments] = npmCommand(node);
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const install = [...npmArguments, 'install', '--ignore-scripts', '--no-save', ...quiet, ...args];
  await context.run(name, npm, install, { ...options, variables: NPM_VARIABLES });
}

/**
 * How to call npm: the very npm that runs us where one does, otherwise the one on PATH.
 * @param {string} node
 * @returns {[string, string[]]} program and first arguments
 */
function npmCommand(node) {
  const running = process.env['npm_execpath'] ?? '';
  const beside = path.join(path.dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js');
  const script = [running, beside].find((file) => path.basename(file) === 'npm-cli.js' && existsSync(file));
  return script === undefined ? ['npm', []] : [node, [script]];
}

/** @returns {Machine} */
function thisMachine() {
  const report = Object(process.report?.getReport());
  const libc = report.header?.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
  return { os: process.platform, cpu: process.arch, libc };
}

/**
 * Compares what npm installed with what it was told to. npm passes over an optional package that it could
 * not fetch, even if it is the one that this machine needs; here that is a problem.
 * @param {unknown} locked content of package-lock.json
 * @param {unknown} installed content of node_modules/.package-lock.json, npm's record of what it did
 * @param {Machine} machine
 * @returns {string[]} one sentence a problem
 */
export function installProblems(locked, installed, machine) {
  /** @type {(lockFile: unknown) => Map<string, Entry>} */
  const packagesOf = (lockFile) => new Map(Object.entries(Object(Object(lockFile).packages)));
  const wanted = packagesOf(locked);
  const found = packagesOf(installed);
  const problems = [];
  for (const [name, entry] of wanted) {
    if (name === '' || found.has(name)) continue;
    if (entry['optional'] !== true || isMadeFor(entry, machine)) problems.push(`${name} is missing`);
  }
  for (const [name, entry] of found) {
    const lock = wanted.get(name);
    if (!lock && entry['optional'] !== true) problems.push(`${name} is not in package-lock.json`);
    if (lock && lock['integrity'] !== entry['integrity']) problems.push(`${name} is another version`);
  }
  return problems;
}

/**
 * @param {Entry} entry
 * @param {Machine} machine
 * @returns {boolean} whether the package says that it is for machines like this one
 */
function isMadeFor(entry, machine) {
  if (!entry['os'] && !entry['cpu']) return false;
  const properties = /** @type {const} */ (['os', 'cpu', 'libc']);
  return properties.every((name) => [entry[name] ?? machine[name]].flat().includes(machine[name]));
}
