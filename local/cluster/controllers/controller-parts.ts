/** What controllers work with. */
import type { TwinContext } from '../../contracts.ts';
import type { CertificateAuthority } from '../auth/pki.ts';
import type { LoadBalancers } from '../balancer/load-balancers.ts';
import type { ServiceProxies } from '../balancer/service-proxies.ts';
import type { ContainerMetrics } from '../metrics/container-metrics.ts';
import type { Objects } from '../model/objects.ts';
import type { Registry } from '../model/registry.ts';
import type { EventRecorder } from './events.ts';

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
