import { existsSync } from 'node:fs';
import path from 'node:path';

/**
 * How to call npm: the very npm that runs us where one does, otherwise the one on PATH.
 * @param {string} node the Node that runs npm, where that is ours to say
 * @returns {[string, string[]]} program and first arguments
 */
export function npmCommand(node) {
  const running = process.env['npm_execpath'];
  if (running && path.basename(running) === 'npm-cli.js' && existsSync(running)) return [node, [running]];
  const beside = path.join(path.dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js');
  if (existsSync(beside)) return [node, [beside]];
  return ['npm', []];
}
