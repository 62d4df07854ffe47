/**
 * `npm run proof:faults [-- name...]`: breaks a running GLIR in every way it has to survive, and prints what was promised,
 * what was seen and how long it took as a Markdown table on stdout; progress goes to stderr. Ends with 1 when something
 * was not as promised. It all happens in a network and among processes of its own, gone with this one.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import process from 'node:process';
import { namespaceProblem, onOwnMachine } from '../support/network/namespace.ts';

const problem = namespaceProblem();
if (problem !== null) {
  process.stderr.write(`The faults need a network of their own, and ${problem}. Run this as root on Linux.\n`);
  process.exit(2);
}
const main = path.join(import.meta.dirname, 'faults/main.ts');
const [program = '', ...args] = onOwnMachine([process.execPath, main, ...process.argv.slice(2)]);
const run = spawn(program, args, { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => run.kill('SIGTERM'));
const [code] = await once(run, 'exit');
process.exit(typeof code === 'number' ? code : 1);
