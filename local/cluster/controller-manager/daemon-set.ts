/** DaemonSet: one pod on every node that it fits. */
import type { TwinTime } from '#local/contracts/context.ts';
import { types } from '../apimachinery/builtin-types.ts';
import { countOf } from '../apimachinery/int-or-percent.ts';
import type { DaemonSet, Node, Pod, Toleration } from '../apimachinery/kinds.ts';
import { matchesNode, untoleratedTaints } from '../apimachinery/node-selection.ts';
import { isPodFinished, isPodReady, readySince } from '../apimachinery/pods.ts';
import type { Client } from '../client/client.ts';
import { Controller, type ControllerDependencies, type Key, keyOf, ownerKey, watch } from '../client/controller.ts';
import { ownedPods } from './owned-pods.ts';
import { podFromTemplate, templateHash } from './pod-template.ts';

const hashLabel = 'controller-revision-hash';

/** `time`: what a pod has to be ready for, until it counts as available, passes as fast as other simulated time. */
export function startDaemonSetController(
  dependencies: ControllerDependencies & { readonly time: TwinTime },
): Controller {
  const { client, log } = dependencies;
  const controller = new Controller({
    name: 'daemonset',
    client,
    log,
    watches: [
      watch(types.daemonSets),
      watch(types.pods, ownerKey('DaemonSet')),
      watch(types.nodes, () => client.list(types.daemonSets).map(keyOf)),
    ],
    reconcile: (key) => {
      const nextAvailableAt = reconcile(dependencies, key);
      if (nextAvailableAt !== undefined) controller.enqueueAfter(key, nextAvailableAt - Date.now());
    },
  });
  return controller;
}

/** @returns when the next ready pod becomes available, in milliseconds since 1970, if one waits for minReadySeconds */
function reconcile(
  dependencies: ControllerDependencies & { readonly time: TwinTime },
  { namespace, name }: Key,
): number | undefined {
  const { client } = dependencies;
  const set = client.find(types.daemonSets, namespace, name);
  if (!set || set.metadata.deletionTimestamp) return undefined;
  const hash = templateHash(set.spec.template);
  const nodeNames = client
    .list(types.nodes)
    .filter((node) => fits(set, node))
    .map(({ metadata }) => metadata.name);
  removeMisplaced(client, set, nodeNames);
  createMissing(dependencies, set, nodeNames, hash);
  if (set.spec.updateStrategy.type === 'RollingUpdate') replaceOutdated(client, set, hash, nodeNames.length);
  return writeStatus(dependencies, set, hash, nodeNames.length);
}

/** What every daemon pod tolerates, because it helps its node to get ready. */
const daemonTolerations: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
const hostNetworkToleration: Toleration = {
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
  effect: 'NoSchedule',
};

function fits({ spec }: DaemonSet, node: Node): boolean {
  const podSpec = spec.template.spec;
  const tolerations = [
    ...(podSpec.tolerations ?? []),
    ...daemonTolerations,
    ...(podSpec.hostNetwork ? [hostNetworkToleration] : []),
  ];
  const isTolerated = untoleratedTaints(tolerations, node).length === 0;
  return !node.metadata.deletionTimestamp && matchesNode(podSpec, node) && isTolerated;
}

/** Deletes pods that have failed, which are then replaced, and those on nodes that they no longer fit. */
function removeMisplaced(client: Client, set: DaemonSet, nodeNames: readonly string[]): void {
  for (const pod of ownedPods(client, set)) {
    if (!isPodFinished(pod) && nodeNames.includes(pod.spec.nodeName ?? '')) continue;
    client.deleteIfExists(types.pods, pod.metadata.namespace, pod.metadata.name);
  }
}

function createMissing(
  { client, events }: ControllerDependencies,
  set: DaemonSet,
  nodeNames: readonly string[],
  hash: string,
): void {
  const served = new Set(ownedPods(client, set).map(({ spec }) => spec.nodeName));
  for (const nodeName of nodeNames.filter((name) => !served.has(name))) {
    const template = podFromTemplate(set, { generateName: `${set.metadata.name}-` }, { [hashLabel]: hash }, (spec) => ({
      ...spec,
      nodeName,
      tolerations: [...(spec.tolerations ?? []), ...daemonTolerations],
    }));
    const pod = client.create(types.pods, template);
    events(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
  }
}

function replaceOutdated(client: Client, set: DaemonSet, hash: string, nodeCount: number): void {
  const maxUnavailable = countOf(set.spec.updateStrategy.rollingUpdate?.maxUnavailable ?? 1, nodeCount);
  const live = livePods(client, set);
  const unavailable = nodeCount - live.filter(isPodReady).length;
  let replaceable = Math.max(1, maxUnavailable) - unavailable;
  for (const pod of live.filter((one) => !isUpdated(one, hash))) {
    // An outdated pod that is not ready is replaced at once: nothing is lost.
    if (isPodReady(pod)) {
      if (replaceable <= 0) continue;
      replaceable -= 1;
    }
    client.deleteIfExists(types.pods, pod.metadata.namespace, pod.metadata.name);
  }
}

function livePods(client: Client, set: DaemonSet): Pod[] {
  return ownedPods(client, set).filter(({ metadata }) => !metadata.deletionTimestamp);
}

function isUpdated({ metadata }: Pod, hash: string): boolean {
  return metadata.labels?.[hashLabel] === hash;
}

function writeStatus(
  { client, time }: { readonly client: Client; readonly time: TwinTime },
  set: DaemonSet,
  hash: string,
  desired: number,
): number | undefined {
  const live = livePods(client, set);
  const ready = live.filter(isPodReady);
  const { minReadySeconds = 0 } = set.spec;
  const availableAt = ready.map((pod) => readySince(pod) + time.milliseconds(minReadySeconds));
  const pending = minReadySeconds > 0 ? availableAt.filter((at) => at > Date.now()) : [];
  const available = ready.length - pending.length;
  client.updateIfExists(types.daemonSets, set.metadata.namespace, set.metadata.name, (draft) => {
    const { generation } = draft.metadata;
    draft.status = {
      ...draft.status,
      currentNumberScheduled: live.length,
      desiredNumberScheduled: desired,
      numberMisscheduled: 0,
      numberReady: ready.length,
      numberAvailable: available,
      numberUnavailable: desired - available,
      updatedNumberScheduled: live.filter((pod) => isUpdated(pod, hash)).length,
      ...(generation !== undefined && { observedGeneration: generation }),
    };
  });
  return pending.length > 0 ? Math.min(...pending) : undefined;
}
