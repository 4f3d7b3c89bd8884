/** Node lifecycle: taints that follow the Ready condition and cordoning, nodes that fell silent, pods of nodes that are gone. */
import { types } from '../apimachinery/builtin-types.ts';
import { conditionOf, equal, type KubeObject, type Open, setCondition } from '../apimachinery/object.ts';
import { Controller, type Key } from '../client/controller.ts';
import type { ControllerParts } from '../client/controller-dependencies.ts';
import { untolerated } from '../scheduler/node-fit.ts';

/** Without a heartbeat for this long a node is Unknown (node-monitor-grace-period). */
const silenceSeconds = 50;

export function startNodeLifecycle(parts: ControllerParts): Controller {
  const { objects, log } = parts;
  const clusterKey = (name: string): Key => ({ namespace: undefined, name });
  const isOrphan = ({ spec }: KubeObject) => spec.nodeName && !objects.find(types.nodes, undefined, spec.nodeName);
  return new Controller({
    name: 'node-lifecycle',
    objects,
    log,
    watches: [
      { type: types.nodes },
      {
        type: types.leases,
        keysOf: ({ metadata }) => (metadata.namespace === 'kube-node-lease' ? [clusterKey(metadata.name)] : []),
      },
      { type: types.pods, keysOf: (pod) => (isOrphan(pod) ? [clusterKey(pod.spec.nodeName)] : []) },
    ],
    reconcile: (key, controller) => reconcile(parts, key, controller),
  });
}

function reconcile(parts: ControllerParts, key: Key, controller: Controller): void {
  const { objects, context } = parts;
  const node = objects.find(types.nodes, undefined, key.name);
  if (!node) {
    removePods(parts, key.name);
    return;
  }
  const lease = objects.find(types.leases, 'kube-node-lease', key.name);
  const lastSeen = Date.parse(lease?.spec.renewTime ?? node.metadata.creationTimestamp);
  const silentFor = Date.now() - lastSeen;
  const patience = context.time.milliseconds(silenceSeconds) + 2 * heartbeatMilliseconds;
  if (silentFor < patience) controller.enqueueAfter(key, patience - silentFor + 20);
  else if (conditionOf(node, 'Ready')?.status !== 'Unknown') markUnknown(parts, node);
  const current = objects.get(types.nodes, undefined, key.name);
  objects.update(types.nodes, undefined, key.name, (draft) => {
    const taints = wantedTaints(current);
    if (equal(taints, draft.spec.taints ?? [])) return;
    if (taints.length > 0) draft.spec.taints = taints;
    else delete draft.spec.taints;
  });
  evictIntolerant(parts, objects.get(types.nodes, undefined, key.name), controller);
}

/** Real time: kubelets of the twin renew their lease this often. */
export const heartbeatMilliseconds = 1000;

function markUnknown({ objects }: ControllerParts, { metadata }: KubeObject): void {
  const message = 'Kubelet stopped posting node status.';
  objects.update(types.nodes, undefined, metadata.name, (draft) => {
    setCondition(draft, { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message });
  });
  for (const pod of objects.list(types.pods)) {
    if (pod.spec.nodeName !== metadata.name || conditionOf(pod, 'Ready')?.status !== 'True') continue;
    objects.update(types.pods, pod.metadata.namespace, pod.metadata.name, (draft) => {
      setCondition(draft, { type: 'Ready', status: 'False', reason: 'NodeNotReady', message: 'Node is not ready' });
    });
  }
}

const prefix = 'node.kubernetes.io/';

function wantedTaints(node: KubeObject): Open[] {
  const ready = conditionOf(node, 'Ready')?.status;
  const managed = ['not-ready', 'unreachable', 'unschedulable'].map((name) => prefix + name);
  const taints: Open[] = (node.spec.taints ?? []).filter((taint: Open) => !managed.includes(taint.key));
  if (node.spec.unschedulable) taints.push({ key: `${prefix}unschedulable`, effect: 'NoSchedule' });
  const problem = ready === 'True' ? undefined : ready === 'Unknown' ? 'unreachable' : 'not-ready';
  if (problem === undefined) return taints;
  taints.push({ key: prefix + problem, effect: 'NoSchedule' });
  // A node that has never been ready has nothing to evict.
  if (conditionOf(node, 'Ready') && ready === 'Unknown') taints.push({ key: prefix + problem, effect: 'NoExecute' });
  return taints;
}

/** NoExecute taints: pods leave when their toleration ends. */
function evictIntolerant({ objects, context }: ControllerParts, node: KubeObject, controller: Controller): void {
  const executing: Open[] = (node.spec.taints ?? []).filter((taint: Open) => taint.effect === 'NoExecute');
  if (executing.length === 0) return;
  const since = Date.parse(conditionOf(node, 'Ready')?.lastTransitionTime ?? node.metadata.creationTimestamp);
  for (const pod of objects.list(types.pods)) {
    if (pod.spec.nodeName !== node.metadata.name || pod.metadata.deletionTimestamp) continue;
    const limits = (pod.spec.tolerations ?? [])
      .filter((toleration: Open) => toleration.tolerationSeconds !== undefined)
      .filter((toleration: Open) => executing.some((taint) => taint.key === toleration.key))
      .map((toleration: Open) => toleration.tolerationSeconds as number);
    const tolerated = untolerated(pod.spec.tolerations, node, 'NoExecute').length === 0;
    const endsAt = tolerated ? since + context.time.milliseconds(Math.min(...limits)) : since;
    if (tolerated && limits.length === 0) continue;
    if (endsAt <= Date.now()) objects.deleteIfExists(types.pods, pod.metadata.namespace, pod.metadata.name);
    else controller.enqueueAfter({ namespace: undefined, name: node.metadata.name }, endsAt - Date.now() + 10);
  }
}

/** Nobody is left to confirm the end of a pod whose node has gone. */
function removePods({ objects }: ControllerParts, nodeName: string): void {
  for (const { spec, metadata } of objects.list(types.pods)) {
    if (spec.nodeName !== nodeName) continue;
    objects.deleteIfExists(types.pods, metadata.namespace, metadata.name, { gracePeriodSeconds: 0 });
  }
}
