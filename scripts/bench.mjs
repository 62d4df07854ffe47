/** `npm run bench`: stdout carries the measurements alone, one JSON object a line; the setup speaks on stderr. */
import { runForeground } from './setup/children.mjs';
import { runScript, setup } from './setup.mjs';

await runScript(async () => {
  const { root, node, env } = await setup({ forTests: true, out: process.stderr });
  const args = ['tests/bench/main.ts', ...process.argv.slice(2)];
  return runForeground(node, args, { env, cwd: root, wholeGroup: true });
});
