/**
 * Usage: node scripts/check/totals.ts FOLDER. Reads what .ci/run left in FOLDER and prints the slowest test files, the coverage and, in
 * the last line, 'N passed, N failed'. Exit code 1 when something failed, or nothing was run.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { coverageTotals, minLinePercent } from './coverage-totals.ts';
import { slowestFiles } from './slowest-files.ts';

export interface Totals {
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

/** A missing report means that its program did not reach its end, which counts as one failure. */
const unfinished: Totals = { passed: 0, failed: 1 };

/** @param report vitest's JSON report, undefined when there is none */
export function testTotals(report: string | undefined): Totals {
  if (report === undefined) return unfinished;
  const { success, numPassedTests, numFailedTests, testResults } = JSON.parse(report) as TestReport;
  const unloadable = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  const failed = numFailedTests + unloadable.length;
  // An error outside of every test, such as in a global setup, is in none of the report's numbers.
  const elsewhere = failed === 0 && (!success || numPassedTests === 0) ? 1 : 0;
  return { passed: numPassedTests, failed: failed + elsewhere };
}

/** @param output of `npm run check`, undefined when there is none */
export function checkTotals(output: string | undefined): Totals {
  const [, passed, failed] = /^(\d+) passed, (\d+) failed$/m.exec(output ?? '') ?? [];
  return passed === undefined ? unfinished : { passed: Number(passed), failed: Number(failed) };
}

function main(folder: string): void {
  const times = readIfExists(join(folder, 'file-times.json'));
  if (times !== undefined) console.log(`\nSlowest test files:\n${slowestFiles(times, 10).join('\n')}`);
  const coverage = coverageTotals(readIfExists(join(folder, 'coverage', 'coverage-summary.json')), minLinePercent);
  console.log(`\n${coverage.text}`);

  const tests = testTotals(readIfExists(join(folder, 'tests.json')));
  const checks = checkTotals(readIfExists(join(folder, 'checks.txt')));
  const parts: readonly Totals[] = [tests, checks, coverage];
  const passed = parts.reduce((sum, part) => sum + part.passed, 0);
  const failed = parts.reduce((sum, part) => sum + part.failed, 0);
  console.log(`\n${passed} passed, ${failed} failed`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
}

function readIfExists(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) {
    console.error('Usage: node scripts/check/totals.ts FOLDER');
    process.exit(2);
  }
  main(folder);
}
