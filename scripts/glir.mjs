/** `npm run glir -- COMMAND`: GLIR's tools for administrators, under Node 24. What they print goes to stdout alone. */
import { runForeground } from './setup/child-processes.mjs';
import { runScript, setup } from './setup.mjs';

await runScript(async () => {
  const { root, node, env } = await setup({ out: process.stderr });
  return runForeground(node, ['src/cli/glir.ts', ...process.argv.slice(2)], { env, cwd: root });
});
