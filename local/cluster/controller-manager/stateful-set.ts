/** StatefulSet: named pods in order, the highest number updated first. */
import { types } from '../apimachinery/builtin-types.ts';
import { controllerOf, copy, isPodFinished, isPodReady, type KubeObject, type Open } from '../apimachinery/object.ts';
import { Controller, type Key, ownerKey } from '../client/controller.ts';
import type { ControllerParts } from '../client/controller-dependencies.ts';
import { podFrom, templateHash } from './pod-template.ts';

const hashLabel = 'controller-revision-hash';

export function startStatefulSetController(parts: ControllerParts): Controller {
  return new Controller({
    name: 'statefulset',
    objects: parts.objects,
    log: parts.log,
    watches: [{ type: types.statefulSets }, { type: types.pods, keysOf: ownerKey('StatefulSet') }],
    reconcile: (key) => reconcile(parts, key),
  });
}

function reconcile(parts: ControllerParts, { namespace, name }: Key): void {
  const { objects } = parts;
  const set = objects.find(types.statefulSets, namespace, name);
  if (!set || set.metadata.deletionTimestamp) return;
  const hash = `${name}-${templateHash(set.spec.template)}`;
  step(parts, set, hash);
  writeStatus(parts, set, hash);
}

function podsOf({ objects }: ControllerParts, set: KubeObject): Map<number, KubeObject> {
  const pods = objects
    .list(types.pods, set.metadata.namespace)
    .filter((pod) => controllerOf(pod)?.uid === set.metadata.uid);
  return new Map(pods.map((pod) => [Number(pod.metadata.name.split('-').at(-1)), pod]));
}

/** One move at a time unless pods are managed in parallel. */
function step(parts: ControllerParts, set: KubeObject, hash: string): void {
  const { objects } = parts;
  const { namespace, name } = set.metadata;
  const pods = podsOf(parts, set);
  const inOrder = set.spec.podManagementPolicy === 'OrderedReady';
  for (let ordinal = 0; ordinal < set.spec.replicas; ordinal += 1) {
    const pod = pods.get(ordinal);
    if (pod && isPodFinished(pod)) objects.deleteIfExists(types.pods, namespace, pod.metadata.name);
    else if (!pod) createPod(parts, set, ordinal, hash);
    if (inOrder && !(pod && isPodReady(pod) && !pod.metadata.deletionTimestamp)) return;
  }
  const surplus = [...pods.keys()].filter((ordinal) => ordinal >= set.spec.replicas).sort((a, b) => b - a);
  if (surplus.length > 0) {
    for (const ordinal of inOrder ? surplus.slice(0, 1) : surplus) {
      objects.deleteIfExists(types.pods, namespace, `${name}-${ordinal}`);
    }
    return;
  }
  if (set.spec.updateStrategy.type !== 'RollingUpdate') return;
  const partition = set.spec.updateStrategy.rollingUpdate?.partition ?? 0;
  const outdated = [...pods].filter(
    ([ordinal, { metadata }]) => ordinal >= partition && metadata.labels?.[hashLabel] !== hash,
  );
  const highest = outdated.sort(([a], [b]) => b - a)[0];
  if (highest) objects.deleteIfExists(types.pods, namespace, highest[1].metadata.name);
}

function createPod({ objects }: ControllerParts, set: KubeObject, ordinal: number, hash: string): void {
  const { namespace, name } = set.metadata;
  const podName = `${name}-${ordinal}`;
  const labels = {
    [hashLabel]: hash,
    'statefulset.kubernetes.io/pod-name': podName,
    'apps.kubernetes.io/pod-index': String(ordinal),
  };
  const pod = podFrom(set, { name: podName }, labels);
  const claims: Open[] = set.spec.volumeClaimTemplates ?? [];
  pod.spec = {
    ...pod.spec,
    hostname: podName,
    subdomain: set.spec.serviceName,
    volumes: [
      ...(pod.spec.volumes ?? []),
      ...claims.map(({ metadata }) => ({
        name: metadata.name,
        persistentVolumeClaim: { claimName: `${metadata.name}-${podName}` },
      })),
    ],
  };
  for (const claim of claims) {
    const claimName = `${claim.metadata.name}-${podName}`;
    if (objects.find(types.persistentVolumeClaims, namespace, claimName)) continue;
    objects.create(types.persistentVolumeClaims, {
      ...copy(claim),
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { ...claim.metadata, name: claimName, namespace },
    });
  }
  objects.create(types.pods, pod);
}

function writeStatus(parts: ControllerParts, set: KubeObject, hash: string): void {
  const pods = [...podsOf(parts, set).values()].filter((pod) => !pod.metadata.deletionTimestamp);
  const ready = pods.filter(isPodReady).length;
  const updated = pods.filter((pod) => pod.metadata.labels?.[hashLabel] === hash).length;
  parts.objects.updateIfExists(types.statefulSets, set.metadata.namespace, set.metadata.name, (draft) => {
    const done = updated === draft.spec.replicas && ready === draft.spec.replicas;
    const currentRevision = done ? hash : (draft.status?.currentRevision ?? hash);
    draft.status = {
      ...draft.status,
      observedGeneration: draft.metadata.generation,
      replicas: pods.length,
      readyReplicas: ready,
      availableReplicas: ready,
      updatedReplicas: updated,
      currentReplicas: currentRevision === hash ? updated : pods.length - updated,
      currentRevision,
      updateRevision: hash,
    };
  });
}
