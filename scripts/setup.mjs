/**
 * `npm run setup`: makes a fresh clone ready to run, test or build, and says what it does. Steps that are done are skipped.
 *   npm run setup               what `npm start` needs
 *   npm run setup -- --tests    what `npm test` needs
 */
import { realpathSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { offerPackages } from './setup/apt-packages.mjs';
import { offerBalancers } from './setup/balancers.mjs';
import { CHROMIUM, ensureChromium, FIREFOX, FONTS, findBrowser, IP, offerFirefox } from './setup/browsers.mjs';
import { Interrupted, stopChildrenWithUs } from './setup/child-processes.mjs';
import { makeContext, SetupFailure } from './setup/context.mjs';
import { ensureWorker } from './setup/mediasoup-worker.mjs';
import { ensureNode } from './setup/node24.mjs';
import { ensureDependencies } from './setup/npm-dependencies.mjs';
import { arePagesBuilt, ensurePages } from './setup/pages.mjs';
import { offerPostgres } from './setup/postgres.mjs';

const OLDEST_NODE = 18;

/** The TURN server whose documented configuration is tested, and `ip` for the networks around it. */
const TURN_SERVER = [{ name: 'coturn', provides: 'turnserver' }, IP];

/**
 * @typedef {object} Ready
 * @property {string} root the checkout
 * @property {string} node the Node program that runs GLIR
 * @property {NodeJS.ProcessEnv} env ours, with that Node first on PATH, and what was made ready: MEDIASOUP_WORKER_BIN,
 *   GLIR_CHROMIUM, GLIR_HEADLESS_SHELL, GLIR_FIREFOX, GLIR_POSTGRES, GLIR_NGINX, GLIR_HAPROXY and GLIR_CADDY; the same names with _PROBLEM
 *   say why their tests are skipped
 */

/**
 * Always provides Node and the dependencies; the rest as asked for.
 * @param {object} [needs]
 * @param {boolean} [needs.forStart] also the mediasoup worker and the built pages
 * @param {boolean} [needs.forTests] those, and Chromium
 * @param {boolean} [needs.forPeers] the programs of others that tests meet, where they can be had: Firefox, coturn,
 *   PostgreSQL, nginx, HAProxy, Caddy
 * @param {boolean} [needs.forBuild] builds the pages even when nothing has changed
 * @param {boolean} [needs.forDev] the mediasoup worker, and pages that reload themselves
 * @param {NodeJS.WriteStream} [needs.out] where the setup says what it does; stdout otherwise
 * @returns {Promise<Ready>}
 * @throws {SetupFailure} with the next step for the reader
 */
export async function setup(needs = {}) {
  const { forStart, forTests, forPeers, forBuild, forDev, out = process.stdout } = needs;
  const context = makeContext(process.env, out);
  const node = await ensureNode(context);
  const env = withNodeFirst(process.env, node);
  await ensureDependencies(context, node, env, { withoutTools: needsNoTools(needs, context.root) });
  const testPackages = [
    ...(forTests && !findBrowser(CHROMIUM, env) ? [CHROMIUM.package] : []),
    ...(forTests ? FONTS : []),
    ...(forPeers && !findBrowser(FIREFOX, env) ? [FIREFOX.package] : []),
    ...(forPeers ? TURN_SERVER : []),
  ];
  if (forStart || forTests || forDev)
    env['MEDIASOUP_WORKER_BIN'] = await ensureWorker(context, node, env, testPackages);
  if (forStart || forTests || forBuild || forDev) await ensurePages(context, node, env, { always: forBuild, forDev });
  if (forTests) await ensureChromium(context, env, testPackages);
  if (forPeers) await offerFirefox(context, env);
  if (forPeers) await offerPackages(context, TURN_SERVER, 'the tests with a TURN server are skipped');
  if (forPeers) await offerPostgres(context, node, env);
  if (forPeers) await offerBalancers(context, env);
  return { root: context.root, node, env };
}

/**
 * @param {Parameters<typeof setup>[0]} needs
 * @param {string} root
 * @returns {boolean} whether GLIR is to be run and nothing else, with pages that are built
 */
function needsNoTools({ forStart = false, forTests, forPeers, forBuild, forDev } = {}, root) {
  return forStart && ![forTests, forPeers, forBuild, forDev].includes(true) && arePagesBuilt(root);
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} node
 * @returns {NodeJS.ProcessEnv} a copy
 */
export function withNodeFirst(env, node) {
  return { ...env, PATH: [path.dirname(node), env['PATH']].filter(Boolean).join(path.delimiter) };
}

/**
 * Runs a script of this folder from beginning to end: passes signals on, turns a failure into one clear
 * message and an exit code.
 * @param {() => Promise<number>} script returns the exit code
 */
export async function runScript(script) {
  stopChildrenWithUs();
  try {
    if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
      throw new SetupFailure(
        `GLIR's setup needs Node ${OLDEST_NODE} or newer, this is Node ${process.versions.node}.`,
        'Install a newer Node (https://nodejs.org) and run the same command again.',
      );
    }
    process.exitCode = await script();
  } catch (error) {
    if (error instanceof Interrupted) process.exit(error.exitCode);
    if (!(error instanceof SetupFailure)) throw error;
    process.stderr.write(`\nsetup: ${error.message}\nNext: ${error.next}\n`);
    process.exitCode = 1;
  }
}

/**
 * @param {string} url import.meta.url of a script
 * @returns {boolean} whether node was told to run that very script
 */
export function isRunDirectly(url) {
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url);
}

if (isRunDirectly(import.meta.url)) {
  await runScript(async () => {
    const tests = process.argv.includes('--tests');
    const { root } = await setup({ forStart: true, forTests: tests, forPeers: tests });
    process.stdout.write(`setup: ready in ${root}\n`);
    return 0;
  });
}
