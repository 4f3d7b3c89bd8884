/** ReplicaSet: as many pods as wanted. */
import { types } from '../apimachinery/builtin-types.ts';
import {
  conditionOf,
  controllerOf,
  isPodFinished,
  isPodReady,
  type KubeObject,
  setCondition,
} from '../apimachinery/object.ts';
import { matchesSelector } from '../apimachinery/selectors.ts';
import { Controller, type Key, ownerKey } from '../client/controller.ts';
import type { ControllerParts } from '../client/controller-dependencies.ts';
import { podFrom } from './pod-template.ts';

export function startReplicaSetController(parts: ControllerParts): Controller {
  const { objects, log } = parts;
  return new Controller({
    name: 'replicaset',
    objects,
    log,
    watches: [{ type: types.replicaSets }, { type: types.pods, keysOf: ownerKey('ReplicaSet') }],
    reconcile: (key, controller) => reconcile(parts, key, controller),
  });
}

function reconcile(parts: ControllerParts, { namespace, name }: Key, controller: Controller): void {
  const { objects } = parts;
  const set = objects.find(types.replicaSets, namespace, name);
  if (!set) return;
  const owned = activePods(parts, set);
  let failure: unknown;
  if (!set.metadata.deletionTimestamp) {
    try {
      adjust(parts, set, owned);
    } catch (error) {
      failure = error;
    }
  }
  const readyAt = writeStatus(parts, set, failure);
  if (readyAt !== undefined) controller.enqueueAfter({ namespace, name }, readyAt - Date.now());
  if (failure) throw failure;
}

function activePods({ objects }: ControllerParts, set: KubeObject): KubeObject[] {
  return objects
    .list(types.pods, set.metadata.namespace)
    .filter(
      (pod) => controllerOf(pod)?.uid === set.metadata.uid && !pod.metadata.deletionTimestamp && !isPodFinished(pod),
    );
}

function adjust({ objects, events }: ControllerParts, set: KubeObject, pods: readonly KubeObject[]): void {
  const missing = set.spec.replicas - pods.length;
  for (let made = 0; made < missing; made += 1) {
    try {
      const pod = objects.create(types.pods, podFrom(set, { generateName: `${set.metadata.name}-` }));
      events(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`, 'replicaset-controller');
    } catch (error) {
      events(set, 'Warning', 'FailedCreate', `Error creating: ${(error as Error).message}`, 'replicaset-controller');
      throw error;
    }
  }
  const surplus = [...pods].sort((a, b) => rank(a) - rank(b) || age(b) - age(a)).slice(0, Math.max(0, -missing));
  for (const { metadata } of surplus) {
    objects.delete(types.pods, metadata.namespace, metadata.name);
    events(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${metadata.name}`, 'replicaset-controller');
  }
}

/** The least useful pod goes first: not placed, then not ready, then the youngest. */
function rank(pod: KubeObject): number {
  if (!pod.spec.nodeName) return 0;
  return isPodReady(pod) ? 2 : 1;
}

function age(pod: KubeObject): number {
  return Number(pod.metadata.resourceVersion);
}

/** @returns when the next ready pod becomes available, if one is waiting for minReadySeconds */
function writeStatus(parts: ControllerParts, set: KubeObject, failure: unknown): number | undefined {
  const pods = activePods(parts, set);
  const ready = pods.filter(isPodReady);
  const wait = (set.spec.minReadySeconds ?? 0) * 1000;
  const availableAt = ready.map((pod) => Date.parse(conditionOf(pod, 'Ready').lastTransitionTime) + wait);
  const pending = wait > 0 ? availableAt.filter((time) => time > Date.now()) : [];
  parts.objects.updateIfExists(types.replicaSets, set.metadata.namespace, set.metadata.name, (draft) => {
    draft.status = {
      ...draft.status,
      replicas: pods.length,
      fullyLabeledReplicas: pods.filter(({ metadata }) =>
        matchesSelector({ matchLabels: set.spec.template.metadata.labels }, metadata.labels),
      ).length,
      readyReplicas: ready.length,
      availableReplicas: ready.length - pending.length,
      observedGeneration: draft.metadata.generation,
    };
    const old = conditionOf(draft, 'ReplicaFailure');
    if (failure) {
      const message = (failure as Error).message;
      setCondition(draft, { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message });
    } else if (old) {
      draft.status.conditions = draft.status.conditions.filter(
        ({ type }: { type: string }) => type !== 'ReplicaFailure',
      );
    }
  });
  return pending.length > 0 ? Math.min(...pending) : undefined;
}
