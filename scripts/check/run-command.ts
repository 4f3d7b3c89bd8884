import { spawn } from 'node:child_process';
import { delimiter } from 'node:path';
import { projectFolder, projectPath } from '@stepkube/tools/project-path.ts';
import type { CheckOutcome } from './check-outcome.ts';

export interface CommandOptions {
  readonly stdin?: string;
  /** @default 300 */
  readonly timeoutSeconds?: number;
}

export interface CommandResult {
  /** null: it was killed, by the time limit or from outside. */
  readonly exitCode: number | null;
  readonly output: string;
}

/**
 * Runs a program in the root folder, with the programs of node_modules first on PATH.
 * @throws an Error with code ENOENT when there is no such program.
 */
export function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { stdin = '', timeoutSeconds = 300 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: projectFolder,
      env: {
        ...process.env,
        NO_COLOR: '1',
        PATH: `${projectPath('node_modules', '.bin')}${delimiter}${process.env['PATH']}`,
      },
      // Not `timeout`: when there is no such program, its timer keeps this process for the whole limit.
      signal: AbortSignal.timeout(timeoutSeconds * 1000),
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk));
    child.once('error', (error) => {
      if (error.name !== 'AbortError') reject(error); // otherwise 'close' tells of the signal
    });
    child.once('close', (exitCode, signal) =>
      resolve({
        exitCode,
        output: signal === null ? output : `${output}\nended by ${signal} (limit ${timeoutSeconds} s)`,
      }),
    );
    child.stdin.on('error', () => {}); // a program that does not read its input may close it first
    child.stdin.end(stdin);
  });
}

/** The outcome of a check that is one command. */
export async function commandOutcome(program: string, args: readonly string[], detail?: string): Promise<CheckOutcome> {
  const { exitCode, output } = await runCommand(program, args);
  return { status: exitCode === 0 ? 'passed' : 'failed', output, ...(detail === undefined ? {} : { detail }) };
}
