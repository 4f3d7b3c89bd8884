/** local/cluster as local/instance and local/twin.ts see it. */
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
  /** Environment every real pod process gets on top of its manifest: the twin's shim for public DNS. */
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
