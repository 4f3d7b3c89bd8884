/** A CloudCore without protocols, template and policies: modules are tested by calling their operations in-process. */
import { EventBus } from '#local/cloud/events/bus.ts';
import type { Operation } from '#local/cloud/operation.ts';
import type { CreatedResource } from '#local/cloud/resource.ts';
import type { CloudCore, CloudModule } from '#local/cloud/service.ts';
import { ServiceError } from '#local/cloud/service-error.ts';
import { createContext, type RunningContext } from '#local/context/context.ts';
import type { InstanceHost } from '#local/contracts/instance.ts';
import { noInstances } from './no-instances.ts';

export interface FakeCall {
  readonly service: string;
  readonly operation: string;
  readonly input: Record<string, unknown>;
  readonly asRoleArn: string | null;
}

export interface FakeCloud {
  readonly core: CloudCore;
  readonly context: RunningContext;
  /** Every in-process call that was made, oldest first. */
  readonly calls: FakeCall[];
  add(module: CloudModule): void;
  /** Creates a resource as the template loader does. */
  create(type: string, logicalId: string, properties: object): Promise<CreatedResource>;
  /** Sets the response to an operation that no added module serves. */
  stub(service: string, operation: string, answer: Operation): void;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads the documented shape it asks for
  call(service: string, operation: string, input?: object): Promise<any>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface FakeCloudOptions {
  readonly instances?: InstanceHost;
  readonly scale?: number;
  readonly faults?: readonly string[];
  /** Asset key (or image tag) -> path. */
  readonly assets?: Readonly<Record<string, string>>;
}

export const accountId = '123456789012';
export const region = 'eu-west-1';

export async function createFakeCloud(options: FakeCloudOptions = {}): Promise<FakeCloud> {
  const context = await createContext({ scale: options.scale ?? 1000, faults: options.faults ?? [] });
  const modules: CloudModule[] = [];
  const stubs = new Map<string, Operation>();
  const calls: FakeCall[] = [];

  async function call(service: string, operation: string, input: object, asRoleArn: string | null) {
    calls.push({ service, operation, input: { ...input }, asRoleArn });
    const served = modules.flatMap((module) => module.services).find(({ name }) => name === service);
    const run = served?.operations[operation] ?? stubs.get(`${service}.${operation}`);
    if (run === undefined) throw new ServiceError('UnknownOperationException', `${service}.${operation} is not served`);
    const caller = { accessKeyId: 'AKIATEST', principal: { kind: 'operator' as const } };
    return { ...(await run({ ...input }, { service, operation, caller })) };
  }

  const core: CloudCore = {
    context,
    options: { context, assemblyFolder: '', stackName: 'test', region, instances: options.instances ?? noInstances },
    endpoint: `http://${context.network.cloudAddress}:4566`,
    region,
    accountId,
    eventBus: new EventBus({ accountId, region }),
    issueCredentials: (roleArn, sessionName) => ({
      accessKeyId: `ASIA${roleArn.split('/').at(-1)}`,
      secretAccessKey: 'secret',
      sessionToken: sessionName,
      expiration: new Date(Date.now() + 3_600_000),
    }),
    call,
    authorize: () => {},
    instanceProfileRole: (name) => `arn:aws:iam::${accountId}:role/${name}`,
    assetPath: (_bucket, key) => {
      const path = options.assets?.[key];
      if (path === undefined) throw new Error(`no asset ${key}`);
      return path;
    },
  };

  return {
    core,
    context,
    calls,
    add: (module) => modules.push(module),
    async create(type, logicalId, properties) {
      const provider = modules.flatMap(({ providers }) => providers).find((candidate) => candidate.type === type);
      if (provider === undefined) throw new Error(`no provider of ${type}`);
      return provider.create({ type, logicalId, properties });
    },
    stub: (service, operation, answer) => stubs.set(`${service}.${operation}`, answer),
    call: (service, operation, input = {}) => call(service, operation, input, null),
    async start() {
      for (const module of modules) await module.start?.();
    },
    async stop() {
      for (const module of [...modules].reverse()) await module.stop?.();
      await context.stop();
    },
  };
}
