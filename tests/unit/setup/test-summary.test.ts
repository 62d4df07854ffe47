import { describe, expect, it } from 'vitest';
import { lastLine, summaryOf } from '../../../scripts/test-summary.mjs';

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((test) => ({ status: test })),
});

describe('the last line of npm test', () => {
  it('counts what passed, failed and was skipped', () => {
    const report = { testResults: [file('passed', 'passed', 'passed', 'pending'), file('failed', 'passed', 'failed')] };
    expect(lastLine(summaryOf(report, 1))).toBe('3 passed, 1 failed, 1 skipped');
  });

  it('says nothing of skipped tests when there are none', () => {
    expect(lastLine(summaryOf({ testResults: [file('passed', 'passed')] }, 0))).toBe('1 passed, 0 failed');
  });

  it('counts a file that could not be loaded as one failure', () => {
    const report = { testResults: [file('failed'), file('passed', 'passed')] };
    expect(summaryOf(report, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  it('counts a file as one failure when its tests passed and its clean-up did not', () => {
    expect(summaryOf({ testResults: [file('failed', 'passed')] }, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  it.each([
    ['left no report', undefined, 139],
    ['found no test', { testResults: [] }, 1],
    ['met an error outside of any test', { testResults: [file('passed', 'passed')] }, 1],
  ])('a run that %s counts as one failure', (_, report, exitCode) => {
    expect(summaryOf(report, exitCode).failed).toBe(1);
  });
});
