import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A mediasoup worker that does not start while the gate is shut, so that a test can look at what comes in between. */
export interface Gate {
  /** For `MEDIASOUP_WORKER_BIN`. */
  workerBin: string;
  shut(): void;
  open(): void;
  /** Process ids of all the workers that were started through the gate, those included that still wait at it. */
  pids(): number[];
  remove(): void;
}

export function workerGate(): Gate {
  const workerBin = process.env['MEDIASOUP_WORKER_BIN'];
  if (workerBin === undefined) throw new Error('MEDIASOUP_WORKER_BIN is not set; run the tests with npm test');
  const folder = mkdtempSync(path.join(tmpdir(), 'glir-gate-'));
  const inFolder = (name: string) => path.join(folder, name);
  const [script, bolt, book] = [inFolder('worker'), inFolder('shut'), inFolder('pids')];
  // The worker takes the place of the shell: the process id stays the same.
  writeFileSync(
    script,
    `#!/bin/sh\necho $$ >> '${book}'\nwhile [ -e '${bolt}' ]; do sleep 0.02; done\nexec '${workerBin}' "$@"\n`,
  );
  chmodSync(script, 0o755);
  return {
    workerBin: script,
    shut: () => writeFileSync(bolt, ''),
    open: () => rmSync(bolt, { force: true }),
    pids: () => readFileSync(book, 'utf8').trim().split('\n').map(Number),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Whether a process is still there. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
