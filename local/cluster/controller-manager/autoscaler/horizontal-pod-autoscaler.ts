/** HorizontalPodAutoscaler: resource metrics become the replicas of its target. */
import { types } from '#local/cluster/apimachinery/builtin-types.ts';
import { type KubeObject, type Open, setCondition, timestamp } from '#local/cluster/apimachinery/object.ts';
import type { ResourceType } from '#local/cluster/apimachinery/resource-type.ts';
import { matchesSelector } from '#local/cluster/apimachinery/selectors.ts';
import { Controller, type Key } from '#local/cluster/client/controller.ts';
import type { ControllerParts } from '#local/cluster/client/controller-dependencies.ts';
import { MetricUnavailableError, type Proposal, proposeReplicas } from './resource-metric.ts';
import { ScalingHistory } from './scaling-behavior.ts';

/** --horizontal-pod-autoscaler-tolerance */
const defaultTolerance = 0.1;

interface Remembered {
  readonly uid: string;
  readonly history: ScalingHistory;
  generation: number | undefined;
  due: number;
}

export function startHorizontalPodAutoscaler(parts: ControllerParts): Controller {
  const { objects, context, metrics, log } = parts;
  const remembered = new Map<string, Remembered>();
  // The period of the original is that of the metrics: a look in between would see the same numbers.
  const periodMilliseconds = metrics.windowMilliseconds;
  return new Controller({
    name: 'horizontal-pod-autoscaler',
    objects,
    log,
    watches: [{ type: types.horizontalPodAutoscalers }],
    reconcile: (key, controller) => {
      const id = `${key.namespace}/${key.name}`;
      const autoscaler = objects.find(types.horizontalPodAutoscalers, key.namespace, key.name);
      if (!autoscaler) {
        remembered.delete(id);
        return;
      }
      const { uid, generation } = autoscaler.metadata;
      const known = remembered.get(id);
      const memory =
        known?.uid === uid ? known : { uid, history: new ScalingHistory(context.time), generation: undefined, due: 0 };
      remembered.set(id, memory);
      // Its own status is a change as well, and no reason to look again.
      const wait = memory.due - Date.now();
      if (wait > 0 && memory.generation === generation) {
        controller.enqueueAfter(key, wait);
        return;
      }
      memory.generation = generation;
      memory.due = Date.now() + periodMilliseconds;
      controller.enqueueAfter(key, periodMilliseconds);
      follow(parts, key, autoscaler, memory.history);
    },
  });
}

type Draft = (draft: KubeObject) => void;

