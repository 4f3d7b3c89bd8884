/** AWS on loopback: creates the resources of the template and serves their services on one endpoint. */
import type { Cloud, CloudOptions } from '../contracts/cloud.ts';
import type { CloudView } from '../contracts/views.ts';
import { type AssetCatalog, readAssets } from './assets/catalog.ts';
import { createAutoScalingModule } from './autoscaling/module.ts';
import { type CloudFormationModule, createCloudFormationModule } from './cloudformation/module.ts';
import { createCloudFrontModule } from './cloudfront/module.ts';
import { createCloudWatchModule } from './cloudwatch/module.ts';
import { accountId, type Core, createCore } from './core.ts';
import { createDynamoDbModule } from './dynamodb/module.ts';
import { InstanceStore } from './ec2/instance-store.ts';
import { LaunchResources } from './ec2/launch-resources.ts';
import { createEc2Module } from './ec2/module.ts';
import { createEcrModule } from './ecr/module.ts';
import { createEventsModule } from './events/module.ts';
import { createIamModule } from './iam/module.ts';
import { createLambdaModule } from './lambda/module.ts';
import { createLogsModule } from './logs/module.ts';
import { startProtocolServer } from './protocols/server.ts';
import { createS3Module } from './s3/module.ts';
import { createSecretsManagerModule } from './secretsmanager/module.ts';
import type { CloudModule } from './service.ts';
import { createSnsModule } from './sns/module.ts';
import { createSqsModule } from './sqs/module.ts';
import { createSsmModule } from './ssm/module.ts';
import { createStatesModule } from './states/module.ts';
import { createStsModule } from './sts/module.ts';
import { loadTemplate } from './template/loader.ts';
import { readTemplate } from './template/template.ts';

const operatorSessionSeconds = 7 * 24 * 3600;

/** @throws TemplateError when the template has something that the twin cannot create */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  await using starting = new AsyncDisposableStack();
  const assets = readAssets({ ...options, accountId });
  const core = createCore(options, assets);
  const cloudFormation = createCloudFormationModule(core);
  const modules = createModules(core, assets, cloudFormation);
  for (const module of modules) {
    starting.defer(async () => module.stop?.());
    register(core, module);
  }
  const server = await startProtocolServer(core);
  starting.defer(() => server.stop());
  const outputs = await loadTemplate({
    core,
    template: readTemplate(options.assemblyFolder, options.stackName),
    providers: modules.flatMap(({ providers }) => providers),
  });
  cloudFormation.complete(outputs);
  for (const module of modules) await module.start?.();

  const running = starting.move();
  return {
    endpoint: core.endpoint,
    region: core.region,
    accountId,
    outputs,
    operatorCredentials: core.credentials.issue({ kind: 'operator' }, operatorSessionSeconds),
    interruptInstance: async (InstanceId) =>
      void (await core.call('ec2', 'InterruptSpotInstance', { InstanceId: [InstanceId] }, null)),
    view: () => viewOf(modules),
    stop: () => running.disposeAsync(),
  };
}

/** In the order in which they start; they stop in the opposite order. */
function createModules(core: Core, assets: AssetCatalog, cloudFormation: CloudFormationModule): readonly CloudModule[] {
  const instances = new InstanceStore(core);
  const launchResources = new LaunchResources();
  const lambda = createLambdaModule(core);
  const sqs = createSqsModule(core);
  const sns = createSnsModule(core);
  const states = createStatesModule(core);
  return [
    cloudFormation,
    createIamModule(core),
    createS3Module(core, assets),
    createStsModule(core),
    createAutoScalingModule(core, instances, launchResources),
    createDynamoDbModule(core),
    createEc2Module(core, instances, launchResources),
    createEcrModule(core),
    createEventsModule(core, { lambda, sns, sqs }),
    lambda,
    createCloudFrontModule(core),
    createLogsModule(core),
    createSecretsManagerModule(core),
    sqs,
    createSsmModule(core, instances),
    states,
    sns,
    createCloudWatchModule(core, sns, () => viewOf([sqs, states])),
  ];
}

function register(core: Core, module: CloudModule): void {
  for (const service of module.services) {
    if (core.services.has(service.name)) throw new Error(`two modules serve ${service.name}`);
    core.services.set(service.name, service);
  }
}

function viewOf(modules: readonly CloudModule[]): CloudView {
  const views = modules.map((module) => module.view?.() ?? {});
  return {
    executions: views.flatMap(({ executions }) => executions ?? []),
    instances: views.flatMap(({ instances }) => instances ?? []),
    groups: views.flatMap(({ groups }) => groups ?? []),
    queues: views.flatMap(({ queues }) => queues ?? []),
    alarms: views.flatMap(({ alarms }) => alarms ?? []),
    notifications: views.flatMap(({ notifications }) => notifications ?? []),
  };
}
