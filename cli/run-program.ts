import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter } from 'node:path';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { exitCodeOf, type StopSignal } from './errors.ts';

const forwarded: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a script or a program of node_modules in this terminal, on this Node.js, and waits for its end.
 * @returns its exit code; 128 + the signal's number when a signal ended it.
 */
export async function runNode(
  file: string,
  args: readonly string[],
  { cwd = process.cwd(), nodeOptions = [] }: { readonly cwd?: string; readonly nodeOptions?: readonly string[] } = {},
): Promise<number> {
  const child = spawn(process.execPath, [...nodeOptions, file, ...args], {
    cwd,
    stdio: 'inherit',
    // As npm sets it for its scripts: programs of node_modules find each other and this Node.js.
    env: { ...process.env, PATH: `${projectPath('node_modules', '.bin')}${delimiter}${process.env['PATH'] ?? ''}` },
  });
  const forward = (signal: NodeJS.Signals) => {
    // Ctrl-C reaches the child from the terminal: most programs take a second one as "exit at once".
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of forwarded) process.on(signal, forward);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  for (const signal of forwarded) process.off(signal, forward);
  return signal === null ? (code ?? 1) : exitCodeOf(signal);
}
