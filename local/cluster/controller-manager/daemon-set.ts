/** DaemonSet: one pod on every node it fits. */

import { types } from '../apimachinery/builtin-types.ts';
import { controllerOf, isPodFinished, isPodReady, type KubeObject, type Open } from '../apimachinery/object.ts';
import { countOrShare } from '../apiserver/eviction.ts';
import { Controller, type Key, ownerKey } from '../client/controller.ts';
import type { ControllerParts } from '../client/controller-dependencies.ts';
import { matchesNode, untolerated } from '../scheduler/node-fit.ts';
import { podFrom, templateHash } from './pod-template.ts';

const hashLabel = 'controller-revision-hash';

export function startDaemonSetController(parts: ControllerParts): Controller {
  const { objects, log } = parts;
  const everySet = () =>
    objects.list(types.daemonSets).map(({ metadata }) => ({ namespace: metadata.namespace, name: metadata.name }));
  return new Controller({
    name: 'daemonset',
    objects,
    log,
    watches: [
      { type: types.daemonSets },
      { type: types.pods, keysOf: ownerKey('DaemonSet') },
      { type: types.nodes, keysOf: everySet },
    ],
    reconcile: (key) => reconcile(parts, key),
  });
}

function reconcile(parts: ControllerParts, { namespace, name }: Key): void {
  const { objects, events } = parts;
  const set = objects.find(types.daemonSets, namespace, name);
  if (!set || set.metadata.deletionTimestamp) return;
  const hash = templateHash(set.spec.template);
  const nodes = objects.list(types.nodes).filter((node) => fits(set, node));
  const podsOf = () => objects.list(types.pods, namespace).filter((pod) => controllerOf(pod)?.uid === set.metadata.uid);
  const names = new Set(nodes.map((node) => node.metadata.name));
  for (const pod of podsOf()) {
    // A failed daemon pod is replaced; one on a node it no longer fits goes.
    if (isPodFinished(pod) || !names.has(pod.spec.nodeName))
      objects.deleteIfExists(types.pods, namespace, pod.metadata.name);
  }
  for (const node of nodes) {
    if (podsOf().some((pod) => pod.spec.nodeName === node.metadata.name)) continue;
    const pod = podFrom(set, { generateName: `${name}-` }, { [hashLabel]: hash });
    pod.spec = {
      ...pod.spec,
      nodeName: node.metadata.name,
      tolerations: [...(pod.spec.tolerations ?? []), ...daemonTolerations],
    };
    const made = objects.create(types.pods, pod);
    events(set, 'Normal', 'SuccessfulCreate', `Created pod: ${made.metadata.name}`, 'daemonset-controller');
  }
  if (set.spec.updateStrategy.type === 'RollingUpdate') replaceOld(parts, set, podsOf(), hash, nodes.length);
  writeStatus(parts, set, podsOf(), hash, nodes.length);
}

/** What every daemon pod tolerates: it is on the node to help it get ready. */
const daemonTolerations = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];

function fits({ spec }: KubeObject, node: KubeObject): boolean {
  const pod = spec.template.spec;
  const network = pod.hostNetwork
    ? [{ key: 'node.kubernetes.io/network-unavailable', operator: 'Exists', effect: 'NoSchedule' }]
    : [];
  const tolerations = [...(pod.tolerations ?? []), ...daemonTolerations, ...network];
  return !node.metadata.deletionTimestamp && matchesNode(pod, node) && untolerated(tolerations, node).length === 0;
}

function replaceOld(
  { objects }: ControllerParts,
  { spec, metadata }: KubeObject,
  pods: readonly KubeObject[],
  hash: string,
  nodes: number,
): void {
  const limit = Math.max(1, countOrShare(spec.updateStrategy.rollingUpdate?.maxUnavailable ?? 1, nodes));
  const live = pods.filter((pod) => !pod.metadata.deletionTimestamp);
  let room = limit - (nodes - live.filter(isPodReady).length);
  for (const pod of live.filter((one) => one.metadata.labels?.[hashLabel] !== hash)) {
    // An old pod that is not ready costs nothing.
    if (isPodReady(pod) && room <= 0) continue;
    if (isPodReady(pod)) room -= 1;
    objects.deleteIfExists(types.pods, metadata.namespace, pod.metadata.name);
  }
}

function writeStatus(
  { objects }: ControllerParts,
  { metadata }: KubeObject,
  pods: readonly KubeObject[],
  hash: string,
  desired: number,
): void {
  const live = pods.filter((pod) => !pod.metadata.deletionTimestamp);
  const ready = live.filter(isPodReady).length;
  objects.updateIfExists(types.daemonSets, metadata.namespace, metadata.name, (draft) => {
    const status: Open = {
      currentNumberScheduled: live.length,
      desiredNumberScheduled: desired,
      numberMisscheduled: 0,
      numberReady: ready,
      numberAvailable: ready,
      numberUnavailable: desired - ready,
      updatedNumberScheduled: live.filter((pod) => pod.metadata.labels?.[hashLabel] === hash).length,
      observedGeneration: draft.metadata.generation,
    };
    draft.status = { ...draft.status, ...status };
  });
}
