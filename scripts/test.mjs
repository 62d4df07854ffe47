/**
 * `npm test`: makes ready what is missing, then runs the checks and every test. The last line of stdout
 * counts them: `N passed, N failed`. Arguments go to Vitest, and then the checks are left out:
 *   npm test -- tests/unit -t 'expiry'
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runForeground } from './setup/child-processes.mjs';
import { readJson } from './setup/context.mjs';
import { runScript, setup } from './setup.mjs';
import { lastLine, summaryOf } from './test-summary.mjs';

await runScript(async () => {
  const ready = await setup({ forTests: true, forPeers: true });
  const chosen = process.argv.slice(2);
  const checks = chosen.length > 0 ? [] : await checksIn(ready);
  const tests = await runVitest(ready, chosen);
  const failedChecks = checks.filter(({ ok }) => !ok).length;
  const total = {
    passed: tests.passed + checks.length - failedChecks,
    failed: tests.failed + failedChecks,
    skipped: tests.skipped,
  };
  if (chosen.length === 0) process.stdout.write(`\n${leftToLong(ready)}\n`);
  process.stdout.write(`\n${lastLine(total)}\n`);
  return total.failed === 0 && tests.passed > 0 ? 0 : 1;
});

/**
 * @param {import('./setup.mjs').Ready} ready
 * @returns {string} which tests a whole run leaves out
 */
function leftToLong({ root }) {
  const files = readdirSync(path.join(root, 'tests/long')).filter((name) => name.endsWith('.test.ts'));
  const names = files.map((name) => name.replace('.test.ts', ''));
  return `${files.length} test files are left to npm run test:long: ${names.join(', ')}`;
}

/**
 * @param {import('./setup.mjs').Ready} ready
 * @returns {Promise<{name: string, ok: boolean}[]>}
 */
async function checksIn({ node, env }) {
  Object.assign(process.env, env);
  try {
    const { runChecks } = await import('./check.mjs');
    return await runChecks(node);
  } catch (error) {
    process.stdout.write(`The checks could not be run: ${error instanceof Error ? error.stack : error}\n`);
    return [{ name: 'checks', ok: false }];
  }
}

/**
 * @param {import('./setup.mjs').Ready} ready
 * @param {readonly string[]} chosen arguments for Vitest
 */
async function runVitest({ root, node, env }, chosen) {
  const folder = mkdtempSync(path.join(tmpdir(), 'glir-test-'));
  const file = path.join(folder, 'report.json');
  try {
    const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const args = [vitest, 'run', ...reporters, ...chosen];
    const exitCode = await runForeground(node, args, { env, cwd: root, wholeGroup: true });
    return summaryOf(readJson(file), exitCode);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
