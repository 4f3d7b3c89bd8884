/** A container's processes: a process group of their own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { ContainerLog } from './container-logs.ts';

export interface ContainerProcess {
  /** Process group id; undefined when the program could not be started. */
  readonly group: number | undefined;
  readonly exited: Promise<number>;
  /** As container runtimes do: SIGTERM goes to the main process, SIGKILL to the whole group. */
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
}

export interface ProcessOptions {
  readonly command: readonly string[];
  readonly workingFolder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly log: ContainerLog;
}

/** Of a container whose program cannot be started. */
const cannotStartExitCode = 128;

export function startProcess({ command, workingFolder, environment, log }: ProcessOptions): ContainerProcess {
  const [program, ...args] = command;
  const child = spawn(program!, args, {
    cwd: workingFolder,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  /** @param target a process id, or a negative process group id */
  const signalTo = (target: number | undefined, name: NodeJS.Signals): void => {
    if (target === undefined) return;
    try {
      process.kill(target, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  const group = child.pid === undefined ? undefined : -child.pid;
  for (const stream of ['stdout', 'stderr'] as const) {
    createInterface({ input: child[stream] }).on('line', (line) => log.append(stream, line));
  }
  // When the main process of a container ends, the kernel ends the others in its PID namespace.
  child.once('exit', () => signalTo(group, 'SIGKILL'));
  return {
    group: child.pid,
    exited: waitForExit(child, log),
    signal: (name) => signalTo(name === 'SIGKILL' ? group : child.pid, name),
  };
}

/** @returns the exit code */
async function waitForExit(child: ReturnType<typeof spawn>, log: ContainerLog): Promise<number> {
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + constants.signals[signal!];
  } catch (error) {
    log.append('stderr', `cannot start the container: ${(error as Error).message}`);
    return cannotStartExitCode;
  } finally {
    log.end();
  }
}
