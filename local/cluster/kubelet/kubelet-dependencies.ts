/** What the parts of one node's kubelet share. */
import type { ClusterHostOptions, NodeIdentity } from '#local/contracts/cluster.ts';
import type { ServiceAccountTokens } from '../apiserver/auth/service-account-tokens.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { ServiceProxies } from '../kube-proxy/service-proxies.ts';
import type { ContainerMetrics } from '../metrics-server/container-metrics.ts';
import type { Objects } from '../storage/objects.ts';
import type { ContainerLogs } from './logs.ts';

export interface KubeletOptions extends ClusterHostOptions {
  readonly objects: Objects;
  readonly tokens: ServiceAccountTokens;
  readonly logs: ContainerLogs;
  readonly metrics: ContainerMetrics;
  readonly services: ServiceProxies;
  readonly node: NodeIdentity;
  readonly nodeName: string;
  readonly nodeIndex: number;
  readonly role: 'control-plane' | 'worker';
  /** host:port */
  readonly apiEndpoint: string;
}

export interface KubeletParts extends KubeletOptions {
  readonly events: EventRecorder;
  readonly addresses: PodAddresses;
  /** Resolves once the node has a pod network. */
  readonly networkReady: (signal: AbortSignal) => Promise<void>;
}

export interface PodAddresses {
  take(isReal: boolean): string;
  giveBack(address: string): void;
}
