/** The options of one node's kubelet, and what its modules share. */
import type { ClusterHostOptions, NodeIdentity } from '#local/contracts/cluster.ts';
import type { NodeRegistration } from '../apimachinery/node-registration.ts';
import type { Client } from '../client/client.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { LocateExternal, LocateService } from '../client/service-locator.ts';
import type { RequestToken } from '../client/token-request.ts';
import type { ContainerLogs } from './container-logs.ts';
import type { ContainerMeter } from './container-meter.ts';
import type { PodAddresses } from './pod-addresses.ts';

export interface KubeletOptions extends ClusterHostOptions {
  readonly client: Client;
  readonly requestToken: RequestToken;
  readonly locateService: LocateService;
  readonly locateExternal: LocateExternal;
  readonly node: NodeIdentity;
  readonly registration: NodeRegistration;
  readonly isControlPlane: boolean;
  /** The node's position in the loopback network; pods of different nodes have addresses of different ranges. */
  readonly nodeIndex: number;
  /** Images of the static pods, by component. */
  readonly staticPods: Readonly<Record<string, string>>;
  /** host:port of the API server. */
  readonly apiEndpoint: string;
}

export interface KubeletDependencies extends KubeletOptions {
  readonly events: EventRecorder;
  readonly addresses: PodAddresses;
  readonly logs: ContainerLogs;
  readonly meter: ContainerMeter;
  /** Resolves once the node has a pod network; rejects with the signal's reason. */
  readonly networkReady: (signal: AbortSignal) => Promise<void>;
}
