/** A small cluster for tests: one control plane, workers, a web service of the "project", and the real kubectl. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';
import { kubectlPath } from '@stepkube/tools/kubectl.ts';
import { createClusterHost } from '#local/cluster/cluster-host.ts';
import { createContext, type RunningContext } from '#local/context/context.ts';
import type { ClusterHost, NodeIdentity } from '#local/contracts/cluster.ts';

const run = promisify(execFile);

/** Answers with its environment; breaks, burns CPU or crashes when it is told to; says so when SIGTERM comes. */
const webService = `
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
const { HOST, PORT, VERSION, CRASH } = process.env;
if (CRASH) { console.error('cannot start: ' + CRASH); process.exit(3); }
let healthy = true;
let burning;
const server = createServer((request, response) => {
  response.setHeader('connection', 'close');
  if (request.url === '/break') healthy = false;
  if (request.url === '/burn') burning = setInterval(() => { for (const end = Date.now() + 30; Date.now() < end; ); }, 100);
  if (request.url === '/rest') clearInterval(burning);
  if (request.url.startsWith('/file/')) return response.end(readFileSync(process.env[request.url.slice(6)]));
  if (request.url === '/healthz' && !healthy) return response.writeHead(500).end();
  response.end(JSON.stringify({ version: VERSION, pid: process.pid, environment: process.env }));
});
server.listen(Number(PORT), HOST, () => console.log('listening, version ' + VERSION));
process.on('SIGTERM', () => { console.log('SIGTERM received'); server.close(() => process.exit(0)); });
`;

