/**
 * The program of an execution environment's process: imports the handler, then runs one invocation at a time, as AWS's Node.js
 * runtime interface client does (https://github.com/aws/aws-lambda-nodejs-runtime-interface-client). It runs without the twin
 * and imports only types of it.
 */
import { existsSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BootstrapMessage, FunctionErrorPayload, InvokeMessage } from './bootstrap-protocol.ts';

type Handler = (event: unknown, context: object) => unknown;

// It speeds up the start of this process; on AWS the function does not have it.
delete process.env['NODE_COMPILE_CACHE'];
delete process.env['NODE_COMPILE_CACHE_PORTABLE'];

const env = process.env as Record<string, string>;
const machineNow = Date.now.bind(Date);
let currentRequestId = '';

process.on('disconnect', () => process.exit(0));
process.on('uncaughtException', (error) => crash(describe(error)));
process.on('unhandledRejection', (reason) => {
  const { errorMessage, trace } = describe(reason);
  crash({ errorType: 'Runtime.UnhandledPromiseRejection', errorMessage, trace: trace ?? [] });
});

try {
  const handler = await loadHandler(env['LAMBDA_TASK_ROOT']!, env['_HANDLER']!);
  process.on('message', (message: InvokeMessage) => void invoke(handler, message));
  send({ type: 'ready' });
  // At its end the process is killed, which writes no cache.
  flushCompileCache();
} catch (error) {
  send({ type: 'failed-init', error: describe(error) });
}

async function loadHandler(taskRoot: string, name: string): Promise<Handler> {
  const dot = name.lastIndexOf('.');
  const [moduleName, exportName] = [name.slice(0, dot), name.slice(dot + 1)];
  const file = ['.mjs', '.js', '.cjs'].map((extension) => join(taskRoot, `${moduleName}${extension}`)).find(existsSync);
  if (file === undefined) throw namedError('Runtime.ImportModuleError', `Error: Cannot find module '${moduleName}'`);
  const module = await import(pathToFileURL(file).href);
  const handler = module[exportName] ?? module.default?.[exportName];
  if (typeof handler !== 'function') {
    throw namedError('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  }
  return handler;
}

async function invoke(handler: Handler, message: InvokeMessage): Promise<void> {
  const { requestId, payload, functionArn, deadline, clockAheadSeconds } = message;
  currentRequestId = requestId;
  Date.now = () => machineNow() + clockAheadSeconds * 1000;
  try {
    const result = await handler(JSON.parse(payload), {
      callbackWaitsForEmptyEventLoop: true,
      functionName: env['AWS_LAMBDA_FUNCTION_NAME'],
      functionVersion: env['AWS_LAMBDA_FUNCTION_VERSION'],
      invokedFunctionArn: functionArn,
      memoryLimitInMB: env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
      awsRequestId: requestId,
      logGroupName: env['AWS_LAMBDA_LOG_GROUP_NAME'],
      logStreamName: env['AWS_LAMBDA_LOG_STREAM_NAME'],
      getRemainingTimeInMillis: () => Math.max(0, deadline - machineNow()),
    });
    send({ type: 'result', requestId, payload: JSON.stringify(result) ?? 'null' });
  } catch (error) {
    const described = describe(error);
    console.error(JSON.stringify({ level: 'ERROR', message: 'Invoke Error', requestId, ...described }));
    send({ type: 'error', requestId, error: described });
  }
}

function crash(error: FunctionErrorPayload): void {
  process.send!({ type: 'error', requestId: currentRequestId, error } satisfies BootstrapMessage, () =>
    process.exit(129),
  );
}

function describe(error: unknown): FunctionErrorPayload {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

function namedError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

function send(message: BootstrapMessage): void {
  process.send!(message);
}
