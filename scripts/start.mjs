/** `npm start`: makes ready what is missing, then runs GLIR until it is told to stop. */
import { runForeground } from './setup/child-processes.mjs';
import { makeContext } from './setup/context.mjs';
import { whileRunning } from './setup/running-server.mjs';
import { runScript, setup } from './setup.mjs';

await runScript(async () => {
  const { root, node, env } = await setup({ forStart: true });
  const context = makeContext(process.env, process.stdout);
  // Compiled once, the next start takes half the time. Whoever could write there could change what runs.
  const compiled = env['NODE_COMPILE_CACHE'] ?? context.folder('compiled');
  const run = () =>
    runForeground(node, ['src/main.ts'], {
      env: { ...env, NODE_COMPILE_CACHE: compiled },
      cwd: root,
      stopWithParent: true,
    });
  return whileRunning(context, run);
});
