/** Eviction: deletes a pod unless its disruption budget allows none. The disruption controller does the counting. */
import { types } from '../apimachinery/builtin-types.ts';
import { ApiError } from '../apimachinery/errors.ts';
import type { PodDisruptionBudget } from '../apimachinery/kinds.ts';
import type { DeleteOptions } from '../apimachinery/operations.ts';
import { isPodFinished, isPodReady } from '../apimachinery/pods.ts';
import { matchesSelector } from '../apimachinery/selectors.ts';
import type { Client } from '../client/client.ts';

/** @throws ApiError TooManyRequests (429) while the budget allows no eviction: the client tries again later */
export function evictPod(client: Client, namespace: string, name: string, options: DeleteOptions): void {
  const pod = client.get(types.pods, namespace, name);
  const budgets = client
    .list(types.podDisruptionBudgets, namespace)
    .filter(({ spec }) => matchesSelector(spec.selector, pod.metadata.labels));
  if (budgets.length > 1) {
    const message = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
    throw new ApiError(500, 'InternalError', message);
  }
  const [budget] = budgets;
  // A pod that serves nothing does not count as healthy: its eviction costs the budget nothing.
  const isHealthy = !pod.metadata.deletionTimestamp && !isPodFinished(pod) && isPodReady(pod);
  if (budget && isHealthy) useBudget(client, budget, options.dryRun === true);
  client.delete(types.pods, namespace, name, options);
}

function useBudget(client: Client, { metadata, status = {} }: PodDisruptionBudget, dryRun: boolean): void {
  const { disruptionsAllowed = 0, desiredHealthy = 0, currentHealthy = 0, observedGeneration = 0 } = status;
  if (observedGeneration < (metadata.generation ?? 0)) {
    throw refused(`The disruption budget ${metadata.name} is still being processed by the server.`);
  }
  if (disruptionsAllowed <= 0) {
    throw refused(
      `The disruption budget ${metadata.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
    );
  }
  // Counted at once, so that a second eviction does not use the same disruption before the controller counts again.
  const use = (budget: PodDisruptionBudget): void => {
    budget.status = { ...budget.status, disruptionsAllowed: disruptionsAllowed - 1 };
  };
  client.update(types.podDisruptionBudgets, metadata.namespace, metadata.name, use, { subresource: 'status', dryRun });
}

function refused(message: string): ApiError {
  const causes = [{ reason: 'DisruptionBudget', message }];
  const summary = "Cannot evict pod as it would violate the pod's disruption budget.";
  return new ApiError(429, 'TooManyRequests', summary, { causes });
}
