/** https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compileCacheEnvironment } from '@stepkube/tools/compile-cache.ts';
import type { BootstrapMessage, FunctionErrorPayload, InvokeMessage } from './bootstrap-protocol.ts';

const bootstrapFile = join(import.meta.dirname, 'bootstrap.ts');
/** On AWS the init phase may take 10 s; a small machine that is busy with the whole twin needs more. */
const initTimeoutMilliseconds = 60_000;

export type InvocationOutcome =
  | { readonly payload: string }
  | { readonly functionError: 'Handled' | 'Unhandled'; readonly error: FunctionErrorPayload };

/** A process that has the handler in memory and keeps it between invocations. */
export interface ExecutionEnvironment {
  /** Runs one invocation; there must be no other meanwhile. Never rejects: an error, a crash and a timeout are outcomes. */
  invoke(message: Omit<InvokeMessage, 'type' | 'deadline'>, timeoutSeconds: number): Promise<InvocationOutcome>;
  /** False once the process has ended or must not be used again. */
  readonly isUsable: boolean;
  kill(): Promise<void>;
}

type MessageOrEnd = BootstrapMessage | 'timed-out' | 'exited';

export function startExecutionEnvironment(
  env: Readonly<Record<string, string>>,
  logFile: string,
): ExecutionEnvironment {
  const child = spawnBootstrap(env, logFile);
  const exited = once(child, 'exit').catch(() => []);
  const ready = nextMessage(child, exited, initTimeoutMilliseconds);
  let isUsable = true;
  exited.then(() => {
    isUsable = false;
  });

  async function kill(): Promise<void> {
    isUsable = false;
    child.kill('SIGKILL');
    await exited;
  }

  return {
    get isUsable() {
      return isUsable;
    },
    kill,
    async invoke(invocation, timeoutSeconds) {
      const { requestId } = invocation;
      const started = await ready;
      if (started === 'timed-out' || started === 'exited' || started.type !== 'ready') {
        await kill();
        return { functionError: 'Unhandled', error: initError(started, requestId) };
      }
      const timeoutMilliseconds = timeoutSeconds * 1000;
      const reply = nextMessage(child, exited, timeoutMilliseconds);
      const deadline = Date.now() + timeoutMilliseconds;
      child.send({ type: 'invoke', deadline, ...invocation } satisfies InvokeMessage, () => {});
      const message = await reply;
      if (message !== 'timed-out' && message !== 'exited') {
        if (message.type === 'result') return { payload: message.payload };
        if (message.type === 'error') {
          const hasCrashed = message.error.errorType.startsWith('Runtime.');
          if (hasCrashed) await kill();
          return { functionError: 'Unhandled', error: message.error };
        }
      }
      await kill();
      const error =
        message === 'timed-out'
          ? runtimeError('Sandbox.Timedout', requestId, `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`)
          : runtimeError('Runtime.ExitError', requestId, `Runtime exited with error: ${exitReason(child)}`);
      return { functionError: 'Unhandled', error };
    },
  };
}

function spawnBootstrap(env: Readonly<Record<string, string>>, logFile: string): ChildProcess {
  mkdirSync(dirname(logFile), { recursive: true });
  mkdirSync(env['TMPDIR']!, { recursive: true });
  const log = openSync(logFile, 'a');
  const taskRoot = env['LAMBDA_TASK_ROOT']!;
  const child = spawn(process.execPath, [bootstrapFile], {
    cwd: taskRoot,
    env: { ...env, ...compileCacheEnvironment(dirname(taskRoot)) },
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  child.on('error', () => {});
  return child;
}

function nextMessage(
  child: ChildProcess,
  exited: Promise<unknown>,
  timeoutMilliseconds: number,
): Promise<MessageOrEnd> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle('timed-out'), timeoutMilliseconds);
    const onMessage = (message: unknown) => settle(message as BootstrapMessage);
    function settle(outcome: MessageOrEnd) {
      clearTimeout(timer);
      child.off('message', onMessage);
      resolve(outcome);
    }
    child.on('message', onMessage);
    exited.then(() => settle('exited'));
  });
}

function initError(started: MessageOrEnd, requestId: string): FunctionErrorPayload {
  if (typeof started === 'object' && started.type === 'failed-init') return started.error;
  return started === 'timed-out'
    ? runtimeError('Sandbox.Timedout', requestId, 'Init phase timed out')
    : runtimeError('Runtime.ExitError', requestId, 'Runtime exited without providing a reason');
}

function runtimeError(errorType: string, requestId: string, message: string): FunctionErrorPayload {
  return { errorType, errorMessage: `RequestId: ${requestId} Error: ${message}` };
}

function exitReason(child: ChildProcess): string {
  return child.signalCode === null ? `exit status ${child.exitCode}` : `signal: ${child.signalCode}`;
}
