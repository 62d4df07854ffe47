/** `npm start`: makes ready what is missing, then runs GLIR until it is told to stop. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { runForeground } from './setup/children.mjs';
import { runScript, setup } from './setup.mjs';

await runScript(async () => {
  const { root, node, env } = await setup({ forStart: true });
  const companion = pathToFileURL(path.join(root, 'scripts', 'setup', 'stop-with-parent.mjs')).href;
  return runForeground(node, ['--import', companion, 'src/main.ts'], { env, cwd: root, tellOnLoss: true });
});
