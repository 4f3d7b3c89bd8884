/** Disruption controller: how many pods of a budget may be evicted right now. */
import { types } from '../apimachinery/builtin-types.ts';
import { withCondition } from '../apimachinery/conditions.ts';
import { countOf } from '../apimachinery/int-or-percent.ts';
import type { Pod, PodDisruptionBudget } from '../apimachinery/kinds.ts';
import { controllerOf } from '../apimachinery/object.ts';
import { isPodFinished, isPodReady } from '../apimachinery/pods.ts';
import { matchesSelector } from '../apimachinery/selectors.ts';
import type { Client } from '../client/client.ts';
import { Controller, type ControllerDependencies, type Key, keyOf, watch } from '../client/controller.ts';

export function startDisruptionController({ client, log }: Omit<ControllerDependencies, 'events'>): Controller {
  const budgetsOf = ({ metadata }: Pod): readonly Key[] =>
    client
      .list(types.podDisruptionBudgets, metadata.namespace)
      .filter(({ spec }) => matchesSelector(spec.selector, metadata.labels))
      .map(keyOf);
  return new Controller({
    name: 'disruption',
    client,
    log,
    watches: [watch(types.podDisruptionBudgets), watch(types.pods, budgetsOf)],
    reconcile: (key) => reconcile(client, key),
  });
}

function reconcile(client: Client, { namespace, name }: Key): void {
  const budget = client.find(types.podDisruptionBudgets, namespace, name);
  if (!budget) return;
  const counts = countPods(client, budget);
  const isAllowed = counts.disruptionsAllowed > 0;
  client.update(types.podDisruptionBudgets, namespace, name, (draft) => {
    const { generation } = draft.metadata;
    draft.status = {
      ...draft.status,
      ...counts,
      ...(generation !== undefined && { observedGeneration: generation }),
      conditions: withCondition(draft.status?.conditions, {
        type: 'DisruptionAllowed',
        status: isAllowed ? 'True' : 'False',
        reason: isAllowed ? 'SufficientPods' : 'InsufficientPods',
        message: '',
      }),
    };
  });
}

interface BudgetCounts {
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  readonly expectedPods: number;
  readonly disruptionsAllowed: number;
}

function countPods(client: Client, { metadata, spec }: PodDisruptionBudget): BudgetCounts {
  const pods = client
    .list(types.pods, metadata.namespace)
    .filter((pod) => matchesSelector(spec.selector, pod.metadata.labels) && !isPodFinished(pod));
  const currentHealthy = pods.filter((pod) => isPodReady(pod) && !pod.metadata.deletionTimestamp).length;
  const expectedPods = countExpected(client, pods);
  const desiredHealthy =
    spec.maxUnavailable === undefined
      ? countOf(spec.minAvailable ?? 1, expectedPods)
      : Math.max(0, expectedPods - countOf(spec.maxUnavailable, expectedPods));
  const disruptionsAllowed = expectedPods === 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy);
  return { currentHealthy, desiredHealthy, expectedPods, disruptionsAllowed };
}

/** A percentage is one of the pods that the controllers are to run, not of those that exist right now. */
function countExpected(client: Client, pods: readonly Pod[]): number {
  const replicasByController = new Map<string, number>();
  let podsWithoutController = 0;
  for (const pod of pods) {
    const scaled = scaledController(client, pod);
    if (scaled) replicasByController.set(scaled.metadata.uid, scaled.spec.replicas);
    else podsWithoutController += 1;
  }
  return [...replicasByController.values()].reduce((sum, replicas) => sum + replicas, podsWithoutController);
}

/** The Deployment, ReplicaSet or StatefulSet whose `replicas` count the pod. */
function scaledController(client: Client, pod: Pod) {
  const { namespace } = pod.metadata;
  const owner = controllerOf(pod);
  if (owner?.kind === 'StatefulSet') return client.find(types.statefulSets, namespace, owner.name);
  const set = owner?.kind === 'ReplicaSet' ? client.find(types.replicaSets, namespace, owner.name) : undefined;
  const deployment = set && controllerOf(set);
  return (deployment && client.find(types.deployments, namespace, deployment.name)) ?? set;
}
