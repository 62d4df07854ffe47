/**
 * `npm run bench`, `npm run shots`: runs a program of ours under Node 24 with everything made ready. Its stdout is left to
 * the program, which may be read by another one; the setup speaks on stderr.
 */
import { runForeground } from './setup/child-processes.mjs';
import { runScript, setup } from './setup.mjs';

await runScript(async () => {
  const { root, node, env } = await setup({ forTests: true, out: process.stderr });
  return runForeground(node, process.argv.slice(2), { env, cwd: root, wholeGroup: true });
});
