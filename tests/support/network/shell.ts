import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Runs a program without a shell; gives what it wrote to stdout. Rejects with what it wrote to stderr. */
export async function run(...[program = '', ...args]: string[]): Promise<string> {
  const { stdout } = await execute(program, args, { encoding: 'utf8' });
  return stdout;
}
