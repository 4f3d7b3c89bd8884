/** ReplicaSet: as many pods as its spec says. */
import type { TwinTime } from '#local/contracts/context.ts';
import { types } from '../apimachinery/builtin-types.ts';
import { withCondition, withoutCondition } from '../apimachinery/conditions.ts';
import type { Pod, ReplicaSet } from '../apimachinery/kinds.ts';
import { isPodReady, readySince } from '../apimachinery/pods.ts';
import { matchesSelector } from '../apimachinery/selectors.ts';
import { Controller, type ControllerDependencies, type Key, ownerKey, watch } from '../client/controller.ts';
import { isPodActive, ownedPods } from './owned-pods.ts';
import { podFromTemplate } from './pod-template.ts';

type ReplicaSetDependencies = ControllerDependencies & { readonly time: TwinTime };

export function startReplicaSetController(dependencies: ReplicaSetDependencies): Controller {
  const { client, log } = dependencies;
  return new Controller({
    name: 'replicaset',
    client,
    log,
    watches: [watch(types.replicaSets), watch(types.pods, ownerKey('ReplicaSet'))],
    reconcile: (key, controller) => reconcile(dependencies, key, controller),
  });
}

function reconcile(dependencies: ReplicaSetDependencies, { namespace, name }: Key, controller: Controller): void {
  const { client } = dependencies;
  const set = client.find(types.replicaSets, namespace, name);
  if (!set) return;
  let failure: Error | undefined;
  try {
    if (!set.metadata.deletionTimestamp) adjust(dependencies, set);
  } catch (error) {
    failure = error as Error;
  }
  const nextAvailableAt = writeStatus(dependencies, set, failure);
  if (nextAvailableAt !== undefined) controller.enqueueAfter({ namespace, name }, nextAvailableAt - Date.now());
  // Thrown only after the status reports it; the queue then retries.
  if (failure) throw failure;
}

function adjust({ client, events }: ControllerDependencies, set: ReplicaSet): void {
  const pods = ownedPods(client, set).filter(isPodActive);
  const missing = set.spec.replicas - pods.length;
  for (let created = 0; created < missing; created += 1) {
    try {
      const pod = client.create(types.pods, podFromTemplate(set, { generateName: `${set.metadata.name}-` }));
      events(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
    } catch (error) {
      events(set, 'Warning', 'FailedCreate', `Error creating: ${(error as Error).message}`);
      throw error;
    }
  }
  const surplus = pods.toSorted((a, b) => rank(a) - rank(b) || version(b) - version(a)).slice(0, Math.max(0, -missing));
  for (const { metadata } of surplus) {
    client.delete(types.pods, metadata.namespace, metadata.name);
    events(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${metadata.name}`);
  }
}

/** The least useful pod is deleted first: not placed, then not ready, then the youngest. */
function rank(pod: Pod): number {
  if (!pod.spec.nodeName) return 0;
  return isPodReady(pod) ? 2 : 1;
}

/** The version orders changes where times, which have only whole seconds, do not. */
function version({ metadata }: Pod): number {
  return Number(metadata.resourceVersion);
}

/** @returns when the next ready pod becomes available, in milliseconds, if one waits for minReadySeconds */
function writeStatus(
  { client, time }: ReplicaSetDependencies,
  set: ReplicaSet,
  failure: Error | undefined,
): number | undefined {
  const { minReadySeconds = 0, template } = set.spec;
  const pods = ownedPods(client, set).filter(isPodActive);
  const ready = pods.filter(isPodReady);
  const availableAt = ready.map((pod) => readySince(pod) + time.milliseconds(minReadySeconds));
  const pending = minReadySeconds > 0 ? availableAt.filter((at) => at > Date.now()) : [];
  const selector = { matchLabels: template.metadata.labels ?? {} };
  client.updateIfExists(types.replicaSets, set.metadata.namespace, set.metadata.name, (draft) => {
    const { generation } = draft.metadata;
    const others = withoutCondition(draft.status?.conditions, 'ReplicaFailure');
    const failed = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: failure?.message ?? '' };
    draft.status = {
      ...draft.status,
      replicas: pods.length,
      fullyLabeledReplicas: pods.filter(({ metadata }) => matchesSelector(selector, metadata.labels)).length,
      readyReplicas: ready.length,
      availableReplicas: ready.length - pending.length,
      ...(generation !== undefined && { observedGeneration: generation }),
      ...((failure || draft.status?.conditions) && {
        conditions: failure ? withCondition(draft.status?.conditions, failed) : others,
      }),
    };
  });
  return pending.length > 0 ? Math.min(...pending) : undefined;
}
