/** Starts the scheduler: places pending pods on nodes, the highest priority first. Entry of the component. */
import { types } from '../apimachinery/builtin-types.ts';
import { conditionOf, withCondition } from '../apimachinery/conditions.ts';
import type { Node, Pod } from '../apimachinery/kinds.ts';
import { preferenceOf } from '../apimachinery/node-selection.ts';
import { isPodFinished } from '../apimachinery/pods.ts';
import { Controller, type ControllerDependencies, type Key, keyOf, watch } from '../client/controller.ts';
import { EventBroadcaster } from '../client/event-recorder.ts';
import { unfitReason } from './fit.ts';
import { requestedShare } from './resource-requests.ts';
import { spreadScore } from './topology-spread.ts';

/** @returns how to stop it */
export function startScheduler(options: Omit<ControllerDependencies, 'events'>): () => void {
  const { client, log } = options;
  const dependencies = { ...options, events: new EventBroadcaster(client).recorder('default-scheduler') };
  const pendingPods = (): readonly Key[] =>
    client
      .list(types.pods)
      .filter(isPending)
      .sort((a, b) => (b.spec.priority ?? 0) - (a.spec.priority ?? 0))
      .map(keyOf);
  const keysOf = (pod: Pod): readonly Key[] => {
    if (isPending(pod)) return [keyOf(pod)];
    // A pod that ends makes room for the others.
    return isPodFinished(pod) || pod.metadata.deletionTimestamp ? pendingPods() : [];
  };
  const controller = new Controller({
    name: 'scheduler',
    client,
    log,
    watches: [watch(types.pods, keysOf), watch(types.nodes, pendingPods)],
    reconcile: (key) => schedule(dependencies, key),
  });
  return () => controller.stop();
}

function isPending({ spec, metadata }: Pod): boolean {
  return !spec.nodeName && !metadata.deletionTimestamp;
}

function schedule(dependencies: ControllerDependencies, { namespace, name }: Key): void {
  const { client } = dependencies;
  const pod = client.find(types.pods, namespace, name);
  if (!pod || !isPending(pod)) return;
  const nodes = client.list(types.nodes).filter(({ metadata }) => !metadata.deletionTimestamp);
  const placedPods = client.list(types.pods).filter((other) => other.spec.nodeName && !isPodFinished(other));
  const verdicts = nodes.map((node) => ({ node, reason: unfitReason(pod, node, nodes, placedPods) }));
  const [best] = verdicts
    .filter(({ reason }) => reason === undefined)
    .map(({ node }) => ({ node, score: scoreOf(pod, node, placedPods) }))
    .sort((a, b) => b.score - a.score);
  if (best) bind(dependencies, pod, best.node.metadata.name);
  else {
    const reasons = verdicts.flatMap(({ reason }) => reason ?? []);
    markUnschedulable(dependencies, pod, `0/${nodes.length} nodes are available: ${summarize(reasons)}.`);
  }
}

/** Higher is better. */
function scoreOf(pod: Pod, node: Node, placedPods: readonly Pod[]): number {
  return preferenceOf(pod.spec, node) + spreadScore(pod, node, placedPods) - requestedShare(node, placedPods);
}

function bind({ client, events }: ControllerDependencies, pod: Pod, nodeName: string): void {
  const { namespace, name } = pod.metadata;
  const assign = (draft: Pod) => {
    draft.spec.nodeName = nodeName;
    const conditions = withCondition(draft.status?.conditions, { type: 'PodScheduled', status: 'True' });
    draft.status = { ...draft.status, conditions };
  };
  client.update(types.pods, namespace, name, assign, { subresource: 'binding' });
  events(pod, 'Normal', 'Scheduled', `Successfully assigned ${namespace}/${name} to ${nodeName}`);
}

function markUnschedulable({ client, events }: ControllerDependencies, pod: Pod, message: string): void {
  if (conditionOf(pod, 'PodScheduled')?.message === message) return;
  client.update(types.pods, pod.metadata.namespace, pod.metadata.name, (draft) => {
    const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
    draft.status = { ...draft.status, conditions: withCondition(draft.status?.conditions, condition) };
  });
  events(pod, 'Warning', 'FailedScheduling', message);
}

/** '2 Insufficient cpu, 1 node(s) were unschedulable' */
function summarize(reasons: readonly string[]): string {
  const counts = Map.groupBy(reasons, (reason) => reason);
  const texts = [...counts].map(([reason, { length }]) => `${length} ${reason}`);
  return texts.sort().join(', ') || 'no nodes are registered';
}
