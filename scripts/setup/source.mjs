import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { readStamp } from './hash.mjs';
import { INPUTS } from './pages.mjs';

/** `git archive`, and so a download from a code host, writes the commit into it. */
const COMMIT_FILE = 'scripts/setup/commit.txt';

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
  const archived = readStamp(path.join(root, COMMIT_FILE));
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
