import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verbNames } from '#cli/load-verbs.ts';
import { bareEnvironment, runStepkube, tracingModules } from '#support/stepkube.ts';

const verbs = verbNames.filter((name) => name !== 'complete');

describe('--help', () => {
  it('./stepkube --help lists every verb with one line and the exit codes', async () => {
    const { exitCode, stdout } = await runStepkube(['--help']);
    expect(exitCode).toBe(0);
    for (const verb of verbs) expect(stdout).toMatch(new RegExp(`^  ${verb} +\\S.*$`, 'm'));
    expect(stdout).not.toMatch(/^ {2}complete /m);
    expect(stdout).toContain('Exit codes: 0 done, 1 failed, 2 wrong usage');
  });

  it('./stepkube without a verb prints the same', async () => {
    const [bare, help] = await Promise.all([runStepkube([]), runStepkube(['--help'])]);
    expect(bare).toEqual(help);
  });

  it.each(verbs)('./stepkube %s --help shows usage, purpose and options in the common style', async (verb) => {
    const { exitCode, stdout, stderr } = await runStepkube([verb, '--help']);
    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toMatch(new RegExp(`^Usage: \\./stepkube ${verb} \\[options\\].*\n\n[A-Z]`));
    expect(stdout).toMatch(/^Options:\n/m);
    expect(stdout).toMatch(/^ {2}-h, --help +show this text$/m);
  });

  it('./stepkube --help loads neither the CDK, nor an AWS client, nor the twin', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stepkube-test-help-'));
    try {
      const trace = join(folder, 'modules');
      await runStepkube(['--help'], { env: { ...bareEnvironment, NODE_OPTIONS: tracingModules(trace) } });
      const loaded = (await readFile(trace, 'utf8')).trim().split('\n');
      expect(loaded.filter((url) => url.includes('/cli/verbs/')).length).toBe(verbNames.length);
      const packages = loaded.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []);
      expect([...new Set(packages)].sort()).toEqual(['@commander-js/extra-typings', 'commander']);
      const own = loaded.filter((url) => /\/(?:local|infra|lambdas)\//.test(url)).map((url) => url.split('/').at(-1));
      expect(own).toEqual(['faults.ts']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
