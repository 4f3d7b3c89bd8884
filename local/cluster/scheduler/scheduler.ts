/** The scheduler: puts each waiting pod on the node that fits best, the highest priority first, or says why none does. */
import { types } from '../apimachinery/builtin-types.ts';
import { conditionOf, isPodFinished, type KubeObject, setCondition } from '../apimachinery/object.ts';
import { quantity } from '../apimachinery/quantity.ts';
import { Controller, type Key } from '../client/controller.ts';
import type { ControllerParts } from '../client/controller-dependencies.ts';
import { matchesNode, requestsOf, untolerated } from './node-fit.ts';
import { blockedBySpread, spreadScore } from './topology-spread.ts';

export function startScheduler(parts: ControllerParts): Controller {
  const { objects, log } = parts;
  const waiting = () =>
    objects
      .list(types.pods)
      .filter(isWaiting)
      .sort((one, other) => other.spec.priority - one.spec.priority)
      .map(keyOf);
  return new Controller({
    name: 'scheduler',
    objects,
    log,
    watches: [
      {
        type: types.pods,
        keysOf: (pod) =>
          isWaiting(pod) ? [keyOf(pod)] : isPodFinished(pod) || pod.metadata.deletionTimestamp ? waiting() : [],
      },
      { type: types.nodes, keysOf: waiting },
    ],
    reconcile: (key) => schedule(parts, key),
  });
}

function isWaiting({ spec, metadata }: KubeObject): boolean {
  return !spec.nodeName && !metadata.deletionTimestamp;
}

function keyOf({ metadata }: KubeObject): Key {
  return { namespace: metadata.namespace, name: metadata.name };
}

function schedule({ objects, events }: ControllerParts, { namespace, name }: Key): void {
  const pod = objects.find(types.pods, namespace, name);
  if (!pod || !isWaiting(pod)) return;
  const nodes = objects.list(types.nodes).filter(({ metadata }) => !metadata.deletionTimestamp);
  const pods = objects.list(types.pods).filter((other) => other.spec.nodeName && !isPodFinished(other));
  const refusals = new Map<string, number>();
  const fitting: KubeObject[] = [];
  for (const node of nodes) {
    const why = refusal(pod, node, nodes, pods);
    if (why === undefined) fitting.push(node);
    else refusals.set(why, (refusals.get(why) ?? 0) + 1);
  }
  const best = fitting
    .map((node) => ({ node, score: spreadScore(pod, node, pods) - usage(node, pods) }))
    .sort((a, b) => b.score - a.score)[0]?.node;
  if (best) {
    objects.update(types.pods, namespace, name, (draft) => {
      draft.spec.nodeName = best.metadata.name;
      setCondition(draft, { type: 'PodScheduled', status: 'True', reason: '', message: '' });
      const condition = conditionOf(draft, 'PodScheduled');
      delete condition.reason;
      delete condition.message;
    });
    const message = `Successfully assigned ${namespace}/${name} to ${best.metadata.name}`;
    events(pod, 'Normal', 'Scheduled', message, 'default-scheduler');
    return;
  }
  const message = `0/${nodes.length} nodes are available: ${describe(refusals)}.`;
  if (conditionOf(pod, 'PodScheduled')?.message === message) return;
  objects.update(types.pods, namespace, name, (draft) => {
    setCondition(draft, { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message });
  });
  events(pod, 'Warning', 'FailedScheduling', message, 'default-scheduler');
}

/** Why a node does not take a pod; undefined when it does. */
function refusal(
  pod: KubeObject,
  node: KubeObject,
  nodes: readonly KubeObject[],
  pods: readonly KubeObject[],
): string | undefined {
  const [taint] = untolerated(pod.spec.tolerations, node, 'NoSchedule').concat(
    untolerated(pod.spec.tolerations, node, 'NoExecute'),
  );
  if (taint?.key === 'node.kubernetes.io/unschedulable') return 'node(s) were unschedulable';
  if (taint) return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`;
  if (!matchesNode(pod.spec, node)) return "node(s) didn't match Pod's node affinity/selector";
  const wanted = requestsOf(pod.spec);
  const used = usedOn(node, pods);
  const { allocatable = {} } = node.status ?? {};
  for (const name of ['cpu', 'memory'] as const) {
    if (used[name] + wanted[name] > quantity(allocatable[name] ?? 0)) return `Insufficient ${name}`;
  }
  return blockedBySpread(pod, node, nodes, pods) ? "node(s) didn't match pod topology spread constraints" : undefined;
}

function usedOn(node: KubeObject, pods: readonly KubeObject[]): { cpu: number; memory: number } {
  const used = { cpu: 0, memory: 0 };
  for (const { spec } of pods) {
    if (spec.nodeName !== node.metadata.name) continue;
    const { cpu, memory } = requestsOf(spec);
    used.cpu += cpu;
    used.memory += memory;
  }
  return used;
}

/** The share of a node that is taken, 0 to 1: emptier nodes are preferred. */
function usage(node: KubeObject, pods: readonly KubeObject[]): number {
  const used = usedOn(node, pods);
  const { cpu = 1, memory = 1 } = node.status?.allocatable ?? {};
  return (used.cpu / quantity(cpu) + used.memory / quantity(memory)) / 2;
}

function describe(refusals: ReadonlyMap<string, number>): string {
  return (
    [...refusals]
      .map(([why, count]) => `${count} ${why}`)
      .sort()
      .join(', ') || 'no nodes are registered'
  );
}
