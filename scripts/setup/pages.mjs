import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inThisCheckout, readText } from './context.mjs';
import { hashFiles } from './hash.mjs';

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
  'tsconfig.base.json',
  'tsconfig.web.json',
];

/**
 * Builds the pages into dist/ when what they are made from has changed since.
 * @param {import('./context.mjs').Context} context
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @param {object} [options]
 * @param {boolean | undefined} [options.always] also when nothing has changed
 * @param {boolean | undefined} [options.forDev] pages that reload themselves; the next build without this option replaces them
 */
export async function ensurePages(context, node, env, { always = false, forDev = false } = {}) {
  const { root } = context;
  const stamp = path.join(root, 'dist', '.inputs');
  const isBuilt = () => !always && !forDev && arePagesBuilt(root);
  await context.once(inThisCheckout('pages'), 'building the pages', isBuilt, async () => {
    const mark = inputsMark(root);
    // A build that stops half-way must not look finished, nor pages for development like those that are shipped.
    rmSync(stamp, { force: true });
    await context.run('pages', node, ['web-build/build.ts', ...(forDev ? ['--dev'] : [])], {
      env,
      cwd: root,
      problem: 'The pages could not be built',
      next: 'Correct what the log names and run the same command again.',
    });
    if (!forDev) writeFileSync(stamp, `${mark}\n`);
  });
}

/**
 * Whether the pages are built from what is there now.
 * @param {string} root
 */
export function arePagesBuilt(root) {
  return readText(path.join(root, 'dist', '.inputs')) === inputsMark(root);
}

/** @param {string} root */
export function inputsMark(root) {
  return hashFiles(root, INPUTS);
}
