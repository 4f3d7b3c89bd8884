/** AWS on loopback: every module's resources from the template, every module's services on one endpoint. */
import type { Cloud, CloudOptions } from '../contracts/cloud.ts';
import type { CloudView } from '../contracts/views.ts';
import { readAssets } from './assets/catalog.ts';
import { createAutoScalingModule } from './autoscaling/module.ts';
import { createCloudFormationModule } from './cloudformation/module.ts';
import { accountId, type Core, createCore } from './core.ts';
import { createDynamoDbModule } from './dynamodb/module.ts';
import { createEc2Module } from './ec2/module.ts';
import { createEventsModule } from './events/module.ts';
import { createIdentityModule } from './iam/module.ts';
import { createLambdaModule } from './lambda/module.ts';
import { createLogsModule } from './logs/module.ts';
import { startWireServer } from './protocols/server.ts';
import { createS3Module } from './s3/module.ts';
import { createSecretsManagerModule } from './secretsmanager/module.ts';
import type { CloudCore, CloudModule } from './service.ts';
import { createSqsModule } from './sqs/module.ts';
import { createSsmModule } from './ssm/module.ts';
import { createStatesModule } from './states/module.ts';
import { createStsModule } from './sts/module.ts';
import { loadTemplate } from './template/loader.ts';
import { readTemplate } from './template/template.ts';

const operatorLifetimeSeconds = 7 * 24 * 3600;

const moduleFactories: readonly ((core: CloudCore) => CloudModule)[] = [
  createAutoScalingModule,
  createDynamoDbModule,
  createEc2Module,
  createEventsModule,
  createLambdaModule,
  createLogsModule,
  createSecretsManagerModule,
  createSqsModule,
  createSsmModule,
  createStatesModule,
];

/** @throws TemplateError when the template holds something the twin cannot create */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  await using starting = new AsyncDisposableStack();
  const assets = readAssets({ ...options, accountId });
  const core = createCore(options, assets);
  const stack = createCloudFormationModule(core);
  const modules = [
    stack,
    createIdentityModule({ store: core.identity, stackName: options.stackName, accountId }),
    createS3Module(core, assets),
    createStsModule(core),
    ...moduleFactories.map((create) => create(core)),
  ];
  for (const module of modules) {
    starting.defer(async () => module.stop?.());
    register(core, module);
  }
  const server = await startWireServer(core);
  starting.defer(() => server.stop());
  const outputs = await loadTemplate({
    core,
    template: readTemplate(options.assemblyFolder, options.stackName),
    providers: modules.flatMap(({ providers }) => providers),
  });
  stack.complete(outputs);
  for (const module of modules) await module.start?.();

  const running = starting.move();
  return {
    endpoint: core.endpoint,
    region: core.region,
    accountId,
    outputs,
    operatorCredentials: core.credentials.issue({ kind: 'operator' }, operatorLifetimeSeconds),
    view: () => viewOf(modules),
    stop: () => running.disposeAsync(),
  };
}

function register(core: Core, module: CloudModule): void {
  for (const service of module.services) {
    if (core.services.has(service.name)) throw new Error(`two modules serve ${service.name}`);
    core.services.set(service.name, service);
  }
}

function viewOf(modules: readonly CloudModule[]): CloudView {
  const parts = modules.map((module) => module.view?.() ?? {});
  return {
    executions: parts.flatMap(({ executions }) => executions ?? []),
    instances: parts.flatMap(({ instances }) => instances ?? []),
    queues: parts.flatMap(({ queues }) => queues ?? []),
  };
}
