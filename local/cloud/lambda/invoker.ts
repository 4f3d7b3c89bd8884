import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { unpackLayer } from '@stepkube/tools/unpack-layer.ts';
import type { CloudCore } from '../service.ts';
import { sandboxEnvironment } from './environment.ts';
import type { FunctionStore, LambdaFunction } from './functions.ts';
import { type InvocationOutcome, type Sandbox, startSandbox } from './sandbox.ts';

export interface Invoker {
  /** Runs the function in a warm sandbox, or a new one when all are busy. */
  invoke(lambda: LambdaFunction, payload: string): Promise<InvocationOutcome & { readonly requestId: string }>;
  stop(): Promise<void>;
}

interface PooledSandbox {
  readonly sandbox: Sandbox;
  readonly credentialsExpire: number;
  readonly temporaryFolder: string;
}

/** Credentials must outlive the invocation that starts with them. */
const credentialsMarginMilliseconds = 16 * 60_000;

export function createInvoker(core: CloudCore, store: FunctionStore): Invoker {
  const idle = new Map<string, PooledSandbox[]>();
  const all = new Set<PooledSandbox>();
  let started = 0;
  let stopped = false;

  async function discard(pooled: PooledSandbox): Promise<void> {
    all.delete(pooled);
    await pooled.sandbox.kill();
    await rm(pooled.temporaryFolder, { recursive: true, force: true });
  }

  async function start(lambda: LambdaFunction): Promise<PooledSandbox> {
    const layerFolder = await layerOf(store, lambda);
    started += 1;
    const temporaryFolder = join(core.context.root, 'lambda', `${lambda.name}-${started}`);
    const credentials = core.issueCredentials(lambda.roleArn, lambda.name);
    const env = sandboxEnvironment(lambda, {
      region: core.region,
      endpoint: core.endpoint,
      credentials,
      layerFolder,
      temporaryFolder,
      logStream: `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomUUID()}`,
      time: core.context.time,
    });
    const logFile = join(core.context.root, 'logs/lambda', `${lambda.name}.log`);
    const sandbox = startSandbox(env, logFile);
    const pooled = { sandbox, credentialsExpire: credentials.expiration.getTime(), temporaryFolder };
    all.add(pooled);
    return pooled;
  }

  async function take(lambda: LambdaFunction): Promise<PooledSandbox> {
    const waiting = idle.get(lambda.name) ?? [];
    for (let pooled = waiting.pop(); pooled !== undefined; pooled = waiting.pop()) {
      const fresh = pooled.credentialsExpire - Date.now() > credentialsMarginMilliseconds;
      if (fresh && pooled.sandbox.usable) return pooled;
      await discard(pooled);
    }
    return start(lambda);
  }

  return {
    async invoke(lambda, payload) {
      if (stopped) throw new Error(`${lambda.name} was invoked after the twin stopped`);
      const requestId = randomUUID();
      const pooled = await take(lambda);
      const outcome = await pooled.sandbox.invoke(
        { requestId, functionArn: lambda.arn, payload },
        lambda.timeoutSeconds,
      );
      if (stopped || !pooled.sandbox.usable) await discard(pooled);
      else idle.set(lambda.name, [...(idle.get(lambda.name) ?? []), pooled]);
      return { ...outcome, requestId };
    },
    async stop() {
      stopped = true;
      await Promise.all([...all].map(discard));
    },
  };
}

/** /opt of a function. @throws when it has several layers: their merge is not served here. */
async function layerOf(store: FunctionStore, lambda: LambdaFunction): Promise<string | undefined> {
  const [arn, ...others] = lambda.layerArns;
  if (arn === undefined) return undefined;
  if (others.length > 0) throw new Error(`${lambda.name}.Layers: the twin serves one layer per function`);
  const zipFile = store.layers.get(arn);
  if (zipFile === undefined) throw new Error(`${lambda.name}.Layers: ${arn} is not in the template`);
  return unpackLayer(zipFile);
}
