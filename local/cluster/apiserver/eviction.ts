/** Disruption budgets: how many pods may be missing, and eviction that asks first. */
import { types } from '../apimachinery/builtin-types.ts';
import { ApiError } from '../apimachinery/errors.ts';
import { controllerOf, isPodFinished, isPodReady, type KubeObject, type Open } from '../apimachinery/object.ts';
import { matchesSelector } from '../apimachinery/selectors.ts';
import type { DeleteOptions, Objects } from '../storage/objects.ts';

export interface Budget {
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  readonly expectedPods: number;
  readonly disruptionsAllowed: number;
}

export function budgetOf(objects: Objects, budget: KubeObject): Budget {
  const { namespace } = budget.metadata;
  const pods = objects
    .list(types.pods, namespace)
    .filter((pod) => matchesSelector(budget.spec.selector, pod.metadata.labels) && !isPodFinished(pod));
  const currentHealthy = pods.filter((pod) => isPodReady(pod) && !pod.metadata.deletionTimestamp).length;
  const expectedPods = expectedCount(objects, pods);
  const { minAvailable, maxUnavailable } = budget.spec;
  const desiredHealthy =
    maxUnavailable === undefined
      ? countOrShare(minAvailable ?? 1, expectedPods)
      : Math.max(0, expectedPods - countOrShare(maxUnavailable, expectedPods));
  const disruptionsAllowed = expectedPods === 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy);
  return { currentHealthy, desiredHealthy, expectedPods, disruptionsAllowed };
}

/** A percentage is of the pods that the controllers want, not of those that happen to exist. */
function expectedCount(objects: Objects, pods: readonly KubeObject[]): number {
  let expected = 0;
  const counted = new Set<string>();
  for (const pod of pods) {
    const owner = controllerOf(pod);
    const type = [types.replicaSets, types.statefulSets].find(({ kind }) => kind === owner?.kind);
    const set = owner && type && objects.find(type, pod.metadata.namespace, owner.name);
    if (!set) expected += 1;
    else {
      const above = controllerOf(set);
      const deployment = above && objects.find(types.deployments, set.metadata.namespace, above.name);
      const scaled = deployment ?? set;
      if (counted.has(scaled.metadata.uid)) continue;
      counted.add(scaled.metadata.uid);
      expected += scaled.spec.replicas;
    }
  }
  return expected;
}

/** '25%' of a total (rounded up), or the number itself. */
export function countOrShare(value: Open, total: number, round: (value: number) => number = Math.ceil): number {
  const share = typeof value === 'string' && /^(\d+)%$/.exec(value);
  return share ? round((Number(share[1]) * total) / 100) : Number(value);
}

/** Deletes a pod unless a budget forbids it now. @throws ApiError TooManyRequests (429): try again later */
export function evict(
  objects: Objects,
  namespace: string,
  name: string,
  options: DeleteOptions,
  dryRun: boolean,
): void {
  const pod = objects.get(types.pods, namespace, name);
  const budgets = objects
    .list(types.podDisruptionBudgets, namespace)
    .filter(({ spec }) => matchesSelector(spec?.selector, pod.metadata.labels));
  if (budgets.length > 1) {
    throw new ApiError(
      500,
      'InternalError',
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  }
  const [budget] = budgets;
  const counts = !pod.metadata.deletionTimestamp && !isPodFinished(pod) && isPodReady(pod);
  if (budget && counts) {
    const { disruptionsAllowed, desiredHealthy, currentHealthy } = budgetOf(objects, budget);
    if (disruptionsAllowed <= 0) {
      const message = `The disruption budget ${budget.metadata.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
      throw new ApiError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
        causes: [{ reason: 'DisruptionBudget', message }],
      });
    }
  }
  objects.delete(types.pods, namespace, name, { ...options, dryRun });
}
