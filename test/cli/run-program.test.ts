import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stepkube-test-run-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A process that runs a script by runNode() and ends with the exit code it returns. */
async function startRunner(script: string, ...args: string[]) {
  const file = join(folder, 'script.mjs');
  await writeFile(file, script);
  const module = JSON.stringify(projectPath('cli/run-program.ts'));
  const program = `import { runNode } from ${module}; process.exitCode = await runNode(${JSON.stringify(file)}, process.argv.slice(1));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, '--', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, output }));
  return { child, ended };
}

describe('runNode', () => {
  it("runNode passes arguments on and returns the script's exit code", async () => {
    const { ended } = await startRunner('console.log(process.argv.slice(2)); process.exitCode = 3;', '--a', 'b c');
    expect(await ended).toEqual({ code: 3, output: "[ '--a', 'b c' ]\n" });
  });

  it('runNode returns 128 + the number of the signal that ended the script', async () => {
    const { ended } = await startRunner("process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000);");
    expect((await ended).code).toBe(137);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('runNode forwards %s to the script and waits for its own way to end', async (signal, code) => {
    const { child, ended } = await startRunner(
      `process.on('${signal}', () => { console.log('cleaned up'); process.exit(${code}); });
       setInterval(() => {}, 1000); console.log('ready');`,
    );
    await once(child.stdout, 'data');
    child.kill(signal);
    expect(await ended).toEqual({ code, output: 'ready\ncleaned up\n' });
  });
});
