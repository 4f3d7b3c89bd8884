/** StatefulSet: named pods in order; an update begins with the highest ordinal. */
import { types } from '../apimachinery/builtin-types.ts';
import type { Pod, StatefulSet } from '../apimachinery/kinds.ts';
import { copy } from '../apimachinery/object.ts';
import { isPodFinished, isPodReady } from '../apimachinery/pods.ts';
import type { Client } from '../client/client.ts';
import { Controller, type ControllerDependencies, type Key, ownerKey, watch } from '../client/controller.ts';
import { ownedPods } from './owned-pods.ts';
import { podFromTemplate, templateHash } from './pod-template.ts';

const hashLabel = 'controller-revision-hash';

export function startStatefulSetController({ client, log }: Omit<ControllerDependencies, 'events'>): Controller {
  return new Controller({
    name: 'statefulset',
    client,
    log,
    watches: [watch(types.statefulSets), watch(types.pods, ownerKey('StatefulSet'))],
    reconcile: (key) => reconcile(client, key),
  });
}

function reconcile(client: Client, { namespace, name }: Key): void {
  const set = client.find(types.statefulSets, namespace, name);
  if (!set || set.metadata.deletionTimestamp) return;
  const revision = `${name}-${templateHash(set.spec.template)}`;
  takeStep(client, set, revision);
  writeStatus(client, set, revision);
}

function podsByOrdinal(client: Client, set: StatefulSet): ReadonlyMap<number, Pod> {
  return new Map(ownedPods(client, set).map((pod) => [Number(pod.metadata.name.split('-').at(-1)), pod]));
}

/** Creates, deletes or updates; with OrderedReady, one pod at a time. */
function takeStep(client: Client, set: StatefulSet, revision: string): void {
  const { namespace, name } = set.metadata;
  const { replicas, podManagementPolicy } = set.spec;
  const pods = podsByOrdinal(client, set);
  const isOrdered = podManagementPolicy === 'OrderedReady';
  for (let ordinal = 0; ordinal < replicas; ordinal += 1) {
    const pod = pods.get(ordinal);
    if (!pod) createPod(client, set, ordinal, revision);
    else if (isPodFinished(pod)) client.deleteIfExists(types.pods, namespace, pod.metadata.name);
    const isInPlace = pod && isPodReady(pod) && !pod.metadata.deletionTimestamp;
    if (isOrdered && !isInPlace) return;
  }
  const surplus = [...pods.keys()].filter((ordinal) => ordinal >= replicas).sort((a, b) => b - a);
  for (const ordinal of isOrdered ? surplus.slice(0, 1) : surplus) {
    client.deleteIfExists(types.pods, namespace, `${name}-${ordinal}`);
  }
  if (surplus.length === 0) updateNext(client, set, pods, revision);
}

/** Deletes the outdated pod with the highest ordinal; the next step creates it from the new template. */
function updateNext(client: Client, { spec }: StatefulSet, pods: ReadonlyMap<number, Pod>, revision: string): void {
  const { type, rollingUpdate } = spec.updateStrategy;
  if (type !== 'RollingUpdate') return;
  const partition = rollingUpdate?.partition ?? 0;
  const [next] = [...pods]
    .filter(([ordinal, pod]) => ordinal >= partition && !isUpdated(pod, revision))
    .sort(([a], [b]) => b - a);
  if (next) client.deleteIfExists(types.pods, next[1].metadata.namespace, next[1].metadata.name);
}

function isUpdated({ metadata }: Pod, revision: string): boolean {
  return metadata.labels?.[hashLabel] === revision;
}

function createPod(client: Client, set: StatefulSet, ordinal: number, revision: string): void {
  const { namespace, name } = set.metadata;
  const podName = `${name}-${ordinal}`;
  const labels = {
    [hashLabel]: revision,
    'statefulset.kubernetes.io/pod-name': podName,
    'apps.kubernetes.io/pod-index': String(ordinal),
  };
  const claims = (set.spec.volumeClaimTemplates ?? []).map((claim) => {
    const template = claim.metadata?.name ?? '';
    return { claim, template, claimName: `${template}-${podName}` };
  });
  for (const { claim, claimName } of claims) {
    if (client.find(types.persistentVolumeClaims, namespace, claimName)) continue;
    const { labels: claimLabels, annotations } = claim.metadata ?? {};
    client.create(types.persistentVolumeClaims, {
      metadata: {
        name: claimName,
        ...(namespace && { namespace }),
        ...(claimLabels && { labels: claimLabels }),
        ...(annotations && { annotations }),
      },
      ...(claim.spec && { spec: copy(claim.spec) }),
    });
  }
  const pod = podFromTemplate(set, { name: podName }, labels, (spec) => ({
    ...spec,
    hostname: podName,
    ...(set.spec.serviceName && { subdomain: set.spec.serviceName }),
    volumes: [
      ...(spec.volumes ?? []),
      ...claims.map(({ template, claimName }) => ({ name: template, persistentVolumeClaim: { claimName } })),
    ],
  }));
  client.create(types.pods, pod);
}

function writeStatus(client: Client, set: StatefulSet, revision: string): void {
  const pods = [...podsByOrdinal(client, set).values()].filter(({ metadata }) => !metadata.deletionTimestamp);
  const ready = pods.filter(isPodReady).length;
  const updated = pods.filter((pod) => isUpdated(pod, revision)).length;
  client.updateIfExists(types.statefulSets, set.metadata.namespace, set.metadata.name, (draft) => {
    const { generation } = draft.metadata;
    const isComplete = updated === draft.spec.replicas && ready === draft.spec.replicas;
    const currentRevision = isComplete ? revision : (draft.status?.currentRevision ?? revision);
    draft.status = {
      ...draft.status,
      ...(generation !== undefined && { observedGeneration: generation }),
      replicas: pods.length,
      readyReplicas: ready,
      availableReplicas: ready,
      updatedReplicas: updated,
      currentReplicas: currentRevision === revision ? updated : pods.length - updated,
      currentRevision,
      updateRevision: revision,
    };
  });
}
