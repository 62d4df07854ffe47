import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { runTool, startLog } from './children.mjs';
import { SetupFailure } from './failure.mjs';

/**
 * @typedef {{isDebian: boolean, isRoot: boolean}} System
 * @typedef {{name: string, provides: string}} Package a Debian package; `provides` is a command or a file that
 *   shows on other systems that the same thing is there, or an empty string where nothing does
 */

/** @returns {System} */
export function thisSystem() {
  return {
    isDebian: isDebianFamily(readOsRelease()) && onPath('apt-get', process.env) !== undefined,
    isRoot: process.getuid?.() === 0,
  };
}

/** @param {string} osRelease content of /etc/os-release */
export function isDebianFamily(osRelease) {
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(osRelease);
}

/**
 * Makes sure of system packages: installs them where we may, otherwise says how to.
 * @param {import('./place.mjs').Place} place
 * @param {readonly Package[]} packages
 * @param {string} purpose completes "... needs", for example `Building the mediasoup worker`
 */
export async function ensurePackages(place, packages, purpose) {
  const system = thisSystem();
  if (missingOf(packages, system).length === 0) return;
  if (!system.isDebian || !system.isRoot) throw refusal(missingOf(packages, system), purpose, system);
  await place.locked('apt', async () => {
    const missing = missingOf(packages, system);
    if (missing.length === 0) return;
    await place.report.timed(`installing Debian packages (${missing.join(' ')})`, () => aptInstall(place, missing));
  });
}

/**
 * @param {readonly string[]} missing names
 * @param {string} purpose
 * @param {System} system
 */
export function refusal(missing, purpose, system) {
  const list = missing.join(' ');
  if (system.isDebian) {
    return new SetupFailure(
      `${purpose} needs system packages that are missing: ${list}.`,
      `Run: ${aptCommand(missing)}`,
    );
  }
  return new SetupFailure(
    `${purpose} needs programs and libraries that are missing here; Debian calls them: ${list}.`,
    'Install what your system calls them, and run the same command again.',
  );
}

/** @param {readonly string[]} names */
export function aptCommand(names) {
  return `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${names.join(' ')}`;
}

/**
 * @param {readonly Package[]} packages
 * @param {System} system
 * @returns {string[]} names of those that are not there
 */
export function missingOf(packages, system) {
  if (!system.isDebian) {
    return packages.filter(({ provides }) => provides !== '' && !onPath(provides, process.env)).map(({ name }) => name);
  }
  const names = packages.map(({ name }) => name);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: these placeholders are dpkg's
  const query = spawnSync('dpkg-query', ['-W', '-f=${Package} ${db:Status-Status}\n', ...names], { encoding: 'utf8' });
  return missingIn(names, query.stdout ?? '');
}

/**
 * @param {readonly string[]} names
 * @param {string} listing lines of `package status`
 */
export function missingIn(names, listing) {
  const installed = new Set(listing.split('\n'));
  return names.filter((name) => !installed.has(`${name} installed`));
}

/**
 * @param {import('./place.mjs').Place} place
 * @param {readonly string[]} names
 */
async function aptInstall(place, names) {
  const log = startLog(place.logFile('packages'));
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const patience = ['-o', 'DPkg::Lock::Timeout=300'];
  const install = () =>
    runTool('apt-get', [...patience, 'install', '-y', '--no-install-recommends', ...names], { log, env });
  // The package lists of a fresh machine are empty, those of an old one out of date: renew them when it matters.
  let result = await install();
  if (!result.ok) {
    await runTool('apt-get', [...patience, 'update'], { log, env });
    result = await install();
  }
  if (!result.ok) {
    throw place.failureWithLog(
      `apt-get could not install ${names.join(' ')} (${result.problem}).`,
      `Solve what apt-get says, then run: ${aptCommand(names)}`,
      log,
    );
  }
  rmSync(log, { force: true });
}

/**
 * @param {string} command name, or an absolute path
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined} its path when it can be run
 */
export function onPath(command, env) {
  const folders = path.isAbsolute(command) ? [''] : (env['PATH'] ?? '').split(path.delimiter).filter(Boolean);
  return folders.map((folder) => path.join(folder, command)).find(isRunnable);
}

/** @param {string} file */
function isRunnable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function readOsRelease() {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}
