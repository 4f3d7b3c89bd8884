import type { Context } from 'aws-lambda';
import { vi } from 'vitest';

export type LambdaHandler = (event: unknown, context: Context) => Promise<unknown>;

/** Loads a handler as a cold start does, with this environment. */
export async function loadHandler(
  name: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<LambdaHandler> {
  vi.resetModules();
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');
  for (const [variable, value] of Object.entries(environment)) vi.stubEnv(variable, value);
  const module: { handler: LambdaHandler } = await import(`../../lambdas/${name}/handler.ts`);
  return module.handler;
}

/** The part of Lambda's context that handlers use. */
export function lambdaContext(timeoutSeconds = 30): Context {
  const end = Date.now() + timeoutSeconds * 1000;
  return {
    functionName: 'test',
    memoryLimitInMB: '256',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:test',
    awsRequestId: '00000000-0000-0000-0000-000000000000',
    getRemainingTimeInMillis: () => end - Date.now(),
  } as Context;
}

/** @returns what a call threw. @throws if it threw nothing */
export async function errorOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
