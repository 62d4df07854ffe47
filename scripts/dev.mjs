/**
 * `npm run dev`: runs GLIR, starts it again when a source file changes, and builds the pages again when one of theirs
 * does; open pages then load themselves anew. The next `npm start` builds the pages that are shipped.
 */
import { statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isStopping, runForeground } from './setup/child-processes.mjs';
import { makeContext, ROOT, SetupFailure } from './setup/context.mjs';
import { filesIn } from './setup/hash.mjs';
import { ensurePages, INPUTS } from './setup/pages.mjs';
import { runScript, setup } from './setup.mjs';

const LOOK_MS = 400;
const SERVER = ['src', 'bots', 'mediasoup-config'];

await runScript(async () => {
  // Before the first build, so that no change during it is missed.
  let pages = stateOf(INPUTS);
  let server = stateOf(SERVER);
  const { root, node, env } = await setup({ forDev: true });
  const context = makeContext(process.env, process.stdout);

  for (;;) {
    const stop = new AbortController();
    const running = runForeground(node, ['src/main.ts'], { env, cwd: root, stopWithParent: true, stop: stop.signal });
    while (!isStopping() && stateOf(INPUTS) === pages && stateOf(SERVER) === server) await pause(LOOK_MS);
    if (isStopping()) return running;
    const pagesChanged = stateOf(INPUTS) !== pages;
    pages = stateOf(INPUTS);
    server = stateOf(SERVER);
    if (pagesChanged) await ensurePages(context, node, env, { forDev: true }).catch(tell);
    if (isStopping()) return running;
    stop.abort();
    await running;
    context.notice('a source file has changed, GLIR starts again');
  }
});

/**
 * @param {readonly string[]} entries files and folders of the checkout
 * @returns {string} changes with any of them. Asking is cheap enough to do it again and again, and misses nothing on
 *   network drives and in containers, where notifications about files do
 */
function stateOf(entries) {
  const states = filesIn(ROOT, entries).map((file) => {
    const stat = statSync(path.join(ROOT, file), { throwIfNoEntry: false });
    return `${file} ${stat?.mtimeMs} ${stat?.size}`;
  });
  return states.join('\n');
}

/**
 * A page that cannot be built is told, and the one before it goes on being served.
 * @param {unknown} error
 */
function tell(error) {
  if (!(error instanceof SetupFailure)) throw error;
  process.stderr.write(`\nsetup: ${error.message}\n`);
}
