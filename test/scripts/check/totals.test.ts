import { describe, expect, it } from 'vitest';
import { coverageTotals } from '#scripts/check/coverage-totals.ts';
import { slowestFiles } from '#scripts/check/slowest-files.ts';
import { checkTotals, testTotals } from '#scripts/check/totals.ts';

const report = (changes: object = {}) =>
  JSON.stringify({
    success: false,
    numPassedTests: 12,
    numFailedTests: 1,
    testResults: [{ status: 'failed', assertionResults: [{}] }],
    ...changes,
  });

describe('testTotals', () => {
  it("testTotals takes the numbers of vitest's report", () => {
    expect(testTotals(report())).toEqual({ passed: 12, failed: 1 });
  });

  it('testTotals counts a test file that could not be loaded as a failure', () => {
    const testResults = [
      { status: 'failed', assertionResults: [] },
      { status: 'passed', assertionResults: [{}] },
    ];
    expect(testTotals(report({ testResults }))).toEqual({ passed: 12, failed: 2 });
  });

  it.each([
    ['an error outside of every test', { success: false, numPassedTests: 12 }],
    ['a run without a test', { success: true, numPassedTests: 0 }],
  ])('testTotals counts %s as a failure', (_what, changes) => {
    expect(testTotals(report({ numFailedTests: 0, testResults: [], ...changes })).failed).toBe(1);
  });

  it('testTotals counts a missing report as a failure', () => {
    expect(testTotals(undefined)).toEqual({ passed: 0, failed: 1 });
  });
});

describe('checkTotals', () => {
  it("checkTotals takes the numbers of the last line of the checks' output", () => {
    expect(checkTotals('✔ tsc  9.9 s\n- shellcheck: not installed, not checked\n\n17 passed, 2 failed\n')).toEqual({
      passed: 17,
      failed: 2,
    });
  });

  it('checkTotals counts an output without that line as a failure', () => {
    expect(checkTotals('✔ tsc  9.9 s\nkilled')).toEqual({ passed: 0, failed: 1 });
  });
});

describe('coverageTotals', () => {
  const summary = (pct: number) => JSON.stringify({ total: { lines: { total: 1000, covered: 10 * pct, pct } } });

  it('coverageTotals passes a coverage of exactly the demanded percentage', () => {
    expect(coverageTotals(summary(80), 80)).toEqual({
      passed: 1,
      failed: 0,
      text: 'Coverage: 80 % of lines (at least 80 % is demanded)',
    });
  });

  it('coverageTotals counts a coverage below the demanded percentage as a failure', () => {
    expect(coverageTotals(summary(79.9), 80)).toEqual({
      passed: 0,
      failed: 1,
      text: 'Coverage: 79.9 % of lines (less than the 80 % demanded)',
    });
  });

  it('coverageTotals counts a missing report as a failure', () => {
    expect(coverageTotals(undefined, 80)).toEqual({ passed: 0, failed: 1, text: 'Coverage: no report' });
  });
});

describe('slowestFiles', () => {
  it('slowestFiles lists as many files as asked for, the slowest first', () => {
    const times = JSON.stringify([
      { file: 'test/a.test.ts', seconds: 1.25 },
      { file: 'test/b.test.ts', seconds: 163.44 },
      { file: 'test/c.test.ts', seconds: 0.1 },
    ]);
    expect(slowestFiles(times, 2)).toEqual(['  163.4 s  test/b.test.ts', '    1.3 s  test/a.test.ts']);
  });
});
