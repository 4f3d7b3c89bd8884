/** Starts every controller of the control plane. */

import type { ControllerParts } from '../client/controller-dependencies.ts';
import { createEventRecorder } from '../client/event-recorder.ts';
import {
  startCloudNodeController,
  startServiceController,
} from '../cloud-controller-manager/cloud-controller-manager.ts';
import { startServiceProxyController } from '../kube-proxy/service-proxy.ts';
import { startScheduler } from '../scheduler/scheduler.ts';
import { startHorizontalPodAutoscaler } from './autoscaler/horizontal-pod-autoscaler.ts';
import { startCustomResources } from './custom-resources.ts';
import { startDaemonSetController } from './daemon-set.ts';
import { startDeploymentController } from './deployment.ts';
import { startDisruptionBudgets } from './disruption-budget.ts';
import { startEndpointsController } from './endpoints.ts';
import { startGarbageCollector } from './garbage-collector.ts';
import { startNamespaceController } from './namespace.ts';
import { startNodeLifecycle } from './node-lifecycle.ts';
import { startReplicaSetController } from './replica-set.ts';
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
