/** Starts metrics-server: scrapes the kubelets and answers metrics.k8s.io. Entry of the component. */
import type { TwinTime } from '#local/contracts/context.ts';
import { types } from '../apimachinery/builtin-types.ts';
import type { Node, Pod, PodMetrics } from '../apimachinery/kinds.ts';
import { type KubeObject, type ObjectHeader, type ObjectMeta, timestamp } from '../apimachinery/object.ts';
import { isPodFinished } from '../apimachinery/pods.ts';
import { apiVersionOf, type ResourceType } from '../apimachinery/resource-type.ts';
import type { AggregatedApi } from '../client/aggregated-api.ts';
import type { Client } from '../client/client.ts';
import type { ContainerStats } from '../client/container-stats.ts';
import type { MetricsClient } from '../client/metrics-client.ts';
import { type ContainerUsage, type PodUsage, UsageWindows } from './usage-windows.ts';

/** --metric-resolution */
const resolutionSeconds = 15;
/** The kernel counts CPU time in hundredths of a second: a shorter window would be too coarse. */
const minResolutionMilliseconds = 500;

export interface MetricsServerOptions {
  readonly client: Client;
  readonly time: TwinTime;
  /** The stats of all kubelets, read now. */
  readonly scrape: () => readonly ContainerStats[];
}

export interface MetricsServer extends AggregatedApi, MetricsClient {
  stop(): void;
}

export function startMetricsServer({ client, time, scrape }: MetricsServerOptions): MetricsServer {
  const resolutionMilliseconds = Math.max(minResolutionMilliseconds, time.milliseconds(resolutionSeconds));
  const windows = new UsageWindows(resolutionMilliseconds);
  const timer = setInterval(() => windows.add(scrape()), resolutionMilliseconds);
  timer.unref();

  const podMetrics = (namespace: string | undefined): readonly PodMetrics[] =>
    client.list(types.pods, namespace).flatMap((pod) => {
      const usage = isPodFinished(pod) ? undefined : windows.ofPod(pod.metadata.uid);
      return usage === undefined ? [] : [metricsOfPod(pod, usage)];
    });
  const nodeMetrics = (): readonly KubeObject[] => {
    const pods = client.list(types.pods);
    return client.list(types.nodes).map((node) => {
      const own = pods.filter(({ spec }) => spec.nodeName === node.metadata.name);
      return metricsOfNode(
        node,
        own.flatMap(({ metadata }) => windows.ofPod(metadata.uid) ?? []),
      );
    });
  };
  return {
    list: (type, namespace) => (type === types.podMetrics ? podMetrics(namespace) : nodeMetrics()),
    podMetrics,
    stop: () => clearInterval(timer),
  };
}

function metricsOfPod(pod: Pod, usage: PodUsage): PodMetrics {
  return {
    ...headerOf(types.podMetrics, pod, usage),
    containers: usage.containers.map(({ container, ...amounts }) => ({ name: container, usage: usageOf(amounts) })),
  };
}

/** The sum of the node's pods: an instance of the twin runs nothing else. */
function metricsOfNode(node: Node, usages: readonly PodUsage[]): KubeObject {
  const containers = usages.flatMap((usage) => usage.containers);
  const [latest] = usages.toSorted((a, b) => b.measuredAt.getTime() - a.measuredAt.getTime());
  return {
    ...headerOf(types.nodeMetrics, node, latest ?? { measuredAt: new Date(), windowSeconds: 0 }),
    usage: usageOf({
      cpuCores: containers.reduce((sum, { cpuCores }) => sum + cpuCores, 0),
      memoryBytes: containers.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
    }),
  };
}

function headerOf(
  type: ResourceType,
  { metadata }: ObjectHeader,
  { measuredAt, windowSeconds }: Pick<PodUsage, 'measuredAt' | 'windowSeconds'>,
): ObjectHeader & { timestamp: string; window: string } {
  const { name, namespace, labels } = metadata;
  return {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    // Metrics are not stored: they have no uid and no resourceVersion.
    metadata: {
      name,
      ...(namespace && { namespace }),
      ...(labels && { labels }),
      creationTimestamp: timestamp(),
    } as ObjectMeta,
    timestamp: timestamp(measuredAt),
    window: `${windowSeconds.toFixed(3)}s`,
  };
}

/** As metrics-server writes amounts: nanocores and kibibytes. */
function usageOf({ cpuCores, memoryBytes }: Omit<ContainerUsage, 'container'>): { cpu: string; memory: string } {
  return { cpu: `${Math.round(cpuCores * 1e9)}n`, memory: `${Math.round(memoryBytes / 1024)}Ki` };
}
