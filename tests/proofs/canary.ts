/**
 * `npm run proof:canary [-- --keep]`: two notes are written, shared and read on a running GLIR, one begun in Slack and one in Teams,
 * while everything that the server holds, writes and sends is searched for them: memory, files, log, packets, what the chat
 * platforms received, and the profiles that the doctor's and the patient's browsers keep on the disk. Each place is also searched for a marker that was planted there. Prints a table; ends with 1 when anything
 * private was found, or anything planted was not. `--keep` keeps what was captured.
 *
 * It happens in a network and among processes of its own, gone with this one. Needs root on Linux, tcpdump and Chromium.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { namespaceProblem, onOwnMachine } from '../support/network/namespace.ts';

const problem = process.getuid?.() === 0 ? namespaceProblem() : 'this is not root';
if (problem !== null) {
  process.stderr.write(`Other processes' memory and all packets are read as root on Linux, and ${problem}.\n`);
  process.exit(2);
}
const keep = process.argv.includes('--keep');
// What is captured here is nobody else's to read.
const folder = mkdtempSync(path.join(tmpdir(), 'glir-canary-'));
const evidence = path.join(folder, 'evidence');
for (const made of ['evidence', 'server', 'clinic', 'home']) mkdirSync(path.join(folder, made));

const main = path.join(import.meta.dirname, 'canary/main.ts');
const [program = '', ...args] = onOwnMachine([process.execPath, main, folder]);
const run = spawn(program, args, { stdio: 'inherit', env: { ...process.env, TMPDIR: evidence } });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => run.kill('SIGTERM'));
const [code] = await once(run, 'exit');
if (keep) process.stderr.write(`What was captured is in ${folder}\n`);
else rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
process.exit(typeof code === 'number' ? code : 1);
