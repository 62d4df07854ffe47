/** `npm run build`: builds the pages into dist/. */
import { runScript, setup } from './setup.mjs';

await runScript(async () => {
  await setup({ forBuild: true });
  return 0;
});
