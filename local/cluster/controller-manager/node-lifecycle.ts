/** Node lifecycle: detects nodes without heartbeats, taints them, and evicts or removes their pods. */
import type { TwinTime } from '#local/contracts/context.ts';
import { types } from '../apimachinery/builtin-types.ts';
import { conditionOf, isConditionTrue, withCondition } from '../apimachinery/conditions.ts';
import type { Node, Pod, Taint } from '../apimachinery/kinds.ts';
import { minHeartbeatMilliseconds, nodeLeaseNamespace } from '../apimachinery/node-lease.ts';
import { untoleratedTaints } from '../apimachinery/node-selection.ts';
import { equal } from '../apimachinery/object.ts';
import type { Client } from '../client/client.ts';
import { Controller, type ControllerDependencies, type Key, watch } from '../client/controller.ts';

/** --node-monitor-grace-period: a node without a heartbeat for this long is Unknown. */
const monitorGraceSeconds = 50;

export interface NodeLifecycleDependencies extends Omit<ControllerDependencies, 'events'> {
  readonly time: TwinTime;
}

export function startNodeLifecycle(dependencies: NodeLifecycleDependencies): Controller {
  const { client, log } = dependencies;
  return new Controller({
    name: 'node-lifecycle',
    client,
    log,
    watches: [
      watch(types.nodes),
      watch(types.leases, ({ metadata }) =>
        metadata.namespace === nodeLeaseNamespace ? [nodeKey(metadata.name)] : [],
      ),
      watch(types.pods, ({ spec: { nodeName } }) =>
        nodeName && !client.find(types.nodes, undefined, nodeName) ? [nodeKey(nodeName)] : [],
      ),
    ],
    reconcile: (key, controller) => reconcile(dependencies, key, controller),
  });
}

function nodeKey(name: string): Key {
  return { namespace: undefined, name };
}

function reconcile({ client, time }: NodeLifecycleDependencies, key: Key, controller: Controller): void {
  const { name } = key;
  const node = client.find(types.nodes, undefined, name);
  if (!node) {
    removePods(client, name);
    return;
  }
  const lease = client.find(types.leases, nodeLeaseNamespace, name);
  const silentMilliseconds = Date.now() - Date.parse(lease?.spec.renewTime ?? node.metadata.creationTimestamp);
  // Heartbeats are not scaled (see minHeartbeatMilliseconds): at a high scale two of them must fit.
  const graceMilliseconds = time.milliseconds(monitorGraceSeconds) + 2 * minHeartbeatMilliseconds;
  if (silentMilliseconds < graceMilliseconds) controller.enqueueAfter(key, graceMilliseconds - silentMilliseconds + 20);
  else if (conditionOf(node, 'Ready')?.status !== 'Unknown') markUnknown(client, name, time.now());
  const tainted = client.update(types.nodes, undefined, name, updateTaints);
  evictIntolerantPods(client, time, tainted, controller);
}

function markUnknown(client: Client, nodeName: string, now: number): void {
  client.update(types.nodes, undefined, nodeName, (draft) => {
    const message = 'Kubelet stopped posting node status.';
    const ready = { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message };
    draft.status = { ...draft.status, conditions: withCondition(draft.status?.conditions, ready, now) };
  });
  for (const pod of podsOn(client, nodeName).filter((one) => isConditionTrue(one, 'Ready'))) {
    client.update(types.pods, pod.metadata.namespace, pod.metadata.name, (draft) => {
      const ready = { type: 'Ready', status: 'False', reason: 'NodeNotReady', message: 'Node is not ready' };
      draft.status = { ...draft.status, conditions: withCondition(draft.status?.conditions, ready) };
    });
  }
}

function podsOn(client: Client, nodeName: string): Pod[] {
  return client.list(types.pods).filter(({ spec }) => spec.nodeName === nodeName);
}

const notReadyTaint = 'node.kubernetes.io/not-ready';
const unreachableTaint = 'node.kubernetes.io/unreachable';
const unschedulableTaint = 'node.kubernetes.io/unschedulable';
const managedTaints = [notReadyTaint, unreachableTaint, unschedulableTaint];

/** Makes the node's taints follow its Ready condition and whether it is cordoned. */
function updateTaints(draft: Node): void {
  const { spec } = draft;
  const taints = [...(spec.taints ?? []).filter(({ key }) => !managedTaints.includes(key)), ...taintsOf(draft)];
  if (equal(taints, spec.taints ?? [])) return;
  if (taints.length > 0) spec.taints = taints;
  else delete spec.taints;
}

function taintsOf(node: Node): Taint[] {
  const ready = conditionOf(node, 'Ready')?.status;
  const taints: Taint[] = node.spec.unschedulable ? [{ key: unschedulableTaint, effect: 'NoSchedule' }] : [];
  if (ready === 'True') return taints;
  if (ready !== 'Unknown') return [...taints, { key: notReadyTaint, effect: 'NoSchedule' }];
  // Only a node that was ready once has pods to evict.
  return [...taints, { key: unreachableTaint, effect: 'NoSchedule' }, { key: unreachableTaint, effect: 'NoExecute' }];
}

/** Deletes the pods that do not, or no longer, tolerate the node's NoExecute taints. */
function evictIntolerantPods(client: Client, time: TwinTime, node: Node, controller: Controller): void {
  const taintKeys = (node.spec.taints ?? []).filter(({ effect }) => effect === 'NoExecute').map(({ key }) => key);
  if (taintKeys.length === 0) return;
  const { name, creationTimestamp } = node.metadata;
  const taintedAt = Date.parse(conditionOf(node, 'Ready')?.lastTransitionTime ?? creationTimestamp);
  for (const pod of podsOn(client, name).filter(({ metadata }) => !metadata.deletionTimestamp)) {
    const tolerationSeconds = toleratedSeconds(pod, node, taintKeys);
    if (tolerationSeconds === Number.POSITIVE_INFINITY) continue;
    const remaining = taintedAt + time.milliseconds(tolerationSeconds) - time.now();
    if (remaining <= 0) client.deleteIfExists(types.pods, pod.metadata.namespace, pod.metadata.name);
    else controller.enqueueAfter(nodeKey(name), remaining + 10);
  }
}

/** How long a pod tolerates the taints; infinite when no toleration ends. */
function toleratedSeconds({ spec }: Pod, node: Node, taintKeys: readonly string[]): number {
  if (untoleratedTaints(spec.tolerations, node, 'NoExecute').length > 0) return 0;
  const limits = (spec.tolerations ?? [])
    .filter(({ key }) => key !== undefined && taintKeys.includes(key))
    .flatMap(({ tolerationSeconds }) => tolerationSeconds ?? []);
  return Math.min(...limits);
}

/** A pod whose node is gone has no kubelet that would confirm its end. */
function removePods(client: Client, nodeName: string): void {
  for (const { metadata } of podsOn(client, nodeName)) {
    client.deleteIfExists(types.pods, metadata.namespace, metadata.name, { gracePeriodSeconds: 0 });
  }
}
