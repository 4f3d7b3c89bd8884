import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { describe, expect, it } from 'vitest';
import { runCommand } from '#scripts/check/run-command.ts';

describe('runCommand', () => {
  it('gives the exit code and everything that was printed', async () => {
    const script =
      'process.stdin.on("data", (text) => { console.log(`${text}`); console.error("no"); process.exit(3); })';
    const { exitCode, output } = await runCommand('node', ['-e', script], { stdin: 'read' });
    expect(exitCode).toBe(3);
    expect(output.split('\n').sort()).toEqual(['', 'no', 'read']);
  });

  it('ends what takes longer than its limit, and says so', async () => {
    const { exitCode, output } = await runCommand('node', ['-e', 'setInterval(() => {}, 1000)'], {
      timeoutSeconds: 0.2,
    });
    expect(exitCode).toBeNull();
    expect(output).toContain('ended by SIGTERM (limit 0.2 s)');
  });

  it('says that there is no such program, and keeps nobody waiting after that', async () => {
    const module = projectPath('scripts/check/run-command.ts');
    const script = `const { runCommand } = await import(${JSON.stringify(module)});
      await runCommand('no-such-program', []).catch(({ code }) => console.log(code));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    expect(stdout).toBe('ENOENT\n');
  });
});
