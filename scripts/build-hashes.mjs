/**
 * `npm run --silent build:hashes`: the SHA-256 of every page in every language as this source makes it, to compare with
 * what a server sends. Only that goes to stdout.
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { runForeground } from './setup/child-processes.mjs';
import { readText } from './setup/context.mjs';
import { INPUTS } from './setup/pages.mjs';
import { isRunDirectly, runScript, setup } from './setup.mjs';

/** `git archive`, and so a download from a code host, writes the commit into it. */
const COMMIT_FILE = 'scripts/setup/commit.txt';

if (isRunDirectly(import.meta.url)) {
  await runScript(async () => {
    const { root, node, env } = await setup({ out: process.stderr });
    process.stdout.write(`source ${sourceOf(root)}\n`);
    return runForeground(node, ['web-build/hashes.ts'], { env, cwd: root });
  });
}

/**
 * The commit that the pages' source is from.
 * @param {string} root
 * @returns {string} such as `commit 0f1e…`, `commit 0f1e… with changes` or `unknown`
 */
export function sourceOf(root) {
  const commit = git(root, ['rev-parse', '--verify', 'HEAD']);
  if (commit !== null) {
    const changes = git(root, ['status', '--porcelain', '--', ...INPUTS]);
    return `commit ${commit}${changes === '' ? '' : ' with changes'}`;
  }
  const archived = readText(path.join(root, COMMIT_FILE));
  return /^[0-9a-f]{40,64}$/.test(archived) ? `commit ${archived}` : 'unknown';
}

/**
 * @param {string} root
 * @param {readonly string[]} args
 * @returns {string | null} what git says; null where there is no git, or `root` is not the root of a checkout
 */
function git(root, args) {
  try {
    const run = (/** @type {readonly string[]} */ words) =>
      execFileSync('git', ['-C', root, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    // A copy that lies inside another project's checkout has nothing to do with its commits.
    return run(['rev-parse', '--show-prefix']) === '' ? run(args) : null;
  } catch {
    return null;
  }
}
