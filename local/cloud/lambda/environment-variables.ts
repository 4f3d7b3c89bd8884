import { delimiter, join } from 'node:path';
import type { Credentials, TwinTime } from '#local/contracts/context.ts';
import type { LambdaFunction } from './function-store.ts';

export interface EnvironmentVariableOptions {
  readonly region: string;
  readonly endpoint: string;
  readonly credentials: Credentials;
  /** Folder with the content of /opt; undefined: the function has no layers. */
  readonly layerFolder: string | undefined;
  readonly temporaryFolder: string;
  readonly logStream: string;
  readonly time: TwinTime;
}

/**
 * All environment variables of a function's process: the template's and those that the runtime defines, none of the twin's own.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export function environmentVariables(
  lambda: LambdaFunction,
  options: EnvironmentVariableOptions,
): Record<string, string> {
  const path = ['/usr/local/bin', '/usr/bin', '/bin'];
  if (options.layerFolder !== undefined) path.push(join(options.layerFolder, 'bin'));
  return {
    ...Object.fromEntries(
      Object.entries(lambda.environment).map(([name, value]) => [name, localValue(name, value, options)]),
    ),
    _HANDLER: lambda.handler,
    AWS_ACCESS_KEY_ID: options.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: options.credentials.secretAccessKey,
    AWS_SESSION_TOKEN: options.credentials.sessionToken,
    AWS_REGION: options.region,
    AWS_DEFAULT_REGION: options.region,
    AWS_ENDPOINT_URL: options.endpoint,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: lambda.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(lambda.memoryMegabytes),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${lambda.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: options.logStream,
    LAMBDA_TASK_ROOT: lambda.codeFolder,
    LANG: 'en_US.UTF-8',
    PATH: path.join(delimiter),
    TMPDIR: options.temporaryFolder,
    TZ: ':UTC',
  };
}

/** Paths in layers point into the unpacked layer; waits become real seconds for simulated ones, timeouts bound real work and stay. */
function localValue(name: string, value: string, { layerFolder, time }: EnvironmentVariableOptions): string {
  if (layerFolder !== undefined && value.startsWith('/opt/')) return join(layerFolder, value.slice('/opt/'.length));
  if (/(?<!_TIMEOUT)_SECONDS$/.test(name) && /^\d+$/.test(value)) {
    return String(time.milliseconds(Number(value)) / 1000);
  }
  return value;
}
