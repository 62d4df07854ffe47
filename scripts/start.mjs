/** `npm start`: makes ready what is missing, then runs GLIR until it is told to stop. */
import { runForeground } from './setup/child-processes.mjs';
import { makeContext } from './setup/context.mjs';
import { whileRunning } from './setup/running-server.mjs';
import { runScript, setup } from './setup.mjs';

await runScript(async () => {
  const { root, node, env } = await setup({ forStart: true });
  const context = makeContext(process.env, process.stdout);
  const run = () => runForeground(node, ['src/main.ts'], { env, cwd: root, stopWithParent: true });
  return whileRunning(context, run);
});
