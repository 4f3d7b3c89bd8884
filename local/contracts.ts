/**
 * Where the parts of the twin meet. Each part implements its own interface below and is handed the others;
 * none imports another part's files. local/twin.ts wires them.
 */

/** What every part of one running twin shares. */
export interface TwinContext {
  /** Temporary folder of this run; removed when the twin stops. */
  readonly root: string;
  readonly network: LoopbackNetwork;
  readonly time: TwinTime;
  readonly faults: FaultPlan;
  /** Call after any change that `view()` of a part would show. The console pushes a new snapshot. */
  readonly changed: () => void;
  /** Free-form line for the twin's own log file (never secrets). */
  readonly log: (source: string, message: string) => void;
}

/** The addresses of one twin: a 127.x.0.0/16 of its own, so that several twins run side by side. */
export interface LoopbackNetwork {
  /** AWS endpoints listen here. */
  readonly cloudAddress: string;
  /** Telegram, the stand-in server and other twin-only servers listen here. */
  readonly hostAddress: string;
  /** An instance address inside a subnet, e.g. subnet '10.0.1.0/24' -> '127.x.1.10'. */
  instanceAddress(subnetCidr: string): string;
  /** A pod address on the node with the given index (0, 1, 2 ...). Port numbers are the pod's own. */
  podAddress(nodeIndex: number): string;
  loadBalancerAddress(): string;
  /** What a Service's cluster IP stands for. */
  serviceAddress(): string;
}

/** Simulated waiting (boots, package downloads, schedules) runs `scale` times faster than real time. */
export interface TwinTime {
  readonly scale: number;
  /** Real milliseconds that stand for the given simulated seconds. */
  milliseconds(simulatedSeconds: number): number;
  /** Waits `simulatedSeconds`, scaled; rejects with the signal's reason when aborted. */
  wait(simulatedSeconds: number, signal?: AbortSignal): Promise<void>;
}

/** Named faults, consumed as they strike: `take` is true at most as often as the plan says. */
export interface FaultPlan {
  take(name: FaultName, subject: string): boolean;
}

export type FaultName =
  /** subject: document name such as 'init-control-plane'. The script runs nothing and exits 1. */
  | 'document-fails'
  /** subject: document name. The command's status-change event is never delivered. */
  | 'command-event-lost'
  /** subject: document name. The command's event is delivered before SendCommand returns. */
  | 'command-event-early'
  /** subject: 'control-plane' or 'worker'. The SSM agent never registers. */
  | 'agent-never-online'
  /** subject: 'worker'. kubeadm join exits 1. */
  | 'join-fails'
  /** subject: Auto Scaling lifecycle hook name. The lifecycle event is never delivered. */
  | 'lifecycle-event-lost';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/* ---------------------------------------------------------------- local/instance, called by local/cloud */

export interface InstanceSpec {
  readonly instanceId: string;
  readonly instanceType: string;
  readonly role: 'control-plane' | 'worker';
  readonly privateIp: string;
  /** ip-127-7-1-10.eu-central-1.compute.internal; in us-east-1 ip-127-7-1-10.ec2.internal */
  readonly privateDnsName: string;
  readonly availabilityZone: string;
  readonly region: string;
  readonly accountId: string;
  readonly tags: Readonly<Record<string, string>>;
  /** AWS endpoint of the twin. */
  readonly endpoint: string;
  /** Fresh credentials of the instance profile's role. */
  readonly credentials: () => Credentials;
}

export interface CommandRun {
  readonly commandId: string;
  /** e.g. stepkube-install-runtime */
  readonly documentName: string;
  /** The AWS::SSM::Document's Content: schemaVersion 2.2 with one aws:runShellScript step. */
  readonly content: SsmDocumentContent;
  readonly parameters: Readonly<Record<string, readonly string[]>>;
}

export interface SsmDocumentContent {
  readonly schemaVersion: '2.2';
  readonly parameters?: Readonly<Record<string, SsmDocumentParameter>>;
  readonly mainSteps: readonly {
    readonly action: 'aws:runShellScript';
    readonly name: string;
    readonly inputs: { readonly runCommand: readonly string[]; readonly timeoutSeconds?: string | number };
  }[];
}

export interface SsmDocumentParameter {
  readonly type: 'String';
  readonly description?: string;
  readonly default?: string;
  readonly allowedPattern?: string;
  readonly interpolationType?: 'ENV_VAR';
}

