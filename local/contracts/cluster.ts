/** The interface of local/cluster, which local/instance and local/twin.ts use. */
import type { TwinContext } from './context.ts';
import type { ClusterView } from './views.ts';

export interface NodeIdentity {
  readonly instanceId: string;
  readonly nodeName: string;
  readonly privateIp: string;
  readonly availabilityZone: string;
  readonly instanceType: string;
  /** The instance's root folder; the volumes of its pods are in <root>/var/lib/kubelet. */
  readonly rootFolder: string;
  readonly software: NodeSoftware;
}

/** What the documents have installed on an instance; the node reports it. */
export interface NodeSoftware {
  /** e.g. v1.36.3 */
  readonly kubeletVersion: string;
  /** e.g. 2.3.5 */
  readonly containerdVersion: string;
  readonly osImage: string;
  readonly kernelVersion: string;
}

export interface JoinResult {
  readonly kubeletKubeconfig: string;
  /** The KubeletConfiguration of the cluster, which kubeadm init stored. */
  readonly kubelet: object;
}

/** What kubeadm and systemd do to the cluster. Errors have kubeadm's own texts. */
export interface ClusterHost {
  /** kubeadm init with parsed v1beta4 documents: starts the API server on https://<privateIp>:6443. */
  init(
    node: NodeIdentity,
    config: { readonly cluster: object; readonly init: object; readonly kubelet?: object },
  ): Promise<{
    readonly adminKubeconfig: string;
    readonly caCertificatePem: string;
  }>;
  /** kubeadm join with a parsed v1beta4 JoinConfiguration, whose token and CA hash are checked. */
  join(node: NodeIdentity, config: { readonly join: object }): Promise<JoinResult>;
  /** kubeadm token create. @returns '<id>.<secret>' */
  createToken(ttlSeconds: number, description: string): Promise<string>;
  /** kubeadm token list: those that have not expired; `expiration` is ISO 8601, or undefined for never. */
  listTokens(): Promise<
    readonly { readonly token: string; readonly expiration: string | undefined; readonly description: string }[]
  >;
  /** kubeadm kubeconfig user: a client certificate for CN=clientName, O=organizations. */
  issueKubeconfig(user: {
    readonly clientName: string;
    readonly organizations: readonly string[];
    readonly validitySeconds: number;
  }): Promise<string>;
  /** sha256:<hex of the CA's public key info>, the form in which kubeadm prints it. */
  caCertificateHash(): Promise<string>;
  /** systemctl start or restart kubelet; without effect before kubeadm init or join. */
  startKubelet(instanceId: string): Promise<void>;
  /** systemctl stop kubelet: the containers go on running. */
  stopKubelet(instanceId: string): Promise<void>;
  /** The control plane's instance is off: nobody answers for the API, and what runs on the other nodes goes on as it is. */
  powerOff(instanceId: string): Promise<void>;
  powerOn(instanceId: string): Promise<void>;
  /** The instance is terminated: its pods' processes end at once, and so does its API server. */
  removeInstance(instanceId: string): Promise<void>;
  /** Where the load balancer with this port listens; undefined while there is none. */
  resolveLoadBalancer(port: number): { readonly host: string; readonly port: number } | undefined;
  /** Where a port of a Service's cluster IP listens; undefined while there is no such Service. */
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
  /** Environment that overrides the manifest's for a workload's processes: the addresses of simulated AWS and Telegram. */
  readonly podEnvironment: (workload: string) => Readonly<Record<string, string>>;
}

/** The container images that run as processes: the project's own, and those for which the twin has a program. All others are simulated. */
export interface ImageCatalog {
  resolve(image: string): ProjectImage | undefined;
}

export interface ProjectImage {
  /** 'polybot' | 'yolo5' | 'cluster-autoscaler' */
  readonly workload: string;
  /** Folder with the content of the image's WORKDIR. */
  readonly workingFolder: string;
  /** e.g. ['/path/node', 'main.js'] */
  readonly command: readonly string[];
}
