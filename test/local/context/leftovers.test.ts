import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { expect, it } from 'vitest';
import { sweepLeftovers } from '#local/context/leftovers.ts';

const sleeper = ['-c', 'while read -r _; do :; done'] as const;
/** A process inside of a folder that runs until its input ends. */
const startIn = (cwd: string) => spawn('bash', sleeper, { cwd, detached: true, stdio: ['pipe', 'ignore', 'ignore'] });

it('when a twin is killed, the processes that work in its folder end, and the folder goes', async () => {
  const program = `
    import { spawn } from 'node:child_process';
    import { createContext } from ${JSON.stringify(projectPath('local/context/context.ts'))};
    const { root } = await createContext({ scale: 1, faults: [] });
    const pod = spawn('bash', ${JSON.stringify(sleeper)}, { cwd: root, detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    console.log(JSON.stringify({ root, pod: pod.pid }));
    setInterval(() => {}, 1000);
  `;
  const twin = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(twin.stdout, 'data');
  const { root } = JSON.parse(String(line));
  expect(existsSync(root)).toBe(true);
  twin.kill('SIGKILL');
  await expect.poll(() => existsSync(root), { timeout: 20_000 }).toBe(false);
});

it('a start ends the processes and removes the folder of a twin that is gone, and nothing of one that runs', async () => {
  const left = mkdtempSync(join(tmpdir(), 'stepkube-'));
  mkdirSync(join(left, 'images'));
  // No process has this start time.
  writeFileSync(join(left, 'twin.owner'), `${process.pid} 1`);
  const orphan = startIn(join(left, 'images'));
  const ended = once(orphan, 'exit');
  expect(await sweepLeftovers()).toContain(left);
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(existsSync(left)).toBe(false);
  expect(await sweepLeftovers()).not.toContain(left);
});
