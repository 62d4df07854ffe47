/**
 * Makes a fresh clone ready to run, test or build, and says what it does. Steps that are done are skipped.
 *   node scripts/setup.mjs            what `npm start` needs
 *   node scripts/setup.mjs --tests    what `npm test` needs
 */
import { realpathSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { ensureBrowser } from './setup/browser.mjs';
import { exitCodeOf, stopChildrenWithUs } from './setup/children.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { Interrupted, SetupFailure } from './setup/failure.mjs';
import { ensureFirefox } from './setup/firefox.mjs';
import { ensureNode } from './setup/node24.mjs';
import { ensurePages } from './setup/pages.mjs';
import { makePlace, ROOT } from './setup/place.mjs';
import { makeReport } from './setup/report.mjs';
import { ensureTurnServer } from './setup/turn-server.mjs';
import { ensureWorker } from './setup/worker.mjs';

const OLDEST_NODE = 20;

/**
 * @typedef {object} Ready
 * @property {string} root the checkout
 * @property {string} node the Node program that runs GLIR
 * @property {NodeJS.ProcessEnv} env ours, with that Node first on PATH, and MEDIASOUP_WORKER_BIN,
 *   GLIR_CHROMIUM and GLIR_FIREFOX set where they were made ready
 */

/**
 * Always provides Node and the dependencies; the rest as asked for.
 * @param {object} [needs]
 * @param {boolean} [needs.forStart] also the mediasoup worker and the built pages
 * @param {boolean} [needs.forTests] those, and Chromium
 * @param {boolean} [needs.forPeers] the programs of others that tests meet, where they can be had: Firefox, coturn
 * @param {boolean} [needs.forBuild] builds the pages even when nothing has changed
 * @param {NodeJS.WriteStream} [needs.out] where the setup says what it does; stdout otherwise
 * @returns {Promise<Ready>}
 * @throws {SetupFailure} with the next step for the reader
 */
export async function setup(needs = {}) {
  const { forStart = false, forTests = false, forPeers = false, forBuild = false, out = process.stdout } = needs;
  const report = makeReport(out);
  const place = makePlace(report, process.env);
  try {
    const node = await ensureNode(place);
    const env = withNodeFirst(process.env, node);
    await ensureDependencies(place, node, env);
    if (forStart || forTests) env['MEDIASOUP_WORKER_BIN'] = await ensureWorker(place, node, env);
    if (forStart || forTests || forBuild) await ensurePages(place, node, env, { always: forBuild });
    if (forTests) env['GLIR_CHROMIUM'] = await ensureBrowser(place, env);
    const firefox = forPeers ? await ensureFirefox(place, env) : undefined;
    if (firefox) env['GLIR_FIREFOX'] = firefox;
    if (forPeers) await ensureTurnServer(place);
    return { root: place.root, node, env };
  } finally {
    report.clearProgress();
  }
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
    if (error instanceof Interrupted) process.exit(exitCodeOf(error.signal));
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
    await setup({ forStart: true, forTests: tests, forPeers: tests });
    process.stdout.write(`setup: ready in ${ROOT}\n`);
    return 0;
  });
}
