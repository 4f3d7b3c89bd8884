/**
 * Usage: node scripts/check/totals.ts TESTS.json CHECKS.txt. Adds up vitest's JSON report and the output of `npm run check`, and
 * prints one line, 'N passed, N failed'. Exit code 1 when something failed, or nothing was run.
 */
import { readFileSync } from 'node:fs';

interface Totals {
  readonly passed: number;
  readonly failed: number;
}

/** vitest's JSON report, as far as it counts here. */
interface TestReport {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

/** A report that is not there means that its program did not get to the end: one failure. */
const unfinished: Totals = { passed: 0, failed: 1 };

export function testTotals(report: string | undefined): Totals {
  if (report === undefined) return unfinished;
  const { success, numPassedTests, numFailedTests, testResults } = JSON.parse(report) as TestReport;
  const unloadable = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  const failed = numFailedTests + unloadable.length;
  // An error outside of every test, such as in a set-up, is in no number of the report.
  const elsewhere = failed === 0 && (!success || numPassedTests === 0) ? 1 : 0;
  return { passed: numPassedTests, failed: failed + elsewhere };
}

export function checkTotals(output: string | undefined): Totals {
  const [, passed, failed] = /^(\d+) passed, (\d+) failed$/m.exec(output ?? '') ?? [];
  return passed === undefined ? unfinished : { passed: Number(passed), failed: Number(failed) };
}

function readIfExists(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  const [tests = '', checks = ''] = process.argv.slice(2);
  const parts = [testTotals(readIfExists(tests)), checkTotals(readIfExists(checks))];
  const passed = parts.reduce((sum, part) => sum + part.passed, 0);
  const failed = parts.reduce((sum, part) => sum + part.failed, 0);
  console.log(`\n${passed} passed, ${failed} failed`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
}
