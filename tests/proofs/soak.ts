/**
 * `npm run proof:soak [-- MINUTES]`: notes come and go without a pause, 120 minutes unless said otherwise. Prints a JSON
 * line a minute and a verdict: memory of the server and its workers is flat, every note went its way, none is left over.
 * Ends with 1 when that is not so.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { LIMITS } from '../../src/protocol/constants.ts';
import { ServerProcess } from './faults/server-process.ts';
import { now } from './faults/watch.ts';
import { judge, type Sample, sampleOf } from './soak/memory.ts';

const SAMPLE_MS = 10_000;
/** How long one process of visitors lasts, seconds. */
const SHIFT = 30;
/** Rooms of visitors that crashed end when their grace is over. */
const SETTLE_MS = (LIMITS.graceSeconds + 5) * 1000;
/** How WebRTC of Node crashes at times: to the server that is a browser that crashed. */
const CRASHES: readonly unknown[] = ['SIGSEGV', 'SIGABRT', 'SIGBUS'];
/** One address and one doctor make everything here, which no clinic does. */
const RAISED = Object.fromEntries(
  ['REQUESTS', 'ENTRIES', 'USER_NOTES', 'USER_ROOMS', 'TENANT_NOTES', 'TENANT_ROOMS'].map((name) => [
    `GLIR_LIMIT_${name}`,
    '1000000',
  ]),
);

const minutes = Number(process.argv[2] ?? 120);
if (!(minutes > 0)) {
  process.stderr.write('Use: npm run proof:soak [-- MINUTES]\n');
  process.exit(2);
}

const server = await ServerProcess.start({ settings: { ...RAISED, GLIR_LOG_LEVEL: 'info' } });
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void server.dispose().then(() => process.exit(1)));
}
const counts = { opened: 0, ended: 0, faults: 0, crashes: 0 };
const until = now() + minutes * 60_000;
const samples: Sample[] = [];
const failures: string[] = [];
let lives = 0;
try {
  await Promise.all([visitors(), memory()]);
  await delay(SETTLE_MS);
  readLog();
} finally {
  await server.dispose();
}
const [own, workers] = [judge(samples, 'server'), judge(samples, 'workers')];
const ok =
  own.flat &&
  workers.flat &&
  failures.length === 0 &&
  counts.opened === counts.ended &&
  counts.faults === 0 &&
  lives > 0;
print({
  verdict: ok ? 'flat' : 'not ok',
  minutes,
  lives,
  failures: failures.slice(0, 5),
  ...counts,
  server: own,
  workers,
});
process.exit(ok ? 0 : 1);

async function visitors(): Promise<void> {
  while (now() < until) {
    const program = path.join(import.meta.dirname, 'soak/visitors.ts');
    const child = spawn(
      process.execPath,
      [program, server.url, String(Math.min(SHIFT, Math.ceil((until - now()) / 1000)))],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const [code, signal] = await once(child, 'exit');
    const result = z.object({ lives: z.int(), failures: z.array(z.string()) }).safeParse(parsed(said));
    if (CRASHES.includes(signal)) counts.crashes += 1;
    else if (!result.success) failures.push(`the visitors ended with ${code ?? signal}`);
    else {
      lives += result.data.lives;
      failures.push(...result.data.failures);
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function memory(): Promise<void> {
  const pids = await server.workers();
  let nextLine = now() + 60_000;
  while (now() < until) {
    await delay(Math.min(SAMPLE_MS, Math.max(0, until - now())));
    const sample = await sampleOf(server.pid, pids);
    samples.push(sample);
    readLog();
    if (now() < nextLine) continue;
    nextLine += 60_000;
    print({ at: Math.round(minutes - (until - now()) / 60_000), lives, ...counts, ...sample });
  }
}

/** Counts what the log tells of rooms, and lets go of it: two hours of it are long. */
function readLog(): void {
  for (const line of server.log.splice(0)) {
    counts.opened += line.split('"event":"room-drafted"').length - 1;
    counts.ended += line.split('"event":"room-ended"').length - 1;
    counts.faults += line.split(/"event":"[a-z-]*fault"/).length - 1;
  }
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
