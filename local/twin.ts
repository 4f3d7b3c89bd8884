import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DescribeStateMachineCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import { followExecution } from '@stepkube/tools/executions/follow.ts';
import { type OutlineState, outlineOf } from '@stepkube/tools/executions/outline.ts';
import type { ExecutionProgress } from '@stepkube/tools/executions/progress.ts';
import { kubectlPath } from '@stepkube/tools/kubectl.ts';
import { projectPath } from '@stepkube/tools/project-path.ts';
import type { ClusterConfig } from '../infra/config.ts';
import { createImageCatalog } from './assembly/images.ts';
import type { Model } from './assembly/model.ts';
import { startCloud } from './cloud/cloud.ts';
import { createClusterHost } from './cluster/cluster-host.ts';
import { type Console, startConsole } from './console/server.ts';
import { takeSnapshot } from './console/snapshot.ts';
import { inspectState } from './console/state-inspection.ts';
import { readUsage } from './console/usage.ts';
import { createContext, type RunningContext } from './context/context.ts';
import type { Cloud } from './contracts/cloud.ts';
import type { ClusterHost } from './contracts/cluster.ts';
import { createInstanceHost } from './instance/instance-host.ts';
import { createOperator } from './operator.ts';
import { startTelegram, type Telegram } from './telegram/telegram.ts';

export interface TwinOptions {
  readonly config: ClusterConfig;
  /** Folder of the synthesized cloud assembly. */
  readonly assemblyFolder: string;
  readonly model: Model;
  /** How many times faster than real time simulated time passes. */
  readonly scale: number;
  /** `name:subject` or `name:subject:times`, see context/faults.ts. */
  readonly faults: readonly string[];
  /** Port of the page on 127.0.0.1; 0: any free one. */
  readonly port: number;
}

/** A running twin: an AWS account with the stack deployed, Telegram and the page. There is no cluster before `startProvisioning`. */
export interface Twin {
  readonly context: RunningContext;
  readonly cloud: Cloud;
  readonly cluster: ClusterHost;
  readonly telegram: Telegram;
  /** Of the page. */
  readonly url: string;
  /** Starts provision-cluster with the input {}. @returns the execution's ARN */
  startProvisioning(): Promise<string>;
  /** The states of a successful execution of provision-cluster. */
  provisioningOutline(): Promise<readonly OutlineState[]>;
  /** Waits for the end of an execution. Rejects when the twin stops. */
  follow(executionArn: string, onProgress?: (progress: ExecutionProgress) => void): Promise<ExecutionProgress>;
  stop(): Promise<void>;
}

const samplesFolder = projectPath('workloads', 'yolo5', 'model', 'samples');
/** Short, since reading the twin's history costs nothing: state changes are shown at once. */
const pollMilliseconds = 100;

export async function startTwin(options: TwinOptions): Promise<Twin> {
  await using starting = new AsyncDisposableStack();
  const context = await createContext({ scale: options.scale, faults: options.faults });
  starting.defer(() => context.stop());

  // Telegram needs the cluster and the cluster needs the cloud, which start later. Both are read only once the cluster runs.
  const late: { cluster?: ClusterHost; cloud?: Cloud } = {};
  const telegram = await startTelegram({
    address: context.network.hostAddress,
    // Stands for the DNS record of the bot's domain, which points to the load balancer of its Service.
    resolveHost: (host, port) =>
      host === options.config.bot.domain ? late.cluster?.resolveLoadBalancer(port) : undefined,
  });
  starting.defer(() => telegram.stop());

  const cluster = createClusterHost({
    context,
    images: await createImageCatalog(options.assemblyFolder, options.config.clusterName, join(context.root, 'images')),
    podEnvironment: (workload) => ({
      AWS_ENDPOINT_URL: late.cloud?.endpoint ?? '',
      ...(workload === 'polybot' ? { TELEGRAM_API_ROOT: telegram.apiRoot } : {}),
      ...(workload === 'cluster-autoscaler' ? { TIME_SCALE: String(options.scale), NODE: process.execPath } : {}),
      ...(workload === 'yolo5' ? { MODEL_PATH: options.model.modelPath, LABELS_PATH: options.model.labelsPath } : {}),
    }),
  });
  late.cluster = cluster;
  starting.defer(() => cluster.stop());

  const instances = createInstanceHost({ context, cluster, kubectlPath: await kubectlPath() });
  starting.defer(() => instances.stop());

  const cloud = await startCloud({
    context,
    instances,
    assemblyFolder: options.assemblyFolder,
    stackName: options.config.clusterName,
    region: options.config.region,
  });
  late.cloud = cloud;
  starting.defer(() => cloud.stop());
  await storeBotToken(cloud, telegram.token);

  const machine = provisionMachine(cloud);
  starting.defer(() => machine.stop());
  const components = { context, telegram, cloud, cluster, startProvisioning: machine.start };
  const page = await startPage(options, components);
  starting.defer(() => page.stop());
  starting.defer(context.onChanged(page.changed));
  starting.defer(telegram.chat.onChange(page.changed));

  const running = starting.move();
  return {
    ...components,
    url: page.url,
    provisioningOutline: machine.outline,
    follow: machine.follow,
    stop: () => running.disposeAsync(),
  };
}

