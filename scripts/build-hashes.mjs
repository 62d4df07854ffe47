/**
 * `npm run --silent build:hashes`: the SHA-256 of every page in every language as this source makes it, to compare with
 * what a server sends. Only that goes to stdout.
 */
import { runForeground } from './setup/children.mjs';
import { sourceOf } from './setup/source.mjs';
import { runScript, setup } from './setup.mjs';

await runScript(async () => {
  const { root, node, env } = await setup({ out: process.stderr });
  process.stdout.write(`source ${sourceOf(root)}\n`);
  return runForeground(node, ['web-build/hashes.ts'], { env, cwd: root });
});
