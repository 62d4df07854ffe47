/**
 * @typedef {{passed: number, failed: number, skipped: number}} Tally
 */

/**
 * Counts what Vitest's JSON report says. A test file that could not be loaded counts as one failure, and so
 * does a run that ended badly without saying which test was to blame.
 * @param {unknown} report the parsed report; undefined when Vitest left none
 * @param {number} exitCode of Vitest
 * @returns {Tally}
 */
export function tallyOf(report, exitCode) {
  const tally = { passed: 0, failed: 0, skipped: 0 };
  for (const file of listIn(report, 'testResults')) {
    const tests = listIn(file, 'assertionResults').map((test) => textIn(test, 'status'));
    const failed = tests.filter((status) => status === 'failed').length;
    const passed = tests.filter((status) => status === 'passed').length;
    tally.passed += passed;
    tally.skipped += tests.length - passed - failed;
    tally.failed += failed === 0 && textIn(file, 'status') === 'failed' ? 1 : failed;
  }
  if (exitCode !== 0 && tally.failed === 0) tally.failed = 1;
  return tally;
}

/**
 * @param {Tally} tally
 * @returns {string} the last line of `npm test`
 */
export function closingLine({ passed, failed, skipped }) {
  const line = `${passed} passed, ${failed} failed`;
  return skipped > 0 ? `${line}, ${skipped} skipped` : line;
}

/**
 * @param {unknown} value
 * @param {string} key
 * @returns {unknown[]}
 */
function listIn(value, key) {
  const list = fieldOf(value, key);
  return Array.isArray(list) ? list : [];
}

/**
 * @param {unknown} value
 * @param {string} key
 */
function textIn(value, key) {
  const text = fieldOf(value, key);
  return typeof text === 'string' ? text : '';
}

/**
 * @param {unknown} value
 * @param {string} key
 * @returns {unknown}
 */
function fieldOf(value, key) {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined;
}
