import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import type { PoolOptions, PoolRunnerInitializer, PoolWorker, WorkerRequest } from 'vitest/node';

/** The address of the network's one machine, for browsers that do not connect WebRTC over loopback. */
const ADDRESS = '10.77.0.1';

/** How long a process has to end by itself. */
const PATIENCE_MS = 2_000;

/** Both ends of the cable are in the namespace, so it needs nothing outside and is gone with its last process. */
const NETWORK = [
  'ip link set lo up',
  'ip link add glir0 type veth peer name glir1',
  `ip address add ${ADDRESS}/24 dev glir0`,
  'ip link set glir0 up',
  'ip link set glir1 up',
  // Firefox looks for the addresses it may use by asking which one leads to the internet.
  'ip route add default via 10.77.0.2',
  'exec "$@"',
].join(' && ');

/** What makes `command` run in a network of its own; without root, in a user namespace as well. */
function inOwnNetwork(command: readonly string[]): string[] {
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  return ['unshare', ...user, '--net', 'sh', '-c', NETWORK, 'sh', ...command];
}

/**
 * What makes `command` run in a network of its own and among processes of its own, which all end with it. Its
 * exit code is the command's.
 */
export function onOwnMachine(command: readonly string[]): string[] {
  const [unshare = '', ...rest] = inOwnNetwork(['sh', '-c', '"$@"; exit $?', 'sh', ...command]);
  return [unshare, '--pid', '--fork', '--kill-child', '--mount-proc', ...rest];
}

/**
 * Why a process cannot be given a network of its own here, in the words of the system; null when it can.
 */
export function namespaceProblem(): string | null {
  const [program = '', ...args] = inOwnNetwork(['true']);
  const tried = spawnSync(program, args, { encoding: 'utf8' });
  if (tried.status === 0) return null;
  const said = tried.error?.message ?? tried.stderr.trim().split('\n').at(-1);
  return `no network namespace can be made here (${said || `unshare ended with ${tried.status}`})`;
}

/**
 * Runs test files in processes that have a network of their own, with `TEST_ADDRESS` in it; where `problem` gives a
 * sentence, in plain ones that find it in `TEST_PROBLEM`, for `useClinic` to skip the tests.
 */
export function namespacePool(problem: () => string | null): PoolRunnerInitializer {
  let known: { problem: string | null } | undefined;
  return {
    name: 'namespace',
    createPoolWorker(options) {
      known ??= { problem: told(problem(), options) };
      return new NamespaceWorker(options, known.problem);
    },
  };
}

function told(problem: string | null, { project }: PoolOptions): string | null {
  if (problem !== null) project.vitest.logger.error(`The tests of "${project.name}" are skipped: ${problem}.\n`);
  return problem;
}

/** Vitest's own worker for the pool `forks`, begun by a program that gives it its network. */
class NamespaceWorker implements PoolWorker {
  readonly name = 'namespace';
  readonly cacheFs = true;
  readonly #options: PoolOptions;
  readonly #problem: string | null;
  #process: ChildProcess | undefined;

  constructor(options: PoolOptions, problem: string | null) {
    this.#options = options;
    this.#problem = problem;
  }

  start(): Promise<void> {
    const { distPath, execArgv, env, project } = this.#options;
    const node = [process.execPath, ...execArgv, path.join(distPath, 'workers', 'forks.js')];
    const [program = '', ...args] = this.#problem === null ? inOwnNetwork(node) : node;
    const found = this.#problem === null ? { TEST_ADDRESS: ADDRESS } : { TEST_PROBLEM: this.#problem };
    this.#process = spawn(program, args, {
      env: { ...env, ...found },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    this.#process.stdout?.pipe(project.vitest.logger.outputStream, { end: false });
    this.#process.stderr?.pipe(project.vitest.logger.errorStream, { end: false });
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    const child = this.#begun;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    await new Promise((resolve) => {
      child.once('exit', resolve);
      child.kill();
    });
    clearTimeout(late);
  }

  on(event: string, callback: (...args: unknown[]) => void): void {
    this.#begun.on(event, callback);
  }

  off(event: string, callback: (...args: unknown[]) => void): void {
    this.#begun.off(event, callback);
  }

  send(message: WorkerRequest): void {
    // A process that is gone is reported by its exit, which says more than the broken pipe.
    this.#begun.send(message, () => undefined);
  }

  deserialize(data: unknown): unknown {
    return data;
  }

  get #begun(): ChildProcess {
    if (this.#process === undefined) throw new Error('the worker has not been started');
    return this.#process;
  }
}
