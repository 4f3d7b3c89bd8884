import { copyFile, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bareEnvironment, launcher, runStepkube } from '#support/stepkube.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stepkube-test-launcher-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('./stepkube', () => {
  it("./stepkube runs on the project's Node.js 24 from any folder, with nothing but a PATH", async () => {
    const env = { ...bareEnvironment, NODE_OPTIONS: '--import=data:text/javascript,console.error(process.version)' };
    const { exitCode, stdout, stderr } = await runStepkube(['--help'], { cwd: folder, env });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Usage: \.\/stepkube <verb> \[options\]\n/);
    expect(stderr).toMatch(/^v24\./);
  });

  it('./stepkube runs through a chain of symbolic links', async () => {
    await symlink(launcher, join(folder, 'first'));
    await symlink('first', join(folder, 'second'));
    const { exitCode, stdout } = await runStepkube(['--help'], { cwd: '/', program: join(folder, 'second') });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Usage: ./stepkube');
  });

  it('./stepkube says in one line that npm ci was not run, with exit code 1', async () => {
    const program = join(folder, 'stepkube');
    await copyFile(launcher, program);
    const { exitCode, output } = await runStepkube(['--help'], { program });
    expect(exitCode).toBe(1);
    expect(output).toBe(`stepkube is not installed yet; run this once: (cd '${folder}' && npm ci)\n`);
  });

  it('./stepkube says in one line that a package is missing', async () => {
    const hook = `import { registerHooks } from 'node:module';
      registerHooks({ resolve: (specifier, context, next) => next(specifier === 'commander' ? 'not-installed' : specifier, context) });`;
    const env = { ...bareEnvironment, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hook)}` };
    const { exitCode, output } = await runStepkube(['--help'], { env });
    expect(exitCode).toBe(1);
    expect(output).toBe('✖ the package not-installed is not installed; run: npm ci\n');
  });

  it('./stepkube ends quietly when the reader of its output has gone', async () => {
    const { exitCode, output } = await runStepkube(['-c', `'${launcher}' --help | head -1`], { program: '/bin/bash' });
    expect(exitCode).toBe(0);
    expect(output).toBe('Usage: ./stepkube <verb> [options]\n');
  });
});
