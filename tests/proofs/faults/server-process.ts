import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../support/server/free-port.ts';
import { HERE, type Place } from './place.ts';
import { now } from './watch.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
const START_MS = 30_000;
const STOP_MS = 8_000;

export interface ServerOptions {
  /** A free one where nothing is said. */
  port?: number;
  /** Where it runs; this machine's loopback where nothing is said. */
  place?: Place;
  /** Added to its environment. */
  settings?: NodeJS.ProcessEnv;
}

/** The server as in production: a process of its own with its own data. It can be killed and started again. */
export class ServerProcess {
  /** What browsers are told; `localhost` leads to the server from every place of the stage. */
  readonly url: string;
  readonly port: number;
  readonly rtcPort: number;
  readonly dataDir: string;
  /** Everything it wrote to stdout and stderr, over all its lives. */
  readonly log: string[] = [];
  readonly #place: Place;
  readonly #settings: NodeJS.ProcessEnv;
  #child: ChildProcess | null = null;

  static async start(options: ServerOptions = {}): Promise<ServerProcess> {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'glir-fault-'));
    const server = new ServerProcess(options.port ?? (await freePort()), await freePort(), dataDir, options);
    await server.start();
    return server;
  }

  private constructor(port: number, rtcPort: number, dataDir: string, { place, settings }: ServerOptions) {
    this.port = port;
    this.rtcPort = rtcPort;
    this.url = `http://localhost:${port}`;
    this.dataDir = dataDir;
    this.#place = place ?? HERE;
    this.#settings = settings ?? {};
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('the server is not running');
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#child !== null;
  }

  /**
   * Starts it, for the first time or again; fulfilled with the time at which it could serve. Throws when it is not
   * ready in 30 s.
   *
   * @param settings added to its environment this time only
   */
  start(settings: NodeJS.ProcessEnv = {}): Promise<number> {
    const place = this.#place;
    const { address } = place;
    const [program = process.execPath, ...args] = place.command([process.execPath, 'src/main.ts']);
    const child = spawn(program, args, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PORT: String(this.port),
        HOST: address,
        GLIR_RTC_PORT: String(this.rtcPort),
        GLIR_RTC_LISTEN: address,
        GLIR_DATA_DIR: this.dataDir,
        GLIR_LOG_LEVEL: 'debug',
        ...this.#settings,
        ...settings,
      },
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => this.log.push(text));
    }
    this.#child = child;
    child.once('exit', () => {
      if (this.#child === child) this.#child = null;
    });
    return this.#ready();
  }

  /** Kills it with SIGKILL, or asks it to stop; fulfilled with its exit code when it is gone, null where a signal ended it. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
    const child = this.#child;
    if (child === null) return null;
    const exited = once(child, 'exit');
    child.kill(signal);
    const [code] = await exited;
    return typeof code === 'number' ? code : null;
  }

  /** Stops it for good and removes its data. */
  async dispose(): Promise<void> {
    const late = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_MS);
    this.#child?.kill('SIGCONT');
    await this.kill('SIGTERM');
    clearTimeout(late);
    await rm(this.dataDir, { recursive: true, force: true });
  }

  /** Process ids of its workers. */
  async workers(): Promise<number[]> {
    const children = await readFile(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8');
    return children.trim().split(/\s+/).filter(Boolean).map(Number);
  }

  /** Whether `/healthz` says that it can serve. */
  async healthy(): Promise<boolean> {
    const asked = await fetch(`http://${this.#place.address}:${this.port}/healthz`, {
      signal: AbortSignal.timeout(2000),
    }).catch(() => null);
    return asked?.status === 200;
  }

  /** Fulfilled with the time at which it can serve; throws when it is gone, or cannot in 30 s. */
  async #ready(): Promise<number> {
    const until = now() + START_MS;
    while (now() < until) {
      if (this.#child === null) throw new Error(`the server did not start: ${this.log.slice(-5).join('')}`);
      if (await this.healthy()) return now();
      await delay(25);
    }
    throw new Error(`the server was not ready after ${START_MS / 1000} s`);
  }
}
