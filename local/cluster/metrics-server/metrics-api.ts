/** metrics.k8s.io: objects made up when they are asked for. `kubectl top` and the autoscaler read them. */
import { types } from '../apimachinery/builtin-types.ts';
import { notFound } from '../apimachinery/errors.ts';
import { isPodFinished, type KubeObject, timestamp } from '../apimachinery/object.ts';
import { apiVersionOf, type ResourceType } from '../apimachinery/resource-type.ts';
import type { Objects } from '../storage/objects.ts';
import type { ContainerMetrics, PodUsage } from './container-metrics.ts';

export interface MetricsParts {
  readonly objects: Objects;
  readonly metrics: Pick<ContainerMetrics, 'ofPod'>;
}

/** @param namespace of pods; undefined: all */
export function listMetrics(parts: MetricsParts, type: ResourceType, namespace: string | undefined): KubeObject[] {
  const { objects } = parts;
  if (type === types.podMetrics) {
    return objects.list(types.pods, namespace).flatMap((pod) => podMetrics(parts, pod) ?? []);
  }
  return objects.list(types.nodes).flatMap((node) => nodeMetrics(parts, node) ?? []);
}

/** @throws ApiError NotFound also while nothing has been measured yet */
export function getMetrics(
  parts: MetricsParts,
  type: ResourceType,
  namespace: string | undefined,
  name: string,
): KubeObject {
  const found = listMetrics(parts, type, namespace).find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw notFound(type, namespace ? `${namespace}/${name}` : name);
  return found;
}

function podMetrics({ metrics }: MetricsParts, pod: KubeObject): KubeObject | undefined {
  const usage = isPodFinished(pod) ? undefined : metrics.ofPod(pod.metadata.uid);
  if (usage === undefined) return undefined;
  return {
    ...headOf(types.podMetrics, pod, usage),
    containers: usage.containers.map(({ container, cpuCores, memoryBytes }) => ({
      name: container,
      usage: amounts(cpuCores, memoryBytes),
    })),
  };
}

/** The sum of the node's pods: what else an instance would run is not there. */
function nodeMetrics({ objects, metrics }: MetricsParts, node: KubeObject): KubeObject | undefined {
  const usages = objects
    .list(types.pods)
    .filter(({ spec }) => spec.nodeName === node.metadata.name)
    .flatMap(({ metadata }) => metrics.ofPod(metadata.uid) ?? []);
  const sum = (read: (usage: PodUsage['containers'][number]) => number): number =>
    usages.flatMap(({ containers }) => containers).reduce((total, container) => total + read(container), 0);
  const latest = usages.toSorted((a, b) => b.at.getTime() - a.at.getTime())[0];
  return {
    ...headOf(types.nodeMetrics, node, latest ?? { at: new Date(), windowSeconds: 0, containers: [] }),
    usage: amounts(
      sum(({ cpuCores }) => cpuCores),
      sum(({ memoryBytes }) => memoryBytes),
    ),
  };
}

function headOf(type: ResourceType, { metadata }: KubeObject, { at, windowSeconds }: PodUsage): KubeObject {
  const { name, namespace, labels } = metadata;
  return {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    metadata: {
      name,
      ...(namespace && { namespace }),
      ...(labels && { labels }),
      creationTimestamp: timestamp(),
    } as KubeObject['metadata'],
    timestamp: timestamp(at),
    window: `${windowSeconds.toFixed(3)}s`,
  };
}

/** As metrics-server writes them: nanocores and kibibytes. */
function amounts(cpuCores: number, memoryBytes: number): { readonly cpu: string; readonly memory: string } {
  return { cpu: `${Math.round(cpuCores * 1e9)}n`, memory: `${Math.round(memoryBytes / 1024)}Ki` };
}
