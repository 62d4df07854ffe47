import { spawn } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { Interrupted } from './failure.mjs';

const STOPPING_SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
const GRACE_MS = 15_000;
const PARENT_CHECK_MS = 500;

/** Each child still running, with the way to pass a signal on to it. @type {Set<(signal: NodeJS.Signals) => void>} */
const running = new Set();
/** @type {NodeJS.Signals | undefined} */
let stoppedBy;

/**
 * From now on SIGINT, SIGTERM and SIGHUP go to the children, and this process ends when they have.
 * Children that do not end within 15 seconds are killed. When npm, which started us, is killed, its
 * signal never arrives here; its disappearance is taken as SIGTERM.
 */
export function stopChildrenWithUs() {
  for (const signal of STOPPING_SIGNALS) process.on(signal, () => stopAll(signal));
  const startedByOurNpmScript = /^node scripts\/[\w-]+\.mjs\b/.test(process.env['npm_lifecycle_script'] ?? '');
  if (!startedByOurNpmScript) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    stopAll('SIGTERM');
  }, PARENT_CHECK_MS);
  watch.unref();
}

/** @param {NodeJS.Signals} signal */
function stopAll(signal) {
  if (running.size === 0) process.exit(exitCodeOf(signal));
  if (!stoppedBy) setTimeout(() => passOn('SIGKILL'), GRACE_MS).unref();
  stoppedBy = signal;
  // A closed terminal is a request to stop like any other, but few programs are ready for it.
  passOn(signal === 'SIGHUP' ? 'SIGTERM' : signal);
}

/** @param {NodeJS.Signals} signal */
function passOn(signal) {
  for (const stop of running) stop(signal);
}

/** @param {NodeJS.Signals} signal */
export function exitCodeOf(signal) {
  return 128 + constants.signals[signal];
}

/**
 * Runs a tool without a terminal, its output going to a log file.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} options
 * @param {string} options.log file that receives stdout and stderr
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {string} [options.cwd]
 * @param {number} [options.timeoutMs] then the tool and what it started are killed
 * @param {(line: string) => void} [options.onLine]
 * @returns {Promise<{ok: boolean, timedOut: boolean, problem: string}>} `problem` is empty when ok
 * @throws {Interrupted} when this process was told to stop meanwhile
 */
export async function runTool(command, args, { log, env, cwd, timeoutMs, onLine }) {
  appendFileSync(log, `$ ${[command, ...args].join(' ')}\n`);
  const child = spawn(command, args, {
    cwd,
    env,
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const stop = (/** @type {NodeJS.Signals} */ signal) => signalGroup(child, signal);
  running.add(stop);
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      appendFileSync(log, `${line}\n`);
      onLine?.(line);
    });
  }
  let timedOut = false;
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          stop('SIGKILL');
        }, timeoutMs);
  const problem = await ending(child);
  clearTimeout(timer);
  running.delete(stop);
  if (stoppedBy) throw new Interrupted(stoppedBy);
  return {
    ok: problem === '',
    timedOut,
    problem: timedOut ? `no answer within ${(timeoutMs ?? 0) / 1000} s` : problem,
  };
}

/**
 * Runs a program whose output is the point: it shares our stdout and stderr, signals are passed on to it.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} options
 * @param {NodeJS.ProcessEnv} options.env
 * @param {string} options.cwd
 * @param {boolean} [options.tellOnLoss] open an IPC channel, whose closing tells the child that we are gone
 * @param {boolean} [options.wholeGroup] signals go to everything the child started, not to the child alone
 * @returns {Promise<number>} its exit code; 128 + n for a child ended by signal n; 127 when it could not start
 */
export async function runForeground(command, args, { env, cwd, tellOnLoss = false, wholeGroup = false }) {
  const child = spawn(command, args, {
    cwd,
    env,
    // Of a group of its own, so that Ctrl-C reaches it once, through us, and not twice.
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'inherit', 'inherit', ...(tellOnLoss ? [/** @type {const} */ ('ipc')] : [])],
    windowsHide: true,
  });
  const stop = (/** @type {NodeJS.Signals} */ signal) => {
    if (wholeGroup) signalGroup(child, signal);
    else child.kill(signal);
  };
  running.add(stop);
  const problem = await ending(child);
  running.delete(stop);
  if (child.exitCode !== null) return child.exitCode;
  if (child.signalCode !== null) return exitCodeOf(child.signalCode);
  process.stderr.write(`${command}: ${problem}\n`);
  return 127;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<string>} what went wrong, or an empty string
 */
function ending(child) {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) =>
      resolve(code === 0 ? '' : signal ? `ended by ${signal}` : `exit code ${code}`),
    );
  });
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function signalGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, signal);
  } catch {
    // The group has ended already.
  }
}

/**
 * Starts a log file for a step.
 * @param {string} file
 */
export function startLog(file) {
  writeFileSync(file, '');
  return file;
}