function follow(parts: ControllerParts, key: Key, autoscaler: KubeObject, history: ScalingHistory): void {
  const { objects, registry, events } = parts;
  const { scaleTargetRef } = autoscaler.spec;
  const type = registry.byKind(scaleTargetRef.apiVersion, scaleTargetRef.kind);
  const target = type && objects.find(type, key.namespace, scaleTargetRef.name);
  const changes: Draft[] = [];
  const condition = (name: string, isTrue: boolean, reason: string, message: string) => {
    changes.push((draft) => setCondition(draft, { type: name, status: isTrue ? 'True' : 'False', reason, message }));
  };
  const write = () => {
    objects.updateIfExists(types.horizontalPodAutoscalers, key.namespace, key.name, (draft) => {
      draft.status = { currentReplicas: 0, desiredReplicas: 0, ...draft.status };
      draft.status.observedGeneration = autoscaler.metadata.generation;
      for (const change of changes) change(draft);
    });
  };
  const set = (status: Open) => changes.push((draft) => Object.assign(draft.status, status));
  if (!type?.subresources.includes('scale') || !target) {
    const message = `the HPA controller was unable to get the target's current scale: ${scaleTargetRef.kind} "${scaleTargetRef.name}" not found`;
    condition('AbleToScale', false, 'FailedGetScale', message);
    events(autoscaler, 'Warning', 'FailedGetScale', message, 'horizontal-pod-autoscaler');
    write();
    return;
  }
  const current: number = target.spec.replicas ?? 1;
  set({ currentReplicas: target.status?.replicas ?? 0 });
  if (current === 0) {
    set({ desiredReplicas: 0 });
    condition(
      'AbleToScale',
      true,
      'SucceededGetScale',
      "the HPA controller was able to get the target's current scale",
    );
    const message = 'scaling is disabled since the replica count of the target is zero';
    condition('ScalingActive', false, 'ScalingDisabled', message);
    write();
    return;
  }
  const { minReplicas, maxReplicas } = autoscaler.spec;
  let wanted: number;
  let why: string;
  if (current > maxReplicas || current < minReplicas) {
    wanted = current > maxReplicas ? maxReplicas : minReplicas;
    why =
      current > maxReplicas
        ? 'Current number of replicas above Spec.MaxReplicas'
        : 'Current number of replicas below Spec.MinReplicas';
  } else {
    let best: Proposal;
    try {
      best = strongest(parts, autoscaler, target, current, set);
    } catch (error) {
      if (!(error instanceof MetricUnavailableError)) throw error;
      const message = `the HPA was unable to compute the replica count: ${error.message}`;
      condition(
        'AbleToScale',
        true,
        'SucceededGetScale',
        "the HPA controller was able to get the target's current scale",
      );
      condition('ScalingActive', false, error.reason, message);
      events(autoscaler, 'Warning', error.reason, error.message, 'horizontal-pod-autoscaler');
      write();
      return;
    }
    const found = `the HPA was able to successfully calculate a replica count from ${best.metric}`;
    condition('ScalingActive', true, 'ValidMetricFound', found);
    const { replicas, able, limited } = history.limit(autoscaler as { spec: Open }, current, best.replicas);
    condition('AbleToScale', true, able.reason, able.message);
    condition('ScalingLimited', limited.isLimited, limited.reason, limited.message);
    wanted = replicas;
    why = wanted > current ? `${best.metric} above target` : 'All metrics below target';
  }
  set({ desiredReplicas: wanted });
  if (wanted !== current) {
    rescale(parts, type, target, wanted);
    history.scaled(current, wanted);
    set({ lastScaleTime: timestamp() });
    condition(
      'AbleToScale',
      true,
      'SucceededRescale',
      `the HPA controller was able to update the target scale to ${wanted}`,
    );
    events(
      autoscaler,
      'Normal',
      'SuccessfulRescale',
      `New size: ${wanted}; reason: ${why}`,
      'horizontal-pod-autoscaler',
    );
  }
  write();
}

/** The metric that asks for the most replicas; while one cannot be read, none may take replicas away. */
function strongest(
  { objects, metrics }: ControllerParts,
  { spec }: KubeObject,
  target: KubeObject,
  current: number,
  set: (status: Open) => void,
): Proposal {
  const pods = objects
    .list(types.pods, target.metadata.namespace)
    .filter((pod) => matchesSelector(target.spec.selector, pod.metadata.labels ?? {}));
  const tolerances = {
    up: Number(spec.behavior?.scaleUp?.tolerance ?? defaultTolerance),
    down: Number(spec.behavior?.scaleDown?.tolerance ?? defaultTolerance),
  };
  const proposals: Proposal[] = [];
  let failure: MetricUnavailableError | undefined;
  for (const metric of spec.metrics) {
    try {
      proposals.push(proposeReplicas(metric, pods, current, metrics, tolerances));
    } catch (error) {
      if (!(error instanceof MetricUnavailableError)) throw error;
      failure ??= error;
    }
  }
  set({ currentMetrics: proposals.map((proposal) => proposal.current) });
  const best = proposals.toSorted((a, b) => b.replicas - a.replicas)[0];
  if (best === undefined || (failure !== undefined && best.replicas < current)) throw failure;
  return best;
}

function rescale({ objects }: ControllerParts, type: ResourceType, target: KubeObject, replicas: number): void {
  objects.update(type, target.metadata.namespace, target.metadata.name, (draft) => {
    draft.spec.replicas = replicas;
  });
}
