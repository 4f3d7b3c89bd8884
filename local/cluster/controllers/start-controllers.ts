/** Starts every controller of the control plane. */
import { startHorizontalPodAutoscaler } from './autoscaler/horizontal-pod-autoscaler.ts';
import { startCloudNodeController, startServiceController } from './cloud-controller-manager.ts';
import type { ControllerParts } from './controller-parts.ts';
import { startCustomResources } from './custom-resources.ts';
import { startDaemonSetController } from './daemon-set.ts';
import { startDeploymentController } from './deployment.ts';
import { startDisruptionBudgets } from './disruption-budget.ts';
import { startEndpointsController } from './endpoints.ts';
import { createEventRecorder } from './events.ts';
import { startGarbageCollector } from './garbage-collector.ts';
import { startNamespaceController } from './namespace.ts';
import { startNodeLifecycle } from './node-lifecycle.ts';
import { startReplicaSetController } from './replica-set.ts';
import { startScheduler } from './scheduler.ts';
import { startServiceProxyController } from './service-proxy.ts';
import { startStatefulSetController } from './stateful-set.ts';

/** @returns how to stop them all */
export function startControllers(given: Omit<ControllerParts, 'events' | 'log'>): () => void {
  const parts: ControllerParts = {
    ...given,
    events: createEventRecorder(given.objects),
    log: (message) => given.context.log('controllers', message),
  };
  const controllers = [
    startNamespaceController,
    startDeploymentController,
    startReplicaSetController,
    startDaemonSetController,
    startStatefulSetController,
    startScheduler,
    startNodeLifecycle,
    startEndpointsController,
    startDisruptionBudgets,
    startCloudNodeController,
    startServiceController,
    startServiceProxyController,
    startHorizontalPodAutoscaler,
  ].map((start) => start(parts));
  const stopOthers = [startCustomResources(parts), startGarbageCollector(parts)];
  return () => {
    for (const controller of controllers) controller.stop();
    for (const stop of stopOthers) stop();
  };
}