/** The provision-cluster state machine, called by the SDK. */
function provisionMachine(cloud: Cloud) {
  const client = new SFNClient(clientOptions(cloud));
  const stateMachineArn = cloud.outputs['ProvisionClusterMachineArn']!;
  const stopping = new AbortController();
  return {
    start: async () => (await client.send(new StartExecutionCommand({ stateMachineArn, input: '{}' }))).executionArn!,
    follow: (executionArn: string, onProgress: (progress: ExecutionProgress) => void = () => undefined) =>
      followExecution(client, executionArn, onProgress, { pollMilliseconds, signal: stopping.signal }),
    outline: async (): Promise<readonly OutlineState[]> => {
      const { definition } = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
      return outlineOf(JSON.parse(definition!));
    },
    stop: () => stopping.abort(),
  };
}

const inspectionTimeoutMilliseconds = 10_000;
/** The namespace of the project's services. */
const servicesNamespace = 'stepkube';

interface PageDependencies {
  readonly context: RunningContext;
  readonly telegram: Telegram;
  readonly cloud: Cloud;
  readonly cluster: ClusterHost;
  readonly startProvisioning: () => Promise<string>;
}

async function startPage(
  options: TwinOptions,
  { context, telegram, cloud, cluster, startProvisioning }: PageDependencies,
): Promise<Console> {
  const about = {
    clusterName: options.config.clusterName,
    region: options.config.region,
    model: options.model.title,
    timeScale: options.scale,
    samples: (await readdir(samplesFolder)).filter((name) => name.endsWith('.jpg')).sort(),
  };
  const act = createOperator({ cloud, context, clientOptions: clientOptions(cloud) });
  const clients = { stepFunctions: new SFNClient(clientOptions(cloud)), ssm: new SSMClient(clientOptions(cloud)) };
  const serviceUrl = (name: string): string | undefined => {
    const target = cluster.resolveService(servicesNamespace, name, 80);
    return target && `http://${target.host}:${target.port}`;
  };
  return startConsole({
    port: options.port,
    snapshot: () => {
      const time = new Date(context.time.now()).toISOString();
      return takeSnapshot({ ...about, time }, cloud.view(), cluster.view(), telegram.chat);
    },
    act,
    inspect: (state) => inspectState(clients, state, AbortSignal.timeout(inspectionTimeoutMilliseconds)),
    chat: telegram.chat,
    person: telegram.person,
    samplesFolder,
    usage: () => readUsage(serviceUrl, String(telegram.chat.id)),
    startExecution: async () => void (await startProvisioning()),
  });
}

/** The one manual step after a deployment: stores the bot's token in the secret that has no value yet. */
async function storeBotToken(cloud: Cloud, token: string): Promise<void> {
  const client = new SecretsManagerClient(clientOptions(cloud));
  const SecretId = cloud.outputs['TelegramSecretName']!;
  await client.send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify({ token }) }));
}

/** Options for SDK clients with full access to the twin's account. */
export function clientOptions(cloud: Cloud) {
  return { endpoint: cloud.endpoint, region: cloud.region, credentials: cloud.operatorCredentials };
}
