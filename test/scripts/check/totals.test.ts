import { describe, expect, it } from 'vitest';
import { checkTotals, testTotals } from '#scripts/check/totals.ts';

const report = (changes: object = {}) =>
  JSON.stringify({
    success: false,
    numPassedTests: 12,
    numFailedTests: 1,
    testResults: [{ status: 'failed', assertionResults: [{}] }],
    ...changes,
  });

describe('totals of the tests', () => {
  it("are those of vitest's report", () => {
    expect(testTotals(report())).toEqual({ passed: 12, failed: 1 });
  });

  it('count a file that could not be loaded as a failure', () => {
    const testResults = [
      { status: 'failed', assertionResults: [] },
      { status: 'passed', assertionResults: [{}] },
    ];
    expect(testTotals(report({ testResults }))).toEqual({ passed: 12, failed: 2 });
  });

  it.each([
    ['an error outside of every test', { success: false, numPassedTests: 12 }],
    ['a run without a test', { success: true, numPassedTests: 0 }],
  ])('count %s as a failure', (_what, changes) => {
    expect(testTotals(report({ numFailedTests: 0, testResults: [], ...changes })).failed).toBe(1);
  });

  it('are a failure when there is no report', () => {
    expect(testTotals(undefined)).toEqual({ passed: 0, failed: 1 });
  });
});

describe('totals of the checks', () => {
  it('are the last line of their output', () => {
    expect(checkTotals('✔ tsc  9.9 s\n- shellcheck: not installed, not checked\n\n17 passed, 2 failed\n')).toEqual({
      passed: 17,
      failed: 2,
    });
  });

  it('are a failure when the line is missing', () => {
    expect(checkTotals('✔ tsc  9.9 s\nkilled')).toEqual({ passed: 0, failed: 1 });
  });
});