export interface TestCluster {
  readonly context: RunningContext;
  readonly host: ClusterHost;
  readonly adminKubeconfig: string;
  readonly controlPlane: NodeIdentity;
  /** Folder for the test's own files. */
  readonly folder: string;
  /** Standard output; @throws with stderr in the message when kubectl fails. */
  kubectl(...args: string[]): Promise<string>;
  kubectlAs(kubeconfig: string, ...args: string[]): Promise<string>;
  /** Writes files and applies their folder as a kustomization. */
  apply(files: Readonly<Record<string, string>>, ...options: string[]): Promise<string>;
  /** Joins another worker with a fresh token. */
  addWorker(): Promise<NodeIdentity>;
  /** Waits until what the page would show fulfils the condition. */
  until(condition: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

export interface TestClusterOptions {
  readonly workers?: number;
  /** Nodes get Ready only with the pod network; leave it out to see them wait. */
  readonly network?: boolean;
  readonly scale?: number;
}

export async function startTestCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const { workers = 1, network = true, scale = 200 } = options;
  const context = await createContext({ scale, faults: [] });
  const folder = path.join(context.root, 'test');
  await mkdir(path.join(folder, 'web'), { recursive: true });
  await writeFile(path.join(folder, 'web/main.mjs'), webService);
  const image = { workload: 'web', workingFolder: path.join(folder, 'web'), command: [process.execPath, 'main.mjs'] };
  const host = createClusterHost({
    context,
    images: { resolve: (name) => (name.startsWith('registry.test/web:') ? image : undefined) },
    podEnvironment: (workload) => ({ FROM_TWIN: workload }),
  });
  const controlPlane = identity(context, 0, '10.0.0.0/24');
  const init = document('InitConfiguration', registration);
  const cluster = document('ClusterConfiguration', { clusterName: 'test', ...issuer });
  const { adminKubeconfig } = await host.init(controlPlane, { cluster, init });
  let nodes = 1;
  let configurations = 0;

  const kubectlAs = async (kubeconfig: string, ...args: string[]): Promise<string> => {
    configurations += 1;
    const file = path.join(folder, `kubeconfig-${configurations}`);
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
    apply: async (files, ...more) => {
      configurations += 1;
      const target = path.join(folder, `manifests-${configurations}`);
      await mkdir(target);
      for (const [name, content] of Object.entries(files)) await writeFile(path.join(target, name), content);
      return kubectl('apply', '--server-side', '--field-manager=stepkube', '-k', target, ...more);
    },
    addWorker: async () => {
      const worker = identity(context, nodes, '10.0.1.0/24');
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
  if (network) {
    await kubectl('apply', '--server-side', '-k', path.resolve('workloads/addons/cloud-controller-manager'));
    await started.apply({ 'kustomization.yaml': 'resources: [calico.yaml]', 'calico.yaml': calico });
    await kubectl('wait', 'node', '--all', '--for=condition=Ready', '--timeout=20s');
    await started.until(() => host.view().pods.every(({ ready }) => ready));
  }
  return started;
}

export function joinDocument(controlPlane: NodeIdentity, token: string, caCertHashes: readonly string[]): object {
  const bootstrapToken = { apiServerEndpoint: `${controlPlane.privateIp}:6443`, token, caCertHashes };
  return document('JoinConfiguration', { discovery: { bootstrapToken }, ...registration });
}

/** GET by the load balancer of the cluster. */
export async function getFromBalancer(
  host: ClusterHost,
  url: string,
): Promise<{ version: string; pid: number; environment: Record<string, string> }> {
  return JSON.parse(await readFromBalancer(host, url));
}

export function readFromBalancer(host: ClusterHost, url: string): Promise<string> {
  const target = host.resolveLoadBalancer(80);
  if (!target) throw new Error('no load balancer serves port 80');
  return new Promise((resolve, reject) => {
    const request = get({ ...target, path: url, agent: false, timeout: 5000 }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    });
    request.on('error', reject);
  });
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

function document(kind: string, content: object): object {
  return { apiVersion: 'kubeadm.k8s.io/v1beta4', kind, ...content };
}

function identity({ network, root }: RunningContext, index: number, subnet: string): NodeIdentity {
  const privateIp = network.instanceAddress(subnet);
  const instanceId = `i-${String(index).padStart(17, '0')}`;
  return {
    instanceId,
    nodeName: `ip-${privateIp.replaceAll('.', '-')}.us-east-1.compute.internal`,
    privateIp,
    availabilityZone: index % 2 === 0 ? 'us-east-1a' : 'us-east-1b',
    instanceType: 't3.medium',
    rootFolder: path.join(root, instanceId),
  };
}

const calico = `
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: calico-node, namespace: kube-system }
spec:
  selector: { matchLabels: { k8s-app: calico-node } }
  template:
    metadata: { labels: { k8s-app: calico-node } }
    spec:
      hostNetwork: true
      tolerations: [{ operator: Exists }]
      containers: [{ name: calico-node, image: 'quay.io/calico/node:v3.32.1' }]
`;

export interface WebOptions {
  readonly version?: string;
  readonly replicas?: number;
  /** More of the container, as YAML flow content. */
  readonly container?: string;
  readonly pod?: string;
}

/** A kustomization of the web service: Deployment, Service of type LoadBalancer and a generated ConfigMap. */
export function webManifests({
  version = 'one',
  replicas = 2,
  container = '',
  pod = '',
}: WebOptions = {}): Record<string, string> {
  return {
    'kustomization.yaml': `
resources: [web.yaml]
configMapGenerator:
  - { name: web, literals: [VERSION=${version}] }
`,
    'web.yaml': `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: LoadBalancer
  selector: { app: web }
  ports: [{ port: 80, targetPort: http }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 5
      ${pod}
      containers:
        - name: web
          image: registry.test/web:1
          ports: [{ name: http, containerPort: 8080 }]
          envFrom: [{ configMapRef: { name: web } }]
          env:
            - { name: PORT, value: '8080' }
            - { name: HOST, valueFrom: { fieldRef: { fieldPath: status.podIP } } }
          readinessProbe: { httpGet: { path: /, port: http }, periodSeconds: 1 }
          ${container}
`,
  };
}
