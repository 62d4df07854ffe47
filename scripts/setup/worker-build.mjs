import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import path from 'node:path';
import { runTool, startLog } from './children.mjs';
import { ensurePackages } from './packages.mjs';

/** @type {readonly import('./packages.mjs').Package[]} */
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
const MEMORY_PER_COMPILER = 2 ** 30;
const ABANDONED_AFTER_MS = 3_600_000;

/** @param {import('./place.mjs').Place} place */
export function ensureBuildPackages(place) {
  return ensurePackages(place, BUILD_PACKAGES, 'Building the mediasoup worker');
}

/**
 * Builds a mediasoup worker from the source in the npm package, by the recipe of this project.
 * @param {import('./place.mjs').Place} place
 * @param {NodeJS.ProcessEnv} env
 * @param {object} job
 * @param {string} job.source mediasoup's worker folder; it is copied, never changed
 * @param {string} job.recipe folder with CMakeLists.txt and patches
 * @param {(program: string) => void} job.done takes the finished program out of the build folder
 */
export async function buildWorker(place, env, { source, recipe, done }) {
  const builds = path.join(place.cache, 'worker', 'builds');
  mkdirSync(builds, { recursive: true });
  removeAbandoned(builds);
  const folder = mkdtempSync(path.join(builds, 'build-'));
  const log = startLog(place.logFile('worker-build'));
  const copy = path.join(folder, 'source');
  const output = path.join(folder, 'output');

  /**
   * @param {string} command
   * @param {readonly string[]} args
   * @param {(line: string) => void} [onLine]
   */
  async function step(command, args, onLine) {
    const { ok, problem } = await runTool(command, args, { log, env, cwd: folder, ...(onLine && { onLine }) });
    if (ok) return;
    throw place.failureWithLog(
      `The mediasoup worker could not be built: ${command}: ${problem}.`,
      'See the log, or set MEDIASOUP_WORKER_BIN to a worker of the same mediasoup version built elsewhere.',
      log,
    );
  }

  try {
    await place.report.timed('building the mediasoup worker (about 2 to 4 minutes on 2 cores)', async () => {
      cpSync(source, copy, { recursive: true });
      for (const patch of readdirSync(recipe).filter((name) => name.endsWith('.patch'))) {
        await step('patch', ['-p1', '--fuzz=0', '-d', copy, '-i', path.join(recipe, patch)]);
      }
      await step('cmake', [
        '-S',
        recipe,
        '-B',
        output,
        '-G',
        'Ninja',
        '-DCMAKE_BUILD_TYPE=Release',
        `-DWORKER_SOURCE=${copy}`,
      ]);
      await step('ninja', ['-C', output, '-j', String(compilersAtOnce(availableParallelism(), totalmem()))], (line) => {
        const progress = buildProgress(line);
        if (progress) place.report.progress(`building the mediasoup worker: ${progress}`);
      });
      done(path.join(output, 'mediasoup-worker'));
    });
    rmSync(log, { force: true });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
 * Builds that were killed leave their folder behind.
 * @param {string} builds
 */
function removeAbandoned(builds) {
  for (const name of readdirSync(builds)) {
    const folder = path.join(builds, name);
    const changedAt = statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
    if (changedAt !== undefined && Date.now() - changedAt > ABANDONED_AFTER_MS) {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
