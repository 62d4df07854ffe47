import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { localAnswerSchema } from '../../src/protocol/local-chat.ts';
import { dataDir } from '../support/server/data-dir.ts';
import { freePort } from '../support/server/glir.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const START_MS = 20_000;

/** The server under test: a process of its own, run as in production. */
export interface Server {
  url: string;
  pid: number;
  /** Types `/glir` in the local chat; gives the compose link. */
  composeLink(): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts `src/main.ts` on free loopback ports, with warnings alone in its log. Throws when it is not ready in 20 s.
 *
 * @param options.port where it listens, when that has to be known before it starts
 * @param options.settings added to its environment
 */
export async function startServer(options: { port?: number; settings?: NodeJS.ProcessEnv } = {}): Promise<Server> {
  const [port, rtcPort] = [options.port ?? (await freePort()), await freePort()];
  const data = dataDir();
  const own = { PORT: String(port), GLIR_RTC_PORT: String(rtcPort), GLIR_DATA_DIR: data.path };
  const env = { ...process.env, ...own, GLIR_LOG_LEVEL: 'warn', ...options.settings };
  const child = spawn(process.execPath, ['src/main.ts'], { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://localhost:${port}`;
  try {
    await ready(url, child);
  } catch (error) {
    child.kill();
    data.remove();
    throw error;
  }
  return {
    url,
    pid: child.pid ?? 0,
    async composeLink() {
      const response = await fetch(`${url}/local/command`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: url },
        body: JSON.stringify({ text: '/glir' }),
      });
      const [answer] = localAnswerSchema.parse(await response.json()).messages;
      if (answer?.kind !== 'compose') throw new Error(`/glir was answered with ${answer?.kind ?? 'nothing'}`);
      return answer.url;
    },
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      data.remove();
    },
  };
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  const until = performance.now() + START_MS;
  while (performance.now() < until) {
    if (child.exitCode !== null) throw new Error(`the server stopped with exit code ${child.exitCode}`);
    const answer = await fetch(`${url}/healthz`).catch(() => null);
    if (answer?.status === 200) return;
    await delay(50);
  }
  throw new Error(`the server was not ready after ${START_MS / 1000} s`);
}
