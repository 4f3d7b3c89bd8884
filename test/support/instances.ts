/** One simulated instance with a fake cluster and a fake AWS, on which a test runs the real documents. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { zipSync } from 'fflate';
import { createContext } from '#local/context/context.ts';
import type { ClusterHost, NodeIdentity } from '#local/contracts/cluster.ts';
import type { CommandOutcome, InstanceHost, InstanceSpec, SsmDocumentContent } from '#local/contracts/instance.ts';
import { createInstanceHost } from '#local/instance/instance-host.ts';
import { assembleDocument, type DocumentName } from '#ssm-documents/assemble.ts';
import { FakeAws } from './fake-aws.ts';

/** In place of real secrets, so that tests can search outputs for them. */
export const plantedToken = 'abcdef.0123456789abcdef';
export const plantedKey = 'cGxhbnRlZC1wcml2YXRlLWtleQ==';
export const caCertHash = `sha256:${'a1'.repeat(32)}`;

export interface TestHost {
  readonly aws: FakeAws;
  readonly host: InstanceHost;
  readonly cluster: FakeCluster;
  readonly root: string;
  readonly spec: InstanceSpec;
  /** Runs a document with the parameters of the test cluster, of which `parameters` replaces some. */
  /** @param change of each line of the script @default none */
  run(
    name: DocumentName,
    parameters?: Readonly<Record<string, string>>,
    change?: (line: string) => string,
  ): Promise<CommandOutcome>;
  runContent(content: SsmDocumentContent, parameters?: Readonly<Record<string, string>>): Promise<CommandOutcome>;
  /** Text of a file of the instance. */
  file(path: string): Promise<string>;
  stop(): Promise<void>;
}

/** Records the calls of the cluster in order, and the arguments of init and join. */
export interface FakeCluster extends ClusterHost {
  readonly calls: string[];
  initNode?: NodeIdentity;
  initConfig?: { readonly cluster: object; readonly init: object };
  joinConfig?: object;
}

const clusterParameters: Readonly<Record<string, string>> = {
  ClusterName: 'stepkube',
  PodCidr: '10.244.0.0/16',
  ServiceCidr: '10.96.0.0/12',
  IssuerBucket: 'issuer-bucket',
  IssuerUrl: 'https://issuer-bucket.s3.us-east-1.amazonaws.com',
  ManifestsUri: 's3://assets/addons.zip',
  AutoscalerRoleArn: 'none',
};

export async function createTestHost(
  options: { readonly role?: 'control-plane' | 'worker'; readonly faults?: readonly string[] } = {},
): Promise<TestHost> {
  const role = options.role ?? 'control-plane';
  const context = await createContext({ scale: 2000, faults: options.faults ?? [] });
  const aws = await FakeAws.start();
  for (const name of ['join', 'kubeconfig/deployer', 'kubeconfig/drainer', 'kubeconfig/viewer']) {
    aws.secrets.set(`stepkube/${name}`, undefined);
  }
  aws.objects.set('assets/addons.zip', { body: Buffer.from(await addonsZip()) });
  const cluster = createFakeCluster();
  const kubectlPath = join(import.meta.dirname, 'fake-kubectl.sh');
  const host = createInstanceHost({ context, cluster, kubectlPath });
  const privateIp = context.network.instanceAddress('10.0.0.0/24');
  const spec: InstanceSpec = {
    instanceId: 'i-0123456789abcdef0',
    instanceType: 't3.medium',
    role,
    privateIp,
    privateDnsName: `ip-${privateIp.replaceAll('.', '-')}.us-east-1.compute.internal`,
    availabilityZone: 'us-east-1a',
    region: 'us-east-1',
    accountId: '123456789012',
    tags: { 'kubernetes.io/cluster/stepkube': 'owned', 'stepkube:role': role },
    endpoint: aws.endpoint,
    credentials: () => ({
      accessKeyId: 'AKIAFAKE',
      secretAccessKey: 'x',
      sessionToken: 'y',
      expiration: new Date(8.64e15),
    }),
  };
  const { agentOnline } = host.boot(spec);
  await agentOnline;
  const root = join(context.root, 'instances', spec.instanceId);
  let commands = 0;
  const runContent = (
    content: SsmDocumentContent,
    parameters: Readonly<Record<string, string>> = {},
    name = 'test',
  ) => {
    commands += 1;
    const values = Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, [value]]));
    return host.run(spec.instanceId, {
      commandId: `command-${commands}`,
      documentName: `stepkube-${name}`,
      content,
      parameters: values,
    });
  };
  return {
    aws,
    host,
    cluster,
    root,
    spec,
    runContent,
    run: (name, replaced = {}, change = (line) => line) => {
      const content = assembleDocument(name);
      const [step] = content.mainSteps;
      const inputs = { ...step.inputs, runCommand: step.inputs.runCommand.map(change) };
      const parameters = Object.fromEntries(
        Object.keys(content.parameters).map((key) => [key, replaced[key] ?? clusterParameters[key] ?? '']),
      );
      return runContent({ ...content, mainSteps: [{ ...step, inputs }] }, parameters, name);
    },
    file: (path) => readFile(join(root, path), 'utf8'),
    stop: async () => {
      await host.stop();
      await aws[Symbol.asyncDispose]();
      await context.stop();
    },
  };
}

async function addonsZip(): Promise<Uint8Array> {
  const kustomization = new TextEncoder().encode('kind: Kustomization\n');
  const folders = (await readdir(projectPath('workloads/addons'))).filter((name) => !name.includes('.'));
  const order = await readFile(projectPath('workloads/addons/order.txt'));
  return zipSync({
    'order.txt': order,
    ...Object.fromEntries(folders.map((folder) => [`${folder}/kustomization.yaml`, kustomization])),
  });
}

function createFakeCluster(): FakeCluster {
  const calls: string[] = [];
  const tokens: Awaited<ReturnType<ClusterHost['listTokens']>>[number][] = [];
  const kubeconfig = (user: string) =>
    `apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: Q0E=\n    server: https://cluster:6443\n  name: stepkube\nusers:\n- name: ${user}\n  user:\n    client-key-data: ${plantedKey}\n`;
  const cluster: FakeCluster = {
    calls,
    init: async (node, config) => {
      calls.push('init');
      cluster.initNode = node;
      cluster.initConfig = config;
      return { adminKubeconfig: kubeconfig('admin'), caCertificatePem: 'simulated CA\n' };
    },
    join: async (_node, { join: config }) => {
      calls.push('join');
      cluster.joinConfig = config;
      return { kubeletKubeconfig: kubeconfig('kubelet'), kubelet: { shutdownGracePeriod: '100s' } };
    },
    createToken: async (ttlSeconds, description) => {
      calls.push('createToken');
      const expiration = new Date(Date.now() + ttlSeconds * 1000).toISOString();
      tokens.push({ token: plantedToken, expiration, description });
      return plantedToken;
    },
    listTokens: async () => tokens,
    issueKubeconfig: async ({ clientName }) => {
      calls.push(`issueKubeconfig ${clientName}`);
      return kubeconfig(clientName);
    },
    caCertificateHash: async () => caCertHash,
    startKubelet: async () => void calls.push('startKubelet'),
    stopKubelet: async () => void calls.push('stopKubelet'),
    powerOff: async () => void calls.push('powerOff'),
    powerOn: async () => void calls.push('powerOn'),
    removeInstance: async () => void calls.push('removeInstance'),
    resolveLoadBalancer: () => undefined,
    resolveService: () => undefined,
    view: () => ({ nodes: [], pods: [] }),
    stop: async () => undefined,
  };
  return cluster;
}
