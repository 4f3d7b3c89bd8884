import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { unpackLayer } from '@stepkube/tools/unpack-layer.ts';
import { functionLogFile } from '../logs/function-log.ts';
import type { CloudCore } from '../service.ts';
import { environmentVariables } from './environment-variables.ts';
import {
  type ExecutionEnvironment,
  type InvocationOutcome,
  startExecutionEnvironment,
} from './execution-environment.ts';
import type { FunctionStore, LambdaFunction } from './function-store.ts';

export interface Invoker {
  /** Runs the function in a warm execution environment, or in a new one when all are busy. */
  invoke(lambda: LambdaFunction, payload: string): Promise<InvocationOutcome>;
  stop(): Promise<void>;
}

interface PooledEnvironment {
  readonly environment: ExecutionEnvironment;
  /** Milliseconds since 1970. */
  readonly credentialsExpireAt: number;
  readonly temporaryFolder: string;
}

/** Longer than any invocation: the credentials of an environment must not expire during one. */
const credentialsMarginMilliseconds = 16 * 60_000;

export function createInvoker(core: CloudCore, store: FunctionStore): Invoker {
  /** By function name. */
  const idle = new Map<string, PooledEnvironment[]>();
  const all = new Set<PooledEnvironment>();
  let startedCount = 0;
  let stopped = false;

  async function discard(pooled: PooledEnvironment): Promise<void> {
    all.delete(pooled);
    await pooled.environment.kill();
    await rm(pooled.temporaryFolder, { recursive: true, force: true });
  }

  async function start(lambda: LambdaFunction): Promise<PooledEnvironment> {
    const layerFolder = await unpackLayerOf(store, lambda);
    startedCount += 1;
    const temporaryFolder = join(core.context.root, 'lambda', `${lambda.name}-${startedCount}`);
    const credentials = core.issueCredentials(lambda.roleArn, lambda.name);
    const env = environmentVariables(lambda, {
      region: core.region,
      endpoint: core.endpoint,
      credentials,
      layerFolder,
      temporaryFolder,
      logStream: `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomUUID()}`,
      time: core.context.time,
    });
    const environment = startExecutionEnvironment(env, functionLogFile(core.context.root, lambda.name));
    const pooled = { environment, credentialsExpireAt: credentials.expiration.getTime(), temporaryFolder };
    all.add(pooled);
    return pooled;
  }

  async function acquire(lambda: LambdaFunction): Promise<PooledEnvironment> {
    const candidates = idle.get(lambda.name) ?? [];
    for (let pooled = candidates.pop(); pooled !== undefined; pooled = candidates.pop()) {
      const isFresh = pooled.credentialsExpireAt - Date.now() > credentialsMarginMilliseconds;
      if (isFresh && pooled.environment.isUsable) return pooled;
      await discard(pooled);
    }
    return start(lambda);
  }

  return {
    async invoke(lambda, payload) {
      if (stopped) throw new Error(`${lambda.name} was invoked after the twin stopped`);
      const pooled = await acquire(lambda);
      const clockAheadSeconds = core.context.time.aheadSeconds;
      const message = { requestId: randomUUID(), functionArn: lambda.arn, clockAheadSeconds, payload };
      const outcome = await pooled.environment.invoke(message, lambda.timeoutSeconds);
      if (stopped || !pooled.environment.isUsable) await discard(pooled);
      else idle.set(lambda.name, [...(idle.get(lambda.name) ?? []), pooled]);
      return outcome;
    },
    async stop() {
      stopped = true;
      await Promise.all([...all].map(discard));
    },
  };
}

/** @returns the folder with the content of /opt. @throws Error for several layers, which the twin does not merge */
async function unpackLayerOf(store: FunctionStore, lambda: LambdaFunction): Promise<string | undefined> {
  const [arn, ...others] = lambda.layerArns;
  if (arn === undefined) return undefined;
  if (others.length > 0) throw new Error(`${lambda.name}.Layers: the twin serves one layer per function`);
  const zipFile = store.layers.get(arn);
  if (zipFile === undefined) throw new Error(`${lambda.name}.Layers: ${arn} is not in the template`);
  return unpackLayer(zipFile);
}
