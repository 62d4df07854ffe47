import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';

const STOPPING_SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
const GRACE_MS = 15_000;
const PARENT_CHECK_MS = 500;
const WINDOWS = process.platform === 'win32';

/** Loaded into a program that has an IPC channel to us: when we vanish, the channel closes and the program stops. */
const STOP_WITH_PARENT =
  "process.once('disconnect', () => process.kill(process.pid, 'SIGTERM')); process.channel.unref();";

/** Someone asked us to stop (Ctrl-C, a closed terminal, a service manager). */
export class Interrupted extends Error {
  /** @param {NodeJS.Signals} signal */
  constructor(signal) {
    super(`stopped by ${signal}`);
    this.name = 'Interrupted';
    this.exitCode = exitCodeOf(signal);
  }
}

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

/** Whether this process was told to stop, and is waiting for its children. */
export function isStopping() {
  return stoppedBy !== undefined;
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
function exitCodeOf(signal) {
  return 128 + constants.signals[signal];
}

/**
 * Runs a tool without a terminal. Signals, and its time limit, end it and whatever it started.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} options
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {string} [options.cwd]
 * @param {number} [options.timeoutMs] then it is killed
 * @param {(line: string) => void} options.onLine takes each line of its stdout and stderr
 * @returns {Promise<string | undefined>} what went wrong, such as `exit code 1`; undefined when all went well
 * @throws {Interrupted} when this process was told to stop meanwhile
 */
export async function runTool(command, args, { env, cwd, timeoutMs, onLine }) {
  const child = spawn(command, args, {
    cwd,
    env,
    detached: !WINDOWS,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', onLine);
  const kill = () => signalGroup(child, 'SIGKILL');
  const timer = timeoutMs === undefined ? undefined : setTimeout(kill, timeoutMs);
  const failure = await ending(child, (signal) => signalGroup(child, signal));
  clearTimeout(timer);
  if (stoppedBy) throw new Interrupted(stoppedBy);
  return failure;
}

/**
 * Runs a Node program whose output is the point: it shares our stdout and stderr, signals are passed on to it.
 * @param {string} node
 * @param {readonly string[]} args
 * @param {object} options
 * @param {NodeJS.ProcessEnv} options.env
 * @param {string} options.cwd
 * @param {boolean} [options.stopWithParent] stop it also when this process is killed without passing a signal on
 * @param {boolean} [options.wholeGroup] signals go to everything it started, not to itself alone
 * @param {AbortSignal} [options.stop] stops it with SIGTERM
 * @returns {Promise<number>} its exit code; 128 + n for a child ended by signal n; 127 when it could not start
 */
export async function runForeground(node, args, { env, cwd, stopWithParent = false, wholeGroup = false, stop }) {
  const companion = ['--import', `data:text/javascript,${encodeURIComponent(STOP_WITH_PARENT)}`];
  const child = spawn(node, [...(stopWithParent ? companion : []), ...args], {
    cwd,
    env,
    // Of a group of its own, so that Ctrl-C reaches it once, through us, and not twice.
    detached: !WINDOWS,
    stdio: ['ignore', 'inherit', 'inherit', ...(stopWithParent ? [/** @type {const} */ ('ipc')] : [])],
    windowsHide: true,
  });
  stop?.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
  const failure = await ending(child, (signal) => {
    if (wholeGroup) signalGroup(child, signal);
    else child.kill(signal);
  });
  if (child.exitCode !== null) return child.exitCode;
  if (child.signalCode !== null) return exitCodeOf(child.signalCode);
  process.stderr.write(`${node}: ${failure}\n`);
  return 127;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {(signal: NodeJS.Signals) => void} passSignalOn
 * @returns {Promise<string | undefined>} what went wrong
 */
async function ending(child, passSignalOn) {
  running.add(passSignalOn);
  try {
    return await new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) =>
        resolve(code === 0 ? undefined : signal ? `ended by ${signal}` : `exit code ${code}`),
      );
    });
  } finally {
    running.delete(passSignalOn);
  }
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function signalGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    process.kill(WINDOWS ? child.pid : -child.pid, signal);
  } catch {
    // The group has ended already.
  }
}
