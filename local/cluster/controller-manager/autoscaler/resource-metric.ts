/**
 * How many replicas a resource metric asks for.
 * https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#algorithm-details
 *
 * Simpler than the original in one point: a pod counts as not yet ready until a whole measuring window has passed since
 * it became ready, at any age; the original looks at that only in a pod's first five minutes.
 */

import { conditionOf, isPodReady, type KubeObject, type Open } from '#local/cluster/apimachinery/object.ts';
import { quantity } from '#local/cluster/apimachinery/quantity.ts';
import type { ContainerMetrics, PodUsage } from '#local/cluster/metrics-server/container-metrics.ts';

/** A metric cannot be computed: the reason goes into the ScalingActive condition. */
export class MetricUnavailableError extends Error {
  override readonly name = 'MetricUnavailableError';
  readonly reason: string;
  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

export interface Proposal {
  readonly replicas: number;
  /** e.g. 'cpu resource utilization (percentage of request)' */
  readonly metric: string;
  /** One of status.currentMetrics. */
  readonly current: Open;
}

export interface Tolerances {
  readonly up: number;
  readonly down: number;
}

interface PodShare {
  /** Of the pod's containers together, in cores or bytes. */
  used: number;
  readonly requested: number;
}

/** @throws MetricUnavailableError */
export function proposeReplicas(
  metric: Open,
  pods: readonly KubeObject[],
  currentReplicas: number,
  metrics: Pick<ContainerMetrics, 'ofPod'>,
  tolerances: Tolerances,
): Proposal {
  if (metric.type !== 'Resource') {
    throw new MetricUnavailableError('InvalidMetricSourceType', `unknown metric source type "${metric.type}"`);
  }
  const { name, target } = metric.resource as { name: string; target: Open };
  const byUtilization = target.type === 'Utilization';
  const measured = new Map<KubeObject, PodShare>();
  const unready: [KubeObject, PodShare][] = [];
  const missing: KubeObject[] = [];
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp || pod.status?.phase === 'Failed') continue;
    const usage = metrics.ofPod(pod.metadata.uid);
    const requested = requestOf(pod, name, byUtilization);
    if (usage === undefined) missing.push(pod);
    else {
      const share = { used: usedOf(usage, name), requested };
      if (isSettled(pod, usage)) measured.set(pod, share);
      else unready.push([pod, share]);
    }
  }
  if (measured.size === 0) {
    const message = `failed to get ${name} ${byUtilization ? 'utilization' : 'usage'}: did not receive metrics for targeted pods (pods might be unready)`;
    throw new MetricUnavailableError('FailedGetResourceMetric', message);
  }
  const wanted = byUtilization ? Number(target.averageUtilization) / 100 : quantity(target.averageValue);
  const ratioOf = (shares: readonly PodShare[]): number => {
    const used = shares.reduce((sum, share) => sum + share.used, 0);
    const per = shares.reduce((sum, share) => sum + (byUtilization ? share.requested : 1), 0);
    return used / per / wanted;
  };
  const shares = [...measured.values()];
  const ratio = ratioOf(shares);
  const isWithin = (value: number): boolean => value >= 1 - tolerances.down && value <= 1 + tolerances.up;
  const answer = (replicas: number): Proposal => ({
    replicas,
    metric: byUtilization ? `${name} resource utilization (percentage of request)` : `${name} resource`,
    current: currentOf(name, shares, byUtilization),
  });
  const rest = assumptions(ratio, pods, missing, unready, name, byUtilization, wanted);
  if (rest.length === 0) return answer(isWithin(ratio) ? currentReplicas : Math.ceil(ratio * measured.size));
  const all = [...shares, ...rest];
  const careful = ratioOf(all);
  // What is assumed about the others must not turn the direction.
  const turned = (ratio < 1 && careful > 1) || (ratio > 1 && careful < 1);
  if (isWithin(careful) || turned) return answer(currentReplicas);
  const replicas = Math.ceil(careful * all.length);
  const against = (careful < 1 && replicas > currentReplicas) || (careful > 1 && replicas < currentReplicas);
  return answer(against ? currentReplicas : replicas);
}

/** Pods without numbers count against a change: as idle when growing, as fully busy when shrinking. */
function assumptions(
  ratio: number,
  pods: readonly KubeObject[],
  missing: readonly KubeObject[],
  unready: readonly (readonly [KubeObject, PodShare])[],
  name: string,
  byUtilization: boolean,
  wanted: number,
): PodShare[] {
  const requested = (pod: KubeObject): number => requestOf(pod, name, byUtilization);
  const idle = (pod: KubeObject): PodShare => ({ used: 0, requested: requested(pod) });
  const busy = (pod: KubeObject): PodShare => {
    const request = requested(pod);
    return { used: byUtilization ? request * Math.max(1, wanted) : wanted, requested: request };
  };
  if (ratio > 1) return pods.filter((pod) => missing.includes(pod) || unready.some(([one]) => one === pod)).map(idle);
  return ratio < 1 ? missing.map(busy) : [];
}

function isSettled(pod: KubeObject, { at, windowSeconds }: PodUsage): boolean {
  if (!isPodReady(pod)) return false;
  const readySince = Date.parse(conditionOf(pod, 'Ready').lastTransitionTime);
  return at.getTime() - windowSeconds * 1000 >= readySince;
}

function usedOf({ containers }: PodUsage, name: string): number {
  return containers.reduce((sum, { cpuCores, memoryBytes }) => sum + (name === 'cpu' ? cpuCores : memoryBytes), 0);
}

/** @throws MetricUnavailableError when a container has no request */
function requestOf(pod: KubeObject, name: string, isNeeded: boolean): number {
  return pod.spec.containers.reduce((sum: number, container: Open) => {
    const request = container.resources?.requests?.[name];
    if (request === undefined && isNeeded) {
      const message = `failed to get ${name} utilization: missing request for ${name} in container ${container.name} of Pod ${pod.metadata.name}`;
      throw new MetricUnavailableError('FailedGetResourceMetric', message);
    }
    return sum + quantity(request ?? 0);
  }, 0);
}

function currentOf(name: string, shares: readonly PodShare[], byUtilization: boolean): Open {
  const used = shares.reduce((sum, share) => sum + share.used, 0);
  const requested = shares.reduce((sum, share) => sum + share.requested, 0);
  const average = used / shares.length;
  return {
    type: 'Resource',
    resource: {
      name,
      current: {
        averageValue: name === 'cpu' ? `${Math.round(average * 1000)}m` : String(Math.round(average)),
        ...(byUtilization && { averageUtilization: Math.floor((used / requested) * 100) }),
      },
    },
  };
}
