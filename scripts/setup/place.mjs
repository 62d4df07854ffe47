import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetupFailure } from './failure.mjs';
import { withLock } from './lock.mjs';

const LOG_LINES_SHOWN = 30;

/** The checkout these scripts belong to. */
export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/**
 * Where the setup works and what it keeps: the checkout, the cache outside of it, locks and logs.
 * @typedef {ReturnType<typeof makePlace>} Place
 * @param {import('./report.mjs').Report} report
 * @param {NodeJS.ProcessEnv} env
 */
export function makePlace(report, env) {
  const cache = cacheFolder(env, homedir());
  const locks = path.join(cache, 'locks');
  const logs = path.join(cache, 'logs');
  try {
    for (const folder of [locks, logs]) mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new SetupFailure(
      `The cache folder ${cache} cannot be made (${error instanceof Error ? error.message : error}).`,
      'Set GLIR_CACHE_DIR to a folder that you may write to, outside of the checkout.',
    );
  }
  const checkout = createHash('sha256').update(ROOT).digest('hex').slice(0, 12);

  return {
    root: ROOT,
    cache,
    report,

    /** @param {string} step */
    logFile: (step) => path.join(logs, `${step}-${process.pid}.log`),

    /**
     * Keeps other setups that share this cache from doing the same.
     * @template T
     * @param {string} step
     * @param {() => Promise<T>} work
     */
    locked: (step, work) =>
      withLock(
        path.join(locks, step),
        () => report.line(`waiting for another setup that is busy with the same step (${step})`),
        work,
      ),

    /**
     * Keeps other setups in this checkout from doing the same.
     * @template T
     * @param {string} step
     * @param {() => Promise<T>} work
     */
    lockedHere(step, work) {
      return this.locked(`${step}-${checkout}`, work);
    },

    /**
     * @param {string} problem
     * @param {string} next
     * @param {string} log
     */
    failureWithLog(problem, next, log) {
      const tail = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN);
      return new SetupFailure(
        `${problem}\nThe end of its log, which is kept in ${log}:\n${tail.map((text) => `  | ${text}`).join('\n')}`,
        next,
      );
    },
  };
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} home
 * @returns {string} absolute path
 */
export function cacheFolder(env, home) {
  const own = env['GLIR_CACHE_DIR'];
  if (own) return path.resolve(own);
  return path.join(env['XDG_CACHE_HOME'] || path.join(home, '.cache'), 'glir');
}

/**
 * @param {string} file
 * @returns {Record<string, unknown> | undefined} undefined when it is not there or is no JSON object
 */
export function readJson(file) {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
