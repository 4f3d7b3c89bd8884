/** Deployment: one ReplicaSet per template, and a rollout from the old ones to the new one. */
import { types } from '../apimachinery/builtin-types.ts';
import type { Deployment, Pod, ReplicaSet } from '../apimachinery/kinds.ts';
import { controllerOf } from '../apimachinery/object.ts';
import { isPodFinished } from '../apimachinery/pods.ts';
import type { Client } from '../client/client.ts';
import { Controller, type ControllerDependencies, type Key, ownerKey, watch } from '../client/controller.ts';
import { ensureNewReplicaSet, revisionOf } from './deployment-revision.ts';
import { writeDeploymentStatus } from './deployment-status.ts';
import { templateHash } from './pod-template.ts';
import { recreate, rollingUpdate } from './rollout.ts';

export function startDeploymentController(dependencies: ControllerDependencies): Controller {
  const { client, log } = dependencies;
  return new Controller({
    name: 'deployment',
    client,
    log,
    watches: [
      watch(types.deployments),
      watch(types.replicaSets, ownerKey('Deployment')),
      // Recreate waits for the end of the old pods.
      watch(types.pods, (pod) => deploymentKeys(client, pod)),
    ],
    reconcile: (key, controller) => reconcile(dependencies, key, controller),
  });
}

function deploymentKeys(client: Client, pod: Pod): readonly Key[] {
  const owner = controllerOf(pod);
  if (owner?.kind !== 'ReplicaSet') return [];
  const set = client.find(types.replicaSets, pod.metadata.namespace, owner.name);
  return set ? ownerKey('Deployment')(set) : [];
}

function reconcile(dependencies: ControllerDependencies, { namespace, name }: Key, controller: Controller): void {
  const { client } = dependencies;
  const deployment = client.find(types.deployments, namespace, name);
  if (!deployment || deployment.metadata.deletionTimestamp) return;
  const { paused, template } = deployment.spec;
  const newSetName = `${name}-${templateHash(template)}`;
  const sets = (): readonly ReplicaSet[] => ownedSets(client, deployment);
  if (!paused) {
    ensureNewReplicaSet(client, deployment, sets(), newSetName);
    rollOut(dependencies, deployment, sets(), newSetName);
    removeOldRevisions(client, deployment, sets(), newSetName);
  }
  const written = writeDeploymentStatus(client, deployment, sets(), newSetName);
  if (written?.deadline !== undefined) controller.enqueueAfter({ namespace, name }, written.deadline - Date.now());
}

function ownedSets(client: Client, { metadata }: Deployment): readonly ReplicaSet[] {
  return client.list(types.replicaSets, metadata.namespace).filter((set) => controllerOf(set)?.uid === metadata.uid);
}

function rollOut(
  dependencies: ControllerDependencies,
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  newSetName: string,
): void {
  if (deployment.spec.strategy.type === 'Recreate') {
    const hasOldPods = hasUnfinishedPods(dependencies.client, deployment, sets, newSetName);
    recreate(dependencies, deployment, sets, newSetName, hasOldPods);
  } else {
    rollingUpdate(dependencies, deployment, sets, newSetName);
  }
}

function hasUnfinishedPods(
  client: Client,
  { metadata: { namespace } }: Deployment,
  sets: readonly ReplicaSet[],
  newSetName: string,
): boolean {
  const oldSets = sets.filter(({ metadata }) => metadata.name !== newSetName);
  const uids = new Set(oldSets.map(({ metadata }) => metadata.uid));
  return client
    .list(types.pods, namespace)
    .some((pod) => uids.has(controllerOf(pod)?.uid ?? '') && !isPodFinished(pod));
}

function removeOldRevisions(
  client: Client,
  { spec }: Deployment,
  sets: readonly ReplicaSet[],
  newSetName: string,
): void {
  const idle = sets
    .filter((set) => set.metadata.name !== newSetName && set.spec.replicas === 0 && !set.status?.replicas)
    .toSorted((a, b) => revisionOf(b) - revisionOf(a));
  for (const { metadata } of idle.slice(spec.revisionHistoryLimit)) {
    client.deleteIfExists(types.replicaSets, metadata.namespace, metadata.name);
  }
}
