import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { childrenOf } from '../../support/server/process-memory.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
const START_MS = 30_000;
const STOP_MS = 10_000;

/**
 * Gives the process a view of the file system in which nothing but its own folder can be written, then becomes the server. What
 * cannot be made read-only is found out afterwards by `writable`.
 */
const CLOSED = `
  mount --bind "$CANARY_HOME" "$CANARY_HOME"
  while read -r _ point _; do
    [ "$point" = "$CANARY_HOME" ] || mount -o remount,bind,ro "$point" 2>/dev/null
  done </proc/self/mounts
  unset CANARY_HOME
  exec "$@"
`;
/** What the kernel keeps there is no file of anybody's. */
const KERNELS = new Set(['proc', 'sysfs', 'devpts', 'cgroup', 'cgroup2', 'mqueue']);

/** A server as a user runs it, at its most talkative, which can write into one folder only. */
export interface CanaryServer {
  pid: number;
  /** Its mediasoup workers. */
  workers: number[];
  /** The only folder it can write into. */
  home: string;
  dataDir: string;
  /** Its stdout and stderr. */
  logFile: string;
  stop(): Promise<void>;
}

/** Starts `src/main.ts`. Throws an Error when it is not ready in 30 s, or when it could write somewhere else. */
export async function startClosedServer(home: string, url: string, settings: NodeJS.ProcessEnv): Promise<CanaryServer> {
  const folder = (name: string): string => {
    const made = path.join(home, name);
    mkdirSync(made);
    return made;
  };
  const dataDir = folder('data');
  const logFile = path.join(folder('log'), 'server.log');
  const output = openSync(logFile, 'a');
  const child = spawn(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-c', CLOSED, 'sh', process.execPath, 'src/main.ts'],
    {
      cwd: ROOT,
      env: {
        PATH: process.env['PATH'],
        MEDIASOUP_WORKER_BIN: process.env['MEDIASOUP_WORKER_BIN'],
        HOME: folder('home'),
        TMPDIR: folder('tmp'),
        ...settings,
        GLIR_DATA_DIR: dataDir,
        GLIR_LOG_LEVEL: 'trace',
        CANARY_HOME: home,
      },
      stdio: ['ignore', output, output],
    },
  );
  const pid = child.pid ?? 0;
  try {
    await ready(url, child, logFile);
    const elsewhere = writable(pid).filter((point) => point !== home);
    if (elsewhere.length > 0) throw new Error(`the server could also write into ${elsewhere.join(', ')}`);
    const workers = childrenOf(pid).filter((worker) => readlinkSync(`/proc/${worker}/exe`).includes('mediasoup'));
    if (workers.length === 0) throw new Error('the server has no worker');
    return { pid, workers, home, dataDir, logFile, stop: () => stop(child) };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

/** The mounts that a process can write into. */
function writable(pid: number): string[] {
  const mounts = new Map<string, { type: string; options: string[] }>();
  // A later mount hides an earlier one at the same place.
  for (const line of readFileSync(`/proc/${pid}/mounts`, 'utf8').trim().split('\n')) {
    const [, point = '', type = '', options = ''] = line.split(' ');
    mounts.set(point, { type, options: options.split(',') });
  }
  return [...mounts]
    .filter(([, { type, options }]) => !options.includes('ro') && !KERNELS.has(type))
    .map(([point]) => point);
}

async function ready(url: string, child: ChildProcess, logFile: string): Promise<void> {
  const until = performance.now() + START_MS;
  while (performance.now() < until) {
    if (child.exitCode !== null) throw new Error(`the server did not start:\n${readFileSync(logFile, 'utf8')}`);
    const answer = await fetch(`${url}/healthz`).catch(() => null);
    if (answer?.status === 200) return;
    await delay(50);
  }
  throw new Error(`the server was not ready after ${START_MS / 1000} s`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exited;
  clearTimeout(late);
}
