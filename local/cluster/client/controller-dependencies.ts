/** What controllers work with. */
import type { TwinContext } from '#local/contracts/context.ts';
import type { LoadBalancers } from '../cloud-controller-manager/load-balancers.ts';
import type { ServiceProxies } from '../kube-proxy/service-proxies.ts';
import type { ContainerMetrics } from '../metrics-server/container-metrics.ts';
import type { CertificateAuthority } from '../pki/pki.ts';
import type { Objects } from '../storage/objects.ts';
import type { Registry } from '../storage/registry.ts';
import type { EventRecorder } from './event-recorder.ts';

export interface ControllerParts {
  readonly objects: Objects;
  readonly registry: Registry;
  readonly ca: CertificateAuthority;
  readonly endpoint: string;
  readonly context: TwinContext;
  readonly balancers: LoadBalancers;
  readonly services: ServiceProxies;
  readonly metrics: ContainerMetrics;
  readonly events: EventRecorder;
  readonly log: (message: string) => void;
  /** Whether the EC2 instance behind a node still runs. */
  readonly isInstanceRunning: (nodeName: string) => boolean;
}
