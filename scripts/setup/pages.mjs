import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runTool, startLog } from './children.mjs';
import { hashFiles, readStamp } from './hash.mjs';

/** Everything that the built pages are made from. */
export const INPUTS = [
  'web-composer',
  'web-receiver',
  'web-teams',
  'web-shared',
  'web-build',
  'languages',
  'bots/local/page',
  'src/protocol',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];

/**
 * Builds the pages into dist/ when what they are made from has changed since.
 * @param {import('./place.mjs').Place} place
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @param {{always?: boolean}} [options] `always`: also when nothing has changed
 */
export async function ensurePages(place, node, env, { always = false } = {}) {
  const stamp = path.join(place.root, 'dist', '.inputs');
  if (!always && readStamp(stamp) === inputsMark(place.root)) return;
  await place.lockedHere('pages', async () => {
    const mark = inputsMark(place.root);
    if (!always && readStamp(stamp) === mark) return;
    await place.report.timed('building the pages', () => build(place, node, env, stamp));
    writeFileSync(stamp, `${mark}\n`);
  });
}

/** @param {string} root */
export function inputsMark(root) {
  return hashFiles(root, INPUTS);
}

/**
 * @param {import('./place.mjs').Place} place
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @param {string} stamp
 */
async function build(place, node, env, stamp) {
  // A build that stops half-way must not look finished.
  rmSync(stamp, { force: true });
  const log = startLog(place.logFile('pages'));
  const { ok, problem } = await runTool(node, ['web-build/build.ts'], { log, env, cwd: place.root });
  if (!ok) {
    throw place.failureWithLog(
      `The pages could not be built (${problem}).`,
      'Correct what the log names and run the same command again.',
      log,
    );
  }
  rmSync(log, { force: true });
}