export interface CommandOutcome {
  readonly status: 'Success' | 'Failed' | 'TimedOut' | 'Cancelled';
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** EC2 instances as root folders and processes. */
export interface InstanceHost {
  /** Makes the root folder; `agentOnline` settles when the SSM agent registers (never, under 'agent-never-online'). */
  boot(spec: InstanceSpec): { readonly agentOnline: Promise<{ readonly agentVersion: string }> };
  run(instanceId: string, command: CommandRun): Promise<CommandOutcome>;
  /** Stops every process of the instance (kubelet and pods included) and removes its folder. */
  terminate(instanceId: string): Promise<void>;
  stop(): Promise<void>;
}

/* ------------------------------------------------------------------ local/cluster, called by local/instance */

export interface NodeIdentity {
  readonly instanceId: string;
  readonly nodeName: string;
  readonly privateIp: string;
  readonly availabilityZone: string;
  readonly instanceType: string;
  /** The instance's root folder: pods live under <root>/var/lib/kubelet. */
  readonly rootFolder: string;
}

/** kubeadm's and systemd's effects on the cluster. Errors are thrown as Error with kubeadm's own wording. */
export interface ClusterHost {
  /** kubeadm init with parsed v1beta4 documents. Starts the API server on https://<privateIp>:6443. */
  init(
    node: NodeIdentity,
    config: { readonly cluster: object; readonly init: object },
  ): Promise<{
    readonly adminKubeconfig: string;
    readonly caCertificatePem: string;
  }>;
  /** kubeadm join with a parsed v1beta4 JoinConfiguration: token and CA hash are really checked. */
  join(node: NodeIdentity, config: { readonly join: object }): Promise<{ readonly kubeletKubeconfig: string }>;
  /** kubeadm token create / list / delete. The result of create is '<id>.<secret>'. */
  createToken(ttlSeconds: number, description: string): Promise<string>;
  /** kubeadm kubeconfig user: a client certificate for CN=clientName, O=organizations. */
  issueKubeconfig(user: {
    readonly clientName: string;
    readonly organizations: readonly string[];
    readonly validitySeconds: number;
  }): Promise<string>;
  /** sha256:<hex of the CA's public key info>, as kubeadm prints it. */
  caCertificateHash(): Promise<string>;
  /** systemctl start|restart|stop kubelet on a node that was initialised or joined. */
  startKubelet(instanceId: string): Promise<void>;
  stopKubelet(instanceId: string): Promise<void>;
  /** The instance is gone: its pods' processes die at once; a control plane's API server closes. */
  removeInstance(instanceId: string): Promise<void>;
  /** Where public traffic for a load balancer's (or bot's) host name goes; undefined while there is none. */
  resolveLoadBalancer(port: number): { readonly host: string; readonly port: number } | undefined;
  /** Where a Service's cluster IP is reached; undefined while there is no such Service. */
  resolveService(
    namespace: string,
    name: string,
    port: number,
  ): { readonly host: string; readonly port: number } | undefined;
  view(): ClusterView;
  stop(): Promise<void>;
}

export interface ClusterHostOptions {
  readonly context: TwinContext;
  readonly images: ImageCatalog;
  /** Environment every real pod process gets on top of its manifest: the twin's stand-in for public DNS. */
  readonly podEnvironment: (workload: string) => Readonly<Record<string, string>>;
}

/** Which container images are the project's own and run as real processes; all others are simulated. */
export interface ImageCatalog {
  resolve(image: string): ProjectImage | undefined;
}

export interface ProjectImage {
  /** 'polybot' | 'yolo5' */
  readonly workload: string;
  /** Folder that holds what the image's WORKDIR would hold. */
  readonly workingFolder: string;
  /** e.g. ['/path/node', 'main.js'] */
  readonly command: readonly string[];
}

/* --------------------------------------------------------------------------- what the page and terminal show */

export interface ExecutionView {
  readonly arn: string;
  readonly machine: string;
  readonly name: string;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly startedAt: string;
  readonly stoppedAt?: string;
  readonly error?: string;
  readonly cause?: string;
  /** What it was started with; never a secret. */
  readonly input: unknown;
  readonly definition: object;
  readonly states: readonly StateView[];
}

export interface StateView {
  readonly name: string;
  readonly status: 'running' | 'succeeded' | 'failed';
  readonly enteredAt: string;
  readonly exitedAt?: string;
  readonly retries: number;
  readonly error?: string;
}

export interface InstanceView {
  readonly instanceId: string;
  readonly role: 'control-plane' | 'worker';
  readonly instanceType: string;
  readonly availabilityZone: string;
  readonly privateIp: string;
  readonly state: string;
  readonly lifecycleState?: string;
  readonly agent: 'Online' | 'ConnectionLost' | 'none';
}

export interface QueueView {
  readonly name: string;
  readonly visible: number;
  readonly inFlight: number;
}

export interface CloudView {
  readonly executions: readonly ExecutionView[];
  readonly instances: readonly InstanceView[];
  readonly queues: readonly QueueView[];
}

export interface NodeView {
  readonly name: string;
  readonly instanceId: string;
  readonly role: 'control-plane' | 'worker';
  readonly ready: boolean;
  readonly reason?: string;
  readonly version: string;
}

export interface PodView {
  readonly namespace: string;
  readonly name: string;
  readonly node?: string;
  readonly phase: string;
  readonly ready: boolean;
  readonly restarts: number;
  /** false: the image is not the project's, nothing runs behind it. */
  readonly real: boolean;
  readonly reason?: string;
}

export interface ClusterView {
  readonly nodes: readonly NodeView[];
  readonly pods: readonly PodView[];
}

/* ------------------------------------------------------------------------------- local/cloud, called by local/twin.ts */

export interface CloudOptions {
  readonly context: TwinContext;
  /** CDK cloud assembly folder (cdk.out) with the synthesized template and its assets. */
  readonly assemblyFolder: string;
  readonly stackName: string;
  readonly region: string;
  readonly instances: InstanceHost;
}

/** AWS on loopback. */
export interface Cloud {
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
  /** Stack outputs by output key. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Credentials of a person with full access, for the CLI and the twin itself. */
  readonly operatorCredentials: Credentials;
  view(): CloudView;
  stop(): Promise<void>;
}
