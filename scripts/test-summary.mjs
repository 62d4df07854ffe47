/**
 * @typedef {{passed: number, failed: number, skipped: number}} Summary
 */

/**
 * Counts what Vitest's JSON report says. A test file that could not be loaded counts as one failure, and so
 * does a run that ended badly without saying which test was to blame.
 * @param {unknown} report the parsed report; undefined when Vitest left none
 * @param {number} exitCode of Vitest
 * @returns {Summary}
 */
export function summaryOf(report, exitCode) {
  const summary = { passed: 0, failed: 0, skipped: 0 };
  for (const file of Object(report).testResults ?? []) {
    const count = (/** @type {string} */ status) =>
      file.assertionResults.filter((/** @type {{status: string}} */ test) => test.status === status).length;
    const [passed, failed] = [count('passed'), count('failed')];
    summary.passed += passed;
    summary.skipped += file.assertionResults.length - passed - failed;
    summary.failed += failed === 0 && file.status === 'failed' ? 1 : failed;
  }
  if (exitCode !== 0 && summary.failed === 0) summary.failed = 1;
  return summary;
}

/**
 * @param {Summary} summary
 * @returns {string} the last line of `npm test`
 */
export function lastLine({ passed, failed, skipped }) {
  const line = `${passed} passed, ${failed} failed`;
  return skipped > 0 ? `${line}, ${skipped} skipped` : line;
}
