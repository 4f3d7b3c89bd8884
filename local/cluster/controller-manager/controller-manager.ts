/** Starts the controllers of kube-controller-manager that the twin needs. Entry of the component. */
import type { TwinTime } from '#local/contracts/context.ts';
import { parseCidr } from '../apimachinery/cidr.ts';
import type { Client, RestMapper } from '../client/client.ts';
import { EventBroadcaster } from '../client/event-recorder.ts';
import type { MetricsClient } from '../client/metrics-client.ts';
import { startHorizontalPodAutoscaler } from './autoscaler/horizontal-pod-autoscaler.ts';
import { startDaemonSetController } from './daemon-set.ts';
import { startDeploymentController } from './deployment.ts';
import { startDisruptionController } from './disruption.ts';
import { startEndpointsController } from './endpoints.ts';
import { startGarbageCollector } from './garbage-collector.ts';
import { startNamespaceController } from './namespace.ts';
import { startNodeIpam } from './node-ipam.ts';
import { startNodeLifecycle } from './node-lifecycle.ts';
import { startReplicaSetController } from './replica-set.ts';
import { startStatefulSetController } from './stateful-set.ts';

export interface ControllerManagerOptions {
  readonly client: Client;
  readonly mapper: RestMapper;
  readonly metrics: MetricsClient;
  /** --root-ca-file */
  readonly caCertificatePem: string;
  /** --cluster-cidr */
  readonly podCidr: string;
  readonly time: TwinTime;
  readonly log: (message: string) => void;
}

/** @returns how to stop it. @throws RangeError for a pod CIDR that is none */
export function startControllerManager(options: ControllerManagerOptions): () => void {
  const broadcaster = new EventBroadcaster(options.client);
  const clusterCidr = parseCidr(options.podCidr);
  const withEvents = (component: string) => ({ ...options, events: broadcaster.recorder(component) });
  const controllers = [
    startNamespaceController(options),
    startDeploymentController(withEvents('deployment-controller')),
    startReplicaSetController(withEvents('replicaset-controller')),
    startDaemonSetController(withEvents('daemonset-controller')),
    startStatefulSetController(options),
    startNodeLifecycle(options),
    startNodeIpam({ ...withEvents('cidrAllocator'), clusterCidr }),
    startEndpointsController(options),
    startDisruptionController(options),
    startHorizontalPodAutoscaler(withEvents('horizontal-pod-autoscaler')),
  ];
  const stopGarbageCollector = startGarbageCollector(options);
  return () => {
    for (const controller of controllers) controller.stop();
    stopGarbageCollector();
  };
}
