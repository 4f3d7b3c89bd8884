/** Deployment: one ReplicaSet per template, moved from old to new within maxSurge and maxUnavailable. */
import { types } from '../apimachinery/builtin-types.ts';
import { controllerOf, controllerReference, copy, isPodFinished, type KubeObject } from '../apimachinery/object.ts';
import { Controller, type Key, ownerKey } from '../client/controller.ts';
import type { ControllerParts } from '../client/controller-dependencies.ts';
import { writeDeploymentStatus } from './deployment-status.ts';
import { templateHash } from './pod-template.ts';
import { recreate, rollOut } from './rollout.ts';

const revisionAnnotation = 'deployment.kubernetes.io/revision';
const hashLabel = 'pod-template-hash';

export function startDeploymentController(parts: ControllerParts): Controller {
  const { objects, log } = parts;
  return new Controller({
    name: 'deployment',
    objects,
    log,
    watches: [
      { type: types.deployments },
      { type: types.replicaSets, keysOf: ownerKey('Deployment') },
      // Recreate waits until the old pods have gone.
      { type: types.pods, keysOf: (pod) => deploymentOfPod(parts, pod) },
    ],
    reconcile: (key, controller) => reconcile(parts, key, controller),
  });
}

function deploymentOfPod({ objects }: ControllerParts, pod: KubeObject): readonly Key[] {
  const owner = controllerOf(pod);
  const set = owner?.kind === 'ReplicaSet' && objects.find(types.replicaSets, pod.metadata.namespace, owner.name);
  return set ? ownerKey('Deployment')(set) : [];
}

function reconcile(parts: ControllerParts, key: Key, controller: Controller): void {
  const { objects } = parts;
  const deployment = objects.find(types.deployments, key.namespace, key.name);
  if (!deployment || deployment.metadata.deletionTimestamp) return;
  const hash = templateHash(deployment.spec.template);
  const wanted = `${key.name}-${hash}`;
  const read = () => ownedSets(parts, deployment);
  if (!deployment.spec.paused) {
    ensureNewSet(parts, deployment, wanted, hash);
    if (deployment.spec.strategy.type === 'Recreate')
      recreate(parts, deployment, read(), wanted, hasOldPods(parts, read(), wanted));
    else rollOut(parts, deployment, read(), wanted);
    removeOldRevisions(parts, deployment, read(), wanted);
  }
  writeDeploymentStatus(parts, deployment, read(), wanted, controller);
}

function ownedSets({ objects }: ControllerParts, deployment: KubeObject): KubeObject[] {
  return objects
    .list(types.replicaSets, deployment.metadata.namespace)
    .filter((set) => controllerOf(set)?.uid === deployment.metadata.uid);
}

function revisionOf(object: KubeObject): number {
  return Number(object.metadata.annotations?.[revisionAnnotation] ?? 0);
}

function ensureNewSet(parts: ControllerParts, deployment: KubeObject, name: string, hash: string): void {
  const { objects } = parts;
  const { namespace } = deployment.metadata;
  const sets = ownedSets(parts, deployment);
  const existing = sets.find((set) => set.metadata.name === name);
  const highest = Math.max(0, ...sets.filter((set) => set !== existing).map(revisionOf));
  // A template that comes back (rollout undo) is the newest revision again.
  const revision = String(existing && revisionOf(existing) > highest ? revisionOf(existing) : highest + 1);
  const annotations = { ...inherited(deployment), [revisionAnnotation]: revision };
  if (existing) {
    objects.update(types.replicaSets, namespace, name, (draft) => {
      draft.metadata.annotations = { ...draft.metadata.annotations, ...annotations };
      if (deployment.spec.minReadySeconds !== undefined) draft.spec.minReadySeconds = deployment.spec.minReadySeconds;
    });
  } else {
    const template = copy(deployment.spec.template);
    template.metadata.labels = { ...template.metadata.labels, [hashLabel]: hash };
    const selector = copy(deployment.spec.selector);
    selector.matchLabels = { ...selector.matchLabels, [hashLabel]: hash };
    objects.create(types.replicaSets, {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name,
        namespace: namespace!,
        labels: template.metadata.labels,
        annotations,
        ownerReferences: [controllerReference(deployment)],
      },
      spec: {
        replicas: 0,
        ...(deployment.spec.minReadySeconds && { minReadySeconds: deployment.spec.minReadySeconds }),
        selector,
        template,
      },
    });
  }
  if (deployment.metadata.annotations?.[revisionAnnotation] === revision) return;
  objects.update(types.deployments, namespace, deployment.metadata.name, (draft) => {
    draft.metadata.annotations = { ...draft.metadata.annotations, [revisionAnnotation]: revision };
  });
}

function inherited({ metadata }: KubeObject): Record<string, string> {
  const { [revisionAnnotation]: _revision, ...rest } = metadata.annotations ?? {};
  delete rest['kubectl.kubernetes.io/last-applied-configuration'];
  return rest;
}

function hasOldPods({ objects }: ControllerParts, sets: readonly KubeObject[], wanted: string): boolean {
  const old = new Set(sets.filter(({ metadata }) => metadata.name !== wanted).map(({ metadata }) => metadata.uid));
  const { namespace } = sets[0]!.metadata;
  return objects
    .list(types.pods, namespace)
    .some((pod) => old.has(controllerOf(pod)?.uid ?? '') && !isPodFinished(pod));
}

function removeOldRevisions(
  { objects }: ControllerParts,
  deployment: KubeObject,
  sets: readonly KubeObject[],
  wanted: string,
): void {
  const idle = sets
    .filter(({ metadata, spec, status }) => metadata.name !== wanted && spec.replicas === 0 && !status?.replicas)
    .sort((a, b) => revisionOf(b) - revisionOf(a));
  for (const { metadata } of idle.slice(deployment.spec.revisionHistoryLimit)) {
    objects.deleteIfExists(types.replicaSets, metadata.namespace, metadata.name);
  }
}

/** Sets a ReplicaSet's size; says so in an event. */
export function resize(
  { objects, events }: ControllerParts,
  deployment: KubeObject,
  set: KubeObject,
  replicas: number,
): void {
  if (set.spec.replicas === replicas) return;
  const direction = replicas > set.spec.replicas ? 'up' : 'down';
  objects.update(types.replicaSets, set.metadata.namespace, set.metadata.name, (draft) => {
    draft.spec.replicas = replicas;
  });
  const message = `Scaled ${direction} replica set ${set.metadata.name} from ${set.spec.replicas} to ${replicas}`;
  events(deployment, 'Normal', 'ScalingReplicaSet', message, 'deployment-controller');
}
