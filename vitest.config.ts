import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Whole runs take minutes: begun last, the longest would run alone at the end, with a core idle. */
class WholeRunsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isWholeRun = ({ project }: TestSpecification) => project.name === 'twin';
    const sorted = await super.sort(files);
    return [...sorted.filter(isWholeRun), ...sorted.filter((file) => !isWholeRun(file))];
  }
}

/** unit: one part at a time; twin: whole runs of the local twin, also with its page in a real browser. */
export default defineConfig({
  test: {
    // Most of a test waits for a process or a simulated second, so the tests may use every core.
    maxWorkers: '100%',
    sequence: { sequencer: WholeRunsFirst },
    // Only with --coverage. What bundles and services do in processes of their own is not counted.
    coverage: {
      include: ['{cli,infra,lambdas,local,scripts,ssm-documents,tools,workloads}/**/*.ts'],
      exclude: ['**/*.d.ts', 'local/console/page/**'],
      reporter: ['json-summary', 'text-summary'],
      reportOnFailure: true,
    },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/twin/**'],
          // Starting a process and importing the SDK for each file took a third of the tests' CPU time. Tests leave no state behind.
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'twin',
          globalSetup: ['test/support/assembly.setup.ts'],
          include: ['test/twin/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
