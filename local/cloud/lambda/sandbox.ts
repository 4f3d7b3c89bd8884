import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectPath } from '@stepkube/tools/project-path.ts';
import type { BootstrapMessage, FunctionErrorPayload, InvokeMessage } from './protocol.ts';

const bootstrapFile = join(import.meta.dirname, 'bootstrap.ts');
const compileCacheFolder = projectPath('.cache', 'node');
/** AWS gives a function 10 s to import its handler; a busy small machine needs more. */
const initTimeoutMilliseconds = 60_000;

export type InvocationOutcome =
  | { readonly payload: string }
  | { readonly functionError: 'Handled' | 'Unhandled'; readonly error: FunctionErrorPayload };

export interface Sandbox {
  /** Answers always: a thrown error, a crash and a timeout are outcomes. One invocation at a time. */
  invoke(message: Omit<InvokeMessage, 'type' | 'deadline'>, timeoutSeconds: number): Promise<InvocationOutcome>;
  /** False once its process is gone or must not be used again. */
  readonly usable: boolean;
  kill(): Promise<void>;
}

/** Starts one execution environment: a process that has the handler in memory and keeps it between invocations. */
export function startSandbox(env: Readonly<Record<string, string>>, logFile: string): Sandbox {
  const child = spawnBootstrap(env, logFile);
  const exited = once(child, 'exit').catch(() => []);
  const ready = firstMessage(child, exited, initTimeoutMilliseconds);
  let usable = true;
  exited.then(() => {
    usable = false;
  });

  async function kill(): Promise<void> {
    usable = false;
    child.kill('SIGKILL');
    await exited;
  }

  return {
    get usable() {
      return usable;
    },
    kill,
    async invoke({ requestId, functionArn, payload }, timeoutSeconds) {
      const started = await ready;
      if (started === 'timed-out' || started === 'exited' || started.type === 'failed-init') {
        await kill();
        return { functionError: 'Unhandled', error: initError(started, requestId) };
      }
      const timeoutMilliseconds = timeoutSeconds * 1000;
      const answer = firstMessage(child, exited, timeoutMilliseconds);
      const deadline = Date.now() + timeoutMilliseconds;
      child.send({ type: 'invoke', requestId, functionArn, deadline, payload } satisfies InvokeMessage, () => {});
      const message = await answer;
      if (message !== 'timed-out' && message !== 'exited') {
        if (message.type === 'result') return { payload: message.payload };
        if (message.type === 'error') {
          const crashed = message.error.errorType.startsWith('Runtime.');
          if (crashed) await kill();
          return { functionError: 'Unhandled', error: message.error };
        }
      }
      await kill();
      const error =
        message === 'timed-out'
          ? sandboxError('Sandbox.Timedout', requestId, `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`)
          : sandboxError('Runtime.ExitError', requestId, `Runtime exited with error: ${exitReason(child)}`);
      return { functionError: 'Unhandled', error };
    },
  };
}

function spawnBootstrap(env: Readonly<Record<string, string>>, logFile: string): ChildProcess {
  mkdirSync(dirname(logFile), { recursive: true });
  mkdirSync(env['TMPDIR']!, { recursive: true });
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [bootstrapFile], {
    cwd: env['LAMBDA_TASK_ROOT'],
    env: { ...env, NODE_COMPILE_CACHE: compileCacheFolder },
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  child.on('error', () => {});
  return child;
}

function firstMessage(
  child: ChildProcess,
  exited: Promise<unknown>,
  timeoutMilliseconds: number,
): Promise<BootstrapMessage | 'timed-out' | 'exited'> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle('timed-out'), timeoutMilliseconds);
    const onMessage = (message: unknown) => settle(message as BootstrapMessage);
    function settle(outcome: BootstrapMessage | 'timed-out' | 'exited') {
      clearTimeout(timer);
      child.off('message', onMessage);
      resolve(outcome);
    }
    child.on('message', onMessage);
    exited.then(() => settle('exited'));
  });
}

function initError(
  started: Extract<BootstrapMessage, { type: 'failed-init' }> | 'timed-out' | 'exited' | BootstrapMessage,
  requestId: string,
): FunctionErrorPayload {
  if (typeof started === 'object' && started.type === 'failed-init') return started.error;
  const what = started === 'timed-out' ? 'Init phase timed out' : 'Runtime exited without providing a reason';
  return sandboxError(started === 'timed-out' ? 'Sandbox.Timedout' : 'Runtime.ExitError', requestId, what);
}

function sandboxError(errorType: string, requestId: string, what: string): FunctionErrorPayload {
  return { errorType, errorMessage: `RequestId: ${requestId} Error: ${what}` };
}

function exitReason(child: ChildProcess): string {
  return child.signalCode === null ? `exit status ${child.exitCode}` : `signal: ${child.signalCode}`;
}
