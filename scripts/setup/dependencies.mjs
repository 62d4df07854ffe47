import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runTool, startLog } from './children.mjs';
import { hashFiles, readStamp } from './hash.mjs';
import { installProblems, thisMachine } from './installed.mjs';
import { npmCommand } from './npm.mjs';
import { readJson } from './place.mjs';

const PROBLEMS_SHOWN = 5;

/**
 * Installs exactly what package-lock.json names. Install scripts of dependencies stay off.
 * @param {import('./place.mjs').Place} place
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env with that Node first on PATH
 */
export async function ensureDependencies(place, node, env) {
  const stamp = path.join(place.root, 'node_modules', '.glir-installed');
  const wanted = installedMark(place.root, process.platform, process.arch);
  if (readStamp(stamp) === wanted) return;
  await place.lockedHere('dependencies', async () => {
    if (readStamp(stamp) === wanted) return;
    await place.report.timed('installing dependencies', () => install(place, node, env, stamp));
    writeFileSync(stamp, `${wanted}\n`);
  });
}

/**
 * @param {string} root
 * @param {string} platform
 * @param {string} arch
 * @returns {string} changes whenever the installed dependencies have to
 */
function installedMark(root, platform, arch) {
  return `${platform}-${arch} ${hashFiles(root, ['package-lock.json', '.npmrc'])}`;
}

/**
 * @param {import('./place.mjs').Place} place
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @param {string} stamp of the last installation
 */
async function install(place, node, env, stamp) {
  rmSync(stamp, { force: true });
  const log = startLog(place.logFile('dependencies'));
  const [npm, npmArguments] = npmCommand(node);
  // Not `npm ci`: npm 11 refuses a lock file without the packages for other systems, and a registry mirror
  // that does not carry those cannot give a better one (npm/cli#9846). `--no-save` keeps to the lock file and
  // leaves it alone; that the result is what it names is checked below. Dev and optional packages are asked
  // for, as the caller's own npm settings may leave them out.
  const options = ['--no-save', '--ignore-scripts', '--include=dev', '--include=optional'];
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const { ok, problem } = await runTool(npm, [...npmArguments, 'install', ...options, ...quiet], {
    log,
    env,
    cwd: place.root,
  });
  if (!ok) {
    throw place.failureWithLog(
      `The dependencies could not be installed (${problem}).`,
      'Check that npm reaches its registry (npm ping) and run the same command again.',
      log,
    );
  }
  const locked = readJson(path.join(place.root, 'package-lock.json'));
  const installed = readJson(path.join(place.root, 'node_modules', '.package-lock.json'));
  const problems = installProblems(locked, installed, thisMachine());
  if (problems.length > 0) {
    writeFileSync(log, `${problems.join('\n')}\n`);
    throw place.failureWithLog(
      `npm did not install what package-lock.json names: ${problems.slice(0, PROBLEMS_SHOWN).join('; ')}.`,
      'Delete the node_modules folder and run the same command again; after a change to package.json, run npm install.',
      log,
    );
  }
  rmSync(log, { force: true });
}
