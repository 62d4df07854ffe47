import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import path from 'node:path';
import { ensurePackages } from './apt-packages.mjs';
import { readJson, SetupFailure } from './context.mjs';
import { filesIn, hashFiles } from './hash.mjs';

const PROGRAM = process.platform === 'win32' ? 'mediasoup-worker.exe' : 'mediasoup-worker';
const RECIPE = 'mediasoup-config/worker-build';
/** What a worker answers when it is started by anyone but mediasoup; it shows that all its libraries are found. */
const NOT_MY_PARENT = 41;
const PROOF_TIMEOUT_MS = 30_000;
const MEMORY_PER_COMPILER = 2 ** 30;

/** @type {readonly import('./apt-packages.mjs').Package[]} */
const BUILD_PACKAGES = [
  { name: 'g++', provides: 'c++' },
  { name: 'cmake', provides: 'cmake' },
  { name: 'ninja-build', provides: 'ninja' },
  { name: 'pkg-config', provides: 'pkg-config' },
  { name: 'patch', provides: 'patch' },
  { name: 'flatbuffers-compiler', provides: 'flatc' },
  { name: 'libflatbuffers-dev', provides: '' },
  { name: 'libuv1-dev', provides: '' },
  { name: 'libssl-dev', provides: '' },
  { name: 'libsrtp2-dev', provides: '' },
];

/**
 * What making a worker works with.
 * @typedef {object} Job
 * @property {import('./context.mjs').Context} context
 * @property {string} node
 * @property {NodeJS.ProcessEnv} env
 * @property {string} version of mediasoup
 * @property {string} source mediasoup's folder in node_modules
 * @property {readonly import('./apt-packages.mjs').Package[]} later what the same run will install afterwards
 */

/**
 * A mediasoup worker that has carried a message on this machine. Taken from MEDIASOUP_WORKER_BIN or from the cache, or
 * built from the source in its npm package, whose integrity package-lock.json names. The one that mediasoup's authors offer
 * for download is never taken: nothing says what it has to be, and it lacks this project's patches.
 * @param {import('./context.mjs').Context} context
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly import('./apt-packages.mjs').Package[]} [later] what the same run will install afterwards
 * @returns {Promise<string>} path of the program
 */
export async function ensureWorker(context, node, env, later = []) {
  const source = path.join(context.root, 'node_modules', 'mediasoup');
  const job = { context, node, env, source, later, version: mediasoupVersion(source) };

  const given = env['MEDIASOUP_WORKER_BIN'];
  if (given) {
    const program = path.resolve(given);
    if (starts(program)) return await proved(job, program);
    throw new SetupFailure(
      `MEDIASOUP_WORKER_BIN names ${given}, which is not a mediasoup worker that starts on this machine.`,
      'Correct MEDIASOUP_WORKER_BIN, or unset it and let the setup provide one.',
    );
  }

  // One folder for each machine, version and recipe, so that none is taken for another.
  const machine = `${job.version}-${process.platform}-${process.arch}`;
  const mark = recipeMark(path.join(context.root, RECIPE));
  const program = path.join(context.folder('worker'), `${machine}-${mark}`, PROGRAM);
  const cached = async () => (isReady(job, program) ? await proved(job, program) : undefined);
  const make = async () => (await cached()) ?? (await builtHere(job, program));
  return (await cached()) ?? (await context.locked(`worker-${machine}-${mark}`, make));
}

/**
 * Builds the worker from the source in the npm package, by the recipe of this project.
 * @param {Job} job
 * @param {string} program where it is kept
 * @returns {Promise<string>}
 */
async function builtHere(job, program) {
  await ensurePackages(job.context, BUILD_PACKAGES, 'Building the mediasoup worker', job.later);
  // One built earlier may start again now that its libraries are back.
  const doing = 'building the mediasoup worker (about 2 to 4 minutes on 2 cores)';
  await job.context.once(
    'worker-build',
    doing,
    () => isReady(job, program),
    () => build(job, program),
  );
  if (isReady(job, program)) return await proved(job, program);
  throw new SetupFailure(
    `The mediasoup worker was built (${program}) but does not start.`,
    `Run it by hand to see why; ldd ${program} lists the libraries it looks for.`,
  );
}

/**
 * @param {Job} job
 * @param {string} program where the result is kept
 */
