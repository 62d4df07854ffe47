import { spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { toolEnvironment } from './child-environment.mjs';
import { readText, SetupFailure } from './context.mjs';

/**
 * @typedef {{isDebian: boolean, isRoot: boolean}} System
 * @typedef {{name: string, provides: string}} Package a Debian package; `provides` is a command that shows on other
 *   systems that the same thing is there, or an empty string where nothing does
 */

// Another apt-get may be at work, on a fresh machine the one that applies updates.
const WAIT_FOR_LOCK = ['-o', 'DPkg::Lock::Timeout=300'];
let listsAreFresh = false;

/** @returns {System} */
function thisSystem() {
  return {
    isDebian: isDebianFamily(readText('/etc/os-release')) && onPath('apt-get', process.env) !== undefined,
    isRoot: process.getuid?.() === 0,
  };
}

/** @param {string} osRelease content of /etc/os-release */
export function isDebianFamily(osRelease) {
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(osRelease);
}

/**
 * Installs those packages that are missing.
 * @param {import('./context.mjs').Context} context
 * @param {readonly Package[]} packages
 * @param {string} purpose completes "... needs", for example `Building the mediasoup worker`
 * @param {readonly Package[]} [later] what the same run will want afterwards, so that a refusal names everything at once
 * @throws {SetupFailure} where we may not install, with the command that does it
 */
export async function ensurePackages(context, packages, purpose, later = []) {
  const system = thisSystem();
  const missing = missingOf(packages, system);
  if (missing.length === 0) return;
  if (system.isDebian && system.isRoot) return await installPackages(context, missing);
  throw refusal(missing, purpose, system, missingOf(later, system));
}

/**
 * Installs those packages that are missing, where we may; otherwise says what will be left out and how to get it.
 * @param {import('./context.mjs').Context} context
 * @param {readonly Package[]} packages
 * @param {string} without for example `the tests in Firefox are skipped`
 */
export async function offerPackages(context, packages, without) {
  const system = thisSystem();
  const missing = missingOf(packages, system);
  if (missing.length === 0) return;
  if (!system.isDebian) context.notice(`${without}; they need what Debian calls ${missing.join(' and ')}`);
  else if (!system.isRoot) context.notice(`${without}; to have them: ${aptCommand(missing)}`);
  else await installOrSay(context, missing, without);
}

/**
 * Brings a package up to date where we may. A failure is a notice.
 * @param {import('./context.mjs').Context} context
 * @param {string} name
 * @returns {Promise<string | undefined>} the command for a user who may not do it here; undefined otherwise
 */
export async function upgradePackage(context, name) {
  const system = thisSystem();
  if (!system.isDebian || missingOf([{ name, provides: '' }], system).length > 0) return undefined;
  if (!system.isRoot) return aptCommand([name]);
  await installOrSay(context, [name], `${name} stays as it is`);
  return undefined;
}

/**
 * @param {readonly string[]} missing names
 * @param {string} purpose
 * @param {System} system
 * @param {readonly string[]} [later] names of what the same run will want afterwards
 */
export function refusal(missing, purpose, system, later = []) {
  const more = later.filter((name) => !missing.includes(name));
  const wanted = more.length > 0 ? ` Later it will want ${more.join(' ')}.` : '';
  if (system.isDebian) {
    return new SetupFailure(
      `${purpose} needs system packages that are missing: ${missing.join(' ')}.${wanted}`,
      `Run: ${aptCommand([...missing, ...more])}`,
    );
  }
  return new SetupFailure(
    `${purpose} needs programs and libraries that are missing here; Debian calls them: ${missing.join(' ')}.${wanted}`,
    'Install what your system calls them, and run the same command again.',
  );
}

/** @param {readonly string[]} names */
function aptCommand(names) {
  return `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${names.join(' ')}`;
}

/**
 * @param {readonly Package[]} packages
 * @param {System} system
 * @returns {string[]} names of those that are not there
 */
function missingOf(packages, { isDebian }) {
  const names = packages.map(({ name }) => name);
  if (!isDebian) {
    return packages.filter(({ provides }) => provides !== '' && !onPath(provides, process.env)).map(({ name }) => name);
  }
  if (names.length === 0) return [];
  // dpkg fills in what stands in braces.
  const format = '-f=$' + '{Package} $' + '{db:Status-Status}\n';
  return missingIn(
    names,
    spawnSync('dpkg-query', ['-W', format, ...names], { encoding: 'utf8', env: toolEnvironment(process.env) }).stdout ??
      '',
  );
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
 * @param {import('./context.mjs').Context} context
 * @param {readonly string[]} names
 * @param {string} without
 */
async function installOrSay(context, names, without) {
  try {
    await installPackages(context, names);
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    context.notice(`${without}: ${error.message.split('\n', 1)[0]}`);
  }
}

/**
 * Installs packages, or upgrades them, from fresh lists: those of a new machine are empty, or so old that they lead to
 * old browsers.
 * @param {import('./context.mjs').Context} context
 * @param {readonly string[]} names
 */
export async function installPackages(context, names) {
  const list = names.join(' ');
  await context.once(
    'apt',
    `installing Debian packages (${list})`,
    () => false,
    async () => {
      await refreshLists(context);
      const install = ['install', '-y', '--no-install-recommends', ...names];
      await context.run('packages', 'apt-get', [...WAIT_FOR_LOCK, ...install], {
        env: aptEnv(),
        problem: `apt-get could not install ${list}`,
        next: `Solve what apt-get says, then run: ${aptCommand(names)}`,
      });
    },
  );
}

/**
 * Unpacks a package, with what it needs and is not installed, into a folder. Nothing is installed, and none of the packages'
 * scripts runs, so that no service is started. Needs no root.
 * @param {import('./context.mjs').Context} context
 * @param {string} name
 * @param {string} folder that is there
 * @throws {SetupFailure} when it cannot be had
 */
export async function unpackPackage(context, name, folder) {
  const system = thisSystem();
  if (!system.isDebian) throw new SetupFailure(`what Debian calls ${name} is missing`, '');
  if (system.isRoot) await refreshLists(context);
  const step = { env: aptEnv(), cwd: folder, problem: `Debian's ${name} could not be unpacked`, next: '' };
  /** @type {string[]} */
  const names = [];
  const simulated = ['-s', '--no-install-recommends', 'install', name];
  await context.run('unpack', 'apt-get', simulated, { ...step, onLine: (line) => names.push(...installedBy(line)) });
  await context.run('unpack', 'apt-get', ['download', ...names], step);
  for (const file of readdirSync(folder).filter((each) => each.endsWith('.deb'))) {
    await context.run('unpack', 'dpkg', ['-x', file, '.'], step);
    rmSync(path.join(folder, file));
  }
}

/**
 * @param {string} line of what a simulated `apt-get install` says
 * @returns {string[]} the package that it would unpack, if the line names one
 */
export function installedBy(line) {
  const [, name] = /^Inst (\S+) /.exec(line) ?? [];
  return name === undefined ? [] : [name];
}

/**
 * At most once in a run. Without a network, what the old lists name may still be had.
 * @param {import('./context.mjs').Context} context
 */
async function refreshLists(context) {
  if (listsAreFresh) return;
  listsAreFresh = true;
  // Without this option a list that cannot be reached is no error.
  const args = [...WAIT_FOR_LOCK, '-o', 'APT::Update::Error-Mode=any', '-o', 'Acquire::http::Timeout=20', 'update'];
  try {
    await context.run('package-lists', 'apt-get', args, { env: aptEnv(), problem: 'apt-get update failed', next: '' });
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    context.notice('the package lists could not be refreshed (apt-get update), so packages may be old');
  }
}

function aptEnv() {
  return { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
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
