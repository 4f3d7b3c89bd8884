/**
 * A reporter for vitest that writes how long each test file took into the file that TEST_FILE_TIMES names. Vitest's JSON report leaves
 * out imports and beforeAll, and so most of the time of a test that starts a twin.
 */
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { projectFolder } from '@stepkube/tools/project-path.ts';
import type { Reporter, TestModule } from 'vitest/node';
import type { FileTime } from './slowest-files.ts';

export default class FileTimesReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const file = process.env['TEST_FILE_TIMES'];
    if (file === undefined) throw new Error('TEST_FILE_TIMES: missing; set it to the file to write');
    writeFileSync(file, JSON.stringify(modules.map(fileTime)));
  }
}

function fileTime(module: TestModule): FileTime {
  const { prepareDuration, collectDuration, setupDuration, duration } = module.diagnostic();
  return {
    file: relative(projectFolder, module.moduleId),
    seconds: (prepareDuration + collectDuration + setupDuration + duration) / 1000,
  };
}
