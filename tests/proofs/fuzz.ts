/**
 * `npm run proof:fuzz [-- MESSAGES [SEED]]`: says 100,000 things, or as many as wanted, to the signalling of a running GLIR
 * on many sockets: messages that are right, nearly right, stolen, cut, giant, or none, in any order. Meanwhile real
 * doctors and patients use it. Prints what came of it as JSON; ends with 1 when something was not as promised. The same
 * seed says the same things.
 */
import { randomInt } from 'node:crypto';
import process from 'node:process';
import { CROWD, fuzz } from '../support/fuzz/fuzz.ts';
import { witness } from '../support/fuzz/witness.ts';
import { startGlir } from '../support/server/glir.ts';

const [messages = 100_000, seed = randomInt(2 ** 31)] = process.argv.slice(2).map(Number);
if (!(messages > 0) || !Number.isSafeInteger(seed)) {
  process.stderr.write('Use: npm run proof:fuzz [-- MESSAGES [SEED]]\n');
  process.exit(2);
}
process.stderr.write(`${messages} messages, seed ${seed}\n`);
// The worker's library takes the signals for itself.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
const watched = witness();
const glir = await startGlir({ ...CROWD, GLIR_LOG_LEVEL: 'info' });
const started = performance.now();
const tell = (line: string): void => void process.stderr.write(`${line}\n`);
const result = await fuzz(glir, watched, { messages, seed, journeys: 20, tell });
await glir.stop();

const rounded = (values: number[]): number[] => values.map((value) => Math.round(value * 10) / 10);
const [heapMb, workerMb] = [rounded(result.heapMb), rounded(result.workerMb)];
const grown = growth(heapMb) > 30 || growth(workerMb) > 30;
const ok = result.wrong.length === 0 && !grown;
const seconds = Math.round((performance.now() - started) / 1000);
process.stdout.write(
  `${JSON.stringify({ verdict: ok ? 'held' : 'not ok', seed, seconds, ...result, heapMb, workerMb }, null, 2)}\n`,
);
process.exit(ok ? 0 : 1);

/** How much more the last fifth holds than the second one, in the same unit. */
function growth(values: readonly number[]): number {
  const fifth = Math.max(1, Math.floor(values.length / 5));
  const mean = (some: readonly number[]) => some.reduce((sum, value) => sum + value, 0) / Math.max(1, some.length);
  return mean(values.slice(-fifth)) - mean(values.slice(fifth, 2 * fifth));
}
