/** `npm start`: makes ready what is missing, then runs GLIR until it is told to stop. */
import { runForeground } from './setup/child-processes.mjs';
import { runScript, setup } from './setup.mjs';

await runScript(async () => {
  const { root, node, env } = await setup({ forStart: true });
  return runForeground(node, ['src/main.ts'], { env, cwd: root, stopWithParent: true });
});
