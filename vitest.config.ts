import { defineConfig } from 'vitest/config';

/** unit: one part at a time; twin: whole runs of the local twin; page: the twin's page in a real browser. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/twin/**', 'test/page/**'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'twin',
          globalSetup: ['test/support/assembly.setup.ts'],
          include: ['test/twin/**/*.test.ts'],
          testTimeout: 150_000,
          hookTimeout: 150_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'page',
          globalSetup: ['test/support/assembly.setup.ts'],
          include: ['test/page/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