async function build({ context, env, source }, program) {
  const recipe = path.join(context.root, RECIPE);
  const builds = context.folder(path.join('worker', 'builds'));
  // Builds that were killed left their folders behind.
  rmSync(builds, { recursive: true, force: true });
  mkdirSync(builds, { recursive: true });
  const folder = mkdtempSync(path.join(builds, 'build-'));
  const copy = path.join(folder, 'source');
  const output = path.join(folder, 'output');
  const jobs = String(compilersAtOnce(availableParallelism(), totalmem()));

  const step = (/** @type {string} */ command, /** @type {readonly string[]} */ args) =>
    context.run('worker-build', command, args, {
      env,
      cwd: folder,
      onLine(line) {
        const progress = buildProgress(line);
        if (progress) context.progress(`building the mediasoup worker: ${progress}`);
      },
      problem: `The mediasoup worker could not be built: ${command} failed`,
      next: 'See the log, or set MEDIASOUP_WORKER_BIN to a worker of the same mediasoup version built elsewhere.',
    });

  try {
    cpSync(path.join(source, 'worker'), copy, { recursive: true });
    for (const patch of readdirSync(recipe).filter((name) => name.endsWith('.patch'))) {
      await step('patch', ['-p1', '--fuzz=0', '-d', copy, '-i', path.join(recipe, patch)]);
    }
    const options = ['-G', 'Ninja', '-DCMAKE_BUILD_TYPE=Release', `-DWORKER_SOURCE=${copy}`];
    await step('cmake', ['-S', recipe, '-B', output, ...options]);
    await step('ninja', ['-C', output, '-j', jobs]);
    keep(path.join(output, 'mediasoup-worker'), program);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} recipe folder
 * @returns {string} changes with everything in the recipe that a compiler sees
 */
export function recipeMark(recipe) {
  const files = filesIn(recipe, ['.']).filter((file) => !file.endsWith('.md'));
  return hashFiles(recipe, files).slice(0, 12);
}

/**
 * @param {number} cores
 * @param {number} memory bytes
 */
export function compilersAtOnce(cores, memory) {
  return Math.max(1, Math.min(cores, Math.floor(memory / MEMORY_PER_COMPILER)));
}

/**
 * @param {string} line of ninja's output
 * @returns {string | undefined} for example `120 of 213 files`
 */
export function buildProgress(line) {
  const [, finished, total] = /^\[(\d+)\/(\d+)\]/.exec(line) ?? [];
  return finished && `${finished} of ${total} files`;
}

/**
 * Puts a worker into a folder of its own in one step, so that nobody ever finds half of one there.
 * @param {string} made
 * @param {string} program
 */
function keep(made, program) {
  const folder = path.dirname(program);
  mkdirSync(path.dirname(folder), { recursive: true });
  const fresh = mkdtempSync(`${folder}.new-`);
  copyFileSync(made, path.join(fresh, PROGRAM));
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
}

/**
 * Whether a worker of ours is in the cache.
 * @param {Job} job
 * @param {string} program
 */
function isReady({ context }, program) {
  return context.has(program) && starts(program);
}

/** @param {string} program */
function starts(program) {
  return existsSync(program) && spawnSync(program, { env: {}, stdio: 'ignore' }).status === NOT_MY_PARENT;
}

/**
 * One message through the worker, once for each binary.
 * @param {Job} job
 * @param {string} program
 * @returns {Promise<string>} the program
 * @throws {SetupFailure} when the message does not arrive
 */
async function proved({ context, node, env, version }, program) {
  const proofs = context.folder(path.join('worker', 'proved'));
  const proof = path.join(proofs, `${version}-${hashFiles(path.dirname(program), [path.basename(program)])}`);
  const doing = 'proving the mediasoup worker with one message';
  await context.once(
    'worker-proof',
    doing,
    () => context.has(proof),
    async () => {
      await context.run('worker-proof', node, ['scripts/setup/mediasoup-worker-proof.mjs', program], {
        env,
        cwd: context.root,
        timeoutMs: PROOF_TIMEOUT_MS,
        problem: `The mediasoup worker ${program} did not carry a message`,
        next: `See the log; to have the worker made anew, delete ${path.dirname(program)} and run the same command again.`,
      });
      writeFileSync(proof, `${program}\n`);
    },
  );
  return program;
}

/** @param {string} source mediasoup's folder */
function mediasoupVersion(source) {
  const version = readJson(path.join(source, 'package.json'))?.['version'];
  if (typeof version === 'string') return version;
  throw new SetupFailure(
    'The mediasoup package is not in node_modules.',
    'Delete the node_modules folder and run the same command again.',
  );
}
