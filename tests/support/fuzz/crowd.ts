import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const CROWD = fileURLToPath(new URL('./abuse-crowd.ts', import.meta.url));

/** An attack that is under way, in a process of its own. */
export interface Crowd {
  pause(): void;
  goOn(): void;
  /** Gives how many attempts it made. */
  stop(): Promise<number>;
  kill(): void;
}

/** Starts one of the ways of `abuse-crowd.ts` against the server at `url`; fulfilled when it is under way. */
export async function startCrowd(url: string, way: string, secret = ''): Promise<Crowd> {
  const attack: ChildProcess = spawn(process.execPath, [CROWD, url, way, secret], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { stdout } = attack;
  if (stdout === null) throw new Error('no output');
  await once(stdout, 'data');
  return {
    pause: () => void attack.kill('SIGSTOP'),
    goOn: () => void attack.kill('SIGCONT'),
    async stop() {
      const said = once(stdout, 'data');
      attack.kill('SIGCONT');
      attack.kill('SIGTERM');
      return Number(String((await said)[0]));
    },
    kill: () => void attack.kill('SIGKILL'),
  };
}
