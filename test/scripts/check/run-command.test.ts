import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { describe, expect, it } from 'vitest';
import { runCommand } from '#scripts/check/run-command.ts';

describe('runCommand', () => {
  it('runCommand returns the exit code and everything that was printed', async () => {
    const script =
      'process.stdin.on("data", (text) => { console.log(`${text}`); console.error("no"); process.exit(3); })';
    const { exitCode, output } = await runCommand('node', ['-e', script], { stdin: 'read' });
    expect(exitCode).toBe(3);
    expect(output.split('\n').sort()).toEqual(['', 'no', 'read']);
  });

  it('runCommand ends a program that exceeds its time limit, and says so in the output', async () => {
    const { exitCode, output } = await runCommand('node', ['-e', 'setInterval(() => {}, 1000)'], {
      timeoutSeconds: 0.2,
    });
    expect(exitCode).toBeNull();
    expect(output).toContain('ended by SIGTERM (limit 0.2 s)');
  });

  it('runCommand rejects with ENOENT for an unknown program and leaves no timer running', async () => {
    const module = projectPath('scripts/check/run-command.ts');
    const script = `const { runCommand } = await import(${JSON.stringify(module)});
      await runCommand('no-such-program', []).catch(({ code }) => console.log(code));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    expect(stdout).toBe('ENOENT\n');
  });
});
