/** A small cluster for tests: one control plane, workers, a web service as project image, and the real kubectl. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { kubectlPath } from '@stepkube/tools/kubectl.ts';
import { createClusterHost } from '#local/cluster/cluster-host.ts';
import { createContext, type RunningContext } from '#local/context/context.ts';
import type { ClusterHost, NodeIdentity } from '#local/contracts/cluster.ts';
import versions from '#ssm-documents/versions.json' with { type: 'json' };
import { webImagePrefix } from './cluster-web.ts';

const run = promisify(execFile);
const filesFolder = path.join(import.meta.dirname, 'cluster-files');

export interface TestCluster {
  readonly context: RunningContext;
  readonly host: ClusterHost;
  readonly adminKubeconfig: string;
  readonly controlPlane: NodeIdentity;
  /** Folder for the test's own files. */
  readonly folder: string;
  /** Standard output. @throws with stderr in the message when kubectl fails */
  kubectl(...args: string[]): Promise<string>;
  kubectlAs(kubeconfig: string, ...args: string[]): Promise<string>;
  /** Writes files and applies their folder as a kustomization. */
  apply(files: Readonly<Record<string, string>>, ...options: string[]): Promise<string>;
  /** Joins another worker with a new token. */
  addWorker(): Promise<NodeIdentity>;
  /** Waits until a change of the cluster's view fulfills the condition. */
  until(condition: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

export interface TestClusterOptions {
  readonly workers?: number;
  /** Whether there is a pod network; without one, nodes stay NotReady. */
  readonly network?: boolean;
  readonly scale?: number;
  readonly podSubnet?: string;
}

export async function startTestCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const { workers = 1, network = true, scale = 200, podSubnet } = options;
  const context = await createContext({ scale, faults: [] });
  const folder = path.join(context.root, 'test');
  await mkdir(folder, { recursive: true });
  const image = { workload: 'web', workingFolder: filesFolder, command: [process.execPath, 'web-service.mjs'] };
  const host = createClusterHost({
    context,
    images: { resolve: (name) => (name.startsWith(webImagePrefix) ? image : undefined) },
    podEnvironment: (workload) => ({ FROM_TWIN: workload }),
  });
  const controlPlane = createIdentity(context, 0, '10.0.0.0/24');
  const init = kubeadmDocument('InitConfiguration', registration);
  const networking = podSubnet === undefined ? {} : { networking: { podSubnet } };
  const cluster = kubeadmDocument('ClusterConfiguration', { clusterName: 'test', ...issuer, ...networking });
  const { adminKubeconfig } = await host.init(controlPlane, { cluster, init });
  let nodes = 1;
  let files = 0;

  const kubectlAs = async (kubeconfig: string, ...args: string[]): Promise<string> => {
    files += 1;
    const file = path.join(folder, `kubeconfig-${files}`);
    await writeFile(file, kubeconfig, { mode: 0o600 });
    const env = { PATH: process.env['PATH'] ?? '', HOME: folder, KUBECONFIG: file };
    const { stdout } = await run(await kubectlPath(), args, { env, cwd: folder, maxBuffer: 8e6 });
    return stdout;
  };
  const kubectl = (...args: string[]) => kubectlAs(adminKubeconfig, ...args);
  const started: TestCluster = {
    context,
    host,
    adminKubeconfig,
    controlPlane,
    folder,
    kubectl,
    kubectlAs,
    apply: async (manifests, ...more) => {
      files += 1;
      const target = path.join(folder, `manifests-${files}`);
      await mkdir(target);
      for (const [name, content] of Object.entries(manifests)) await writeFile(path.join(target, name), content);
      return kubectl('apply', '--server-side', '--field-manager=stepkube', '-k', target, ...more);
    },
    addWorker: async () => {
      const worker = createIdentity(context, nodes, '10.0.1.0/24');
      nodes += 1;
      const token = await host.createToken(600, 'a test');
      await host.join(worker, { join: joinDocument(controlPlane, token, [await host.caCertificateHash()]) });
      return worker;
    },
    until: (condition) =>
      new Promise((resolve) => {
        const stop = context.onChanged(() => {
          if (!condition()) return;
          stop();
          resolve();
        });
        context.changed();
      }),
    stop: async () => {
      await host.stop();
      await context.stop();
    },
  };
  for (let count = 0; count < workers; count += 1) await started.addWorker();
  if (network) await startNetwork(started);
  return started;
}

/** Installs what nodes need to get ready, and waits for them and for all pods. */
async function startNetwork({ kubectl, apply, until, host }: TestCluster): Promise<void> {
  await kubectl('apply', '--server-side', '-k', path.resolve('workloads/addons/cloud-controller-manager'));
  const calico = await readFile(path.join(filesFolder, 'calico.yaml'), 'utf8');
  await apply({ 'kustomization.yaml': 'resources: [calico.yaml]', 'calico.yaml': calico });
  await kubectl('wait', 'node', '--all', '--for=condition=Ready', '--timeout=20s');
  await until(() => host.view().pods.every(({ ready }) => ready));
}

export function joinDocument(controlPlane: NodeIdentity, token: string, caCertHashes: readonly string[]): object {
  const bootstrapToken = { apiServerEndpoint: `${controlPlane.privateIp}:6443`, token, caCertHashes };
  return kubeadmDocument('JoinConfiguration', { discovery: { bootstrapToken }, ...registration });
}

const registration = { nodeRegistration: { kubeletExtraArgs: [{ name: 'cloud-provider', value: 'external' }] } };
export const issuerUrl = 'https://issuer.s3.us-east-1.amazonaws.com';
const issuer = {
  apiServer: {
    extraArgs: [
      { name: 'service-account-issuer', value: issuerUrl },
      { name: 'service-account-jwks-uri', value: `${issuerUrl}/openid/v1/jwks` },
    ],
  },
};

function kubeadmDocument(kind: string, content: object): object {
  return { apiVersion: 'kubeadm.k8s.io/v1beta4', kind, ...content };
}

function createIdentity({ network, root }: RunningContext, index: number, subnet: string): NodeIdentity {
  const privateIp = network.instanceAddress(subnet);
  const instanceId = `i-${String(index).padStart(17, '0')}`;
  return {
    instanceId,
    nodeName: `ip-${privateIp.replaceAll('.', '-')}.us-east-1.compute.internal`,
    privateIp,
    availabilityZone: index % 2 === 0 ? 'us-east-1a' : 'us-east-1b',
    instanceType: 't3.medium',
    rootFolder: path.join(root, instanceId),
    software: {
      kubeletVersion: `v${versions.kubernetes.version}`,
      containerdVersion: versions.containerd.version,
      osImage: 'Ubuntu 24.04.3 LTS (simulated)',
      kernelVersion: '6.14.0-1018-aws',
    },
  };
}
