/** Checks that files of shipped code stay short enough to have one reason to change. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourceFiles } from './sources.ts';

const limit = 260;
const shipped = /^(src|bots|web-[a-z]+|mediasoup-config|scripts)\//;

/** Files of shipped code under `root` that are longer than the limit, one sentence each. */
export function longFiles(root: string): string[] {
  return sourceFiles(root)
    .filter((file) => shipped.test(file))
    .map((file) => ({ file, lines: lineCount(readFileSync(join(root, file), 'utf8')) }))
    .filter(({ lines }) => lines > limit)
    .map(({ file, lines }) => `${file}: ${lines} lines, at most ${limit} are allowed; split it by reason to change`);
}

function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

if (import.meta.main) {
  const found = longFiles(process.argv[2] ?? process.cwd());
  for (const sentence of found) process.stdout.write(`${sentence}\n`);
  process.exitCode = found.length > 0 ? 1 : 0;
}
