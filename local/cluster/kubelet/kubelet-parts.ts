/** What the parts of one node's kubelet share. */
import type { ClusterHostOptions, NodeIdentity } from '../../contracts.ts';
import type { ServiceAccountTokens } from '../auth/service-account-tokens.ts';
import type { ServiceProxies } from '../balancer/service-proxies.ts';
import type { EventRecorder } from '../controllers/events.ts';
import type { ContainerMetrics } from '../metrics/container-metrics.ts';
import type { Objects } from '../model/objects.ts';
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
