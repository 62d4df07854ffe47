import { createHash } from 'node:crypto';
import { readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { toolEnvironment } from './child-environment.mjs';
import { runTool } from './child-processes.mjs';
import { withLock } from './lock.mjs';
import { isTrusted, ownFolder, Untrusted } from './trusted-paths.mjs';

const LOG_LINES_SHOWN = 30;
const ANNOUNCE_AFTER_MS = 2_000;

/** The checkout these scripts belong to. */
export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** A step that could not be done, with what the reader should do next. Shown without a stack trace. */
export class SetupFailure extends Error {
  /**
   * @param {string} problem one sentence: what went wrong
   * @param {string} next one sentence or command: what to do now
   */
  constructor(problem, next) {
    super(problem);
    this.name = 'SetupFailure';
    this.next = next;
  }
}

/**
 * What every step of the setup works with: the checkout, the cache outside of it, locks, logs, and lines of progress on
 * the given stream.
 * @typedef {ReturnType<typeof makeContext>} Context
 * @param {NodeJS.ProcessEnv} env
 * @param {NodeJS.WriteStream} out
 * @throws {SetupFailure} when the cache folder cannot be made
 */
export function makeContext(env, out) {
  const wanted = cacheFolder(env, homedir());
  // What is made from here on is nobody else's to change.
  process.umask(process.umask() | 0o022);
  let cache = wanted;
  let [locks, logs] = ['', ''];
  try {
    ownFolder(wanted);
    // A link on the way there may lead elsewhere later.
    cache = realpathSync(wanted);
    [locks, logs] = [path.join(cache, 'locks'), path.join(cache, 'logs')];
    for (const folder of [cache, locks, logs]) ownFolder(folder);
  } catch (error) {
    if (error instanceof Untrusted) throw distrust(error);
    throw new SetupFailure(
      `The cache folder ${wanted} cannot be made (${error instanceof Error ? error.message : error}).`,
      'Set GLIR_CACHE_DIR to a folder that you may write to, outside of the checkout.',
    );
  }

  /**
   * Prints one line.
   * @param {string} text
   */
  function notice(text) {
    out.write(`${out.isTTY ? '\r\x1b[K' : ''}setup: ${text}\n`);
  }

  /**
   * Shows how far a step is; on a terminal only, where the next line overwrites it.
   * @param {string} text
   */
  function progress(text) {
    if (out.isTTY) out.write(`\r\x1b[Ksetup: ${text}`);
  }

  /**
   * Keeps other setups that share this cache from doing the same.
   * @template T
   * @param {string} name of the lock
   * @param {() => Promise<T>} work
   */
  function locked(name, work) {
    const onWait = () => notice(`waiting for another setup that is busy with the same step (${name})`);
    return withLock(path.join(locks, name), onWait, work);
  }

  return {
    root: ROOT,
    cache,
    locks,
    notice,
    progress,
    locked,

    /**
     * A folder in the cache, made where it is missing.
     * @param {string} name
     * @returns {string} its path
     * @throws {SetupFailure} when somebody else could have made it, or could change what is in it
     */
    folder(name) {
      const folder = path.join(cache, name);
      return trusting(() => {
        ownFolder(folder);
        return folder;
      });
    },

    /**
     * Whether a file is in the cache.
     * @param {string} file absolute
     * @throws {SetupFailure} when somebody else could have put it there, or could change it
     */
    has: (file) => trusting(() => isTrusted(cache, file)),

    /**
     * Does a step unless it is done. Two setups at once take turns, and the second one finds it done.
     * @param {string} name of the lock
     * @param {string} doing for example `installing dependencies`
     * @param {() => boolean} isDone
     * @param {() => Promise<void>} work
     */
    async once(name, doing, isDone, work) {
      if (isDone()) return;
      await locked(name, async () => {
        if (isDone()) return;
        const startedAt = performance.now();
        progress(`${doing} ...`);
        const announcement = out.isTTY ? undefined : setTimeout(() => notice(`${doing} ...`), ANNOUNCE_AFTER_MS);
        try {
          await work();
        } finally {
          clearTimeout(announcement);
        }
        notice(`${doing}: done in ${duration(performance.now() - startedAt)}`);
      });
    },

    /**
     * Runs a tool. Its output goes to a log file, which is kept and quoted when the tool fails.
     * @param {string} name of the log file
     * @param {string} command
     * @param {readonly string[]} args
     * @param {object} options
     * @param {string} options.problem one sentence without its full stop, for the failure
     * @param {string} options.next what to do then
     * @param {NodeJS.ProcessEnv} [options.env] of which it gets what tools need
     * @param {RegExp} [options.variables] names of what else it gets of that
     * @param {string} [options.cwd]
     * @param {number} [options.timeoutMs]
     * @param {(line: string) => void} [options.onLine]
     * @throws {SetupFailure}
     */
    async run(name, command, args, { problem, next, variables, ...options }) {
      const log = path.join(logs, `${name}-${process.pid}.log`);
      const lines = [`$ ${[command, ...args].join(' ')}`];
      writeFileSync(log, `${lines[0]}\n`);
      const failure = await runTool(command, args, {
        ...options,
        env: toolEnvironment(options.env ?? env, variables),
        onLine(line) {
          lines.push(line);
          writeFileSync(log, `${line}\n`, { flag: 'a' });
          options.onLine?.(line);
        },
      });
      if (failure === undefined) return rmSync(log, { force: true });
      const end = lines.slice(-LOG_LINES_SHOWN).map((line) => `\n  | ${line}`);
      throw new SetupFailure(
        `${problem} (${failure}).\nThe end of its log, which is kept in ${log}:${end.join('')}`,
        next,
      );
    },
  };
}

/**
 * @template T
 * @param {() => T} work
 * @returns {T}
 * @throws {SetupFailure} in place of Untrusted
 */
function trusting(work) {
  try {
    return work();
  } catch (error) {
    throw error instanceof Untrusted ? distrust(error) : error;
  }
}

/** @param {Untrusted} error */
function distrust({ message }) {
  return new SetupFailure(
    `The setup does not trust its cache: ${message}, so somebody else could have put something there.`,
    'Delete it, or set GLIR_CACHE_DIR to a folder that only you may write to, and run the same command again.',
  );
}

/**
 * @param {string} name of a lock
 * @returns {string} another name in each checkout, for a step whose result lies in the checkout
 */
export function inThisCheckout(name) {
  return `${name}-${createHash('sha256').update(ROOT).digest('hex').slice(0, 12)}`;
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
 * @param {number} ms
 * @returns {string} for example `0.4 s`, `12 s`, `3 min 35 s`
 */
export function duration(ms) {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/**
 * @param {string} file
 * @returns {string} its text without surrounding space; empty when there is no such file
 */
export function readText(file) {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

/**
 * @param {string} file
 * @returns {Record<string, unknown> | undefined} undefined when there is no such file, or it is no JSON object
 */
export function readJson(file) {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
