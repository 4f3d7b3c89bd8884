/**
 * How many replicas a resource metric asks for.
 * https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#algorithm-details
 *
 * Simpler than the real autoscaler in one point: a pod counts as not yet ready until a whole measuring window has passed
 * since it became ready, at any age. The real one looks at that only in a pod's first five minutes.
 */
import { conditionOf } from '#local/cluster/apimachinery/conditions.ts';
import type { MetricSpec, MetricStatus, Pod, PodMetrics } from '#local/cluster/apimachinery/kinds.ts';
import { isPodReady } from '#local/cluster/apimachinery/pods.ts';
import { quantity } from '#local/cluster/apimachinery/quantity.ts';

/** A metric cannot be computed. The reason goes into the condition ScalingActive. */
export class MetricUnavailableError extends Error {
  override readonly name = 'MetricUnavailableError';
  readonly reason: string;
  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

export interface MetricRequest {
  /** The pods of the target. */
  readonly pods: readonly Pod[];
  /** By pod name. */
  readonly podMetrics: ReadonlyMap<string, PodMetrics>;
  readonly currentReplicas: number;
  /** How far the metric may be from its target, as a share, before the replicas change. */
  readonly tolerances: { readonly up: number; readonly down: number };
}

export interface Proposal {
  readonly replicas: number;
  /** e.g. 'cpu resource utilization (percentage of request)' */
  readonly metric: string;
  readonly current: MetricStatus;
}

/** What a pod's containers use and request together, in cores or bytes. */
interface PodUsage {
  readonly used: number;
  readonly requested: number;
}

/** The metric's target: a share of the request, or an amount per pod. */
interface MetricTarget {
  readonly resource: string;
  readonly isUtilization: boolean;
  readonly value: number;
}

/** The target's pods, by what is known of them. Failed pods and those that are being deleted do not count. */
interface PodGroups {
  readonly measured: readonly PodUsage[];
  /** Measured, but not ready for a whole window. */
  readonly unready: readonly Pod[];
  readonly unmeasured: readonly Pod[];
}

/** @throws MetricUnavailableError */
export function proposeReplicas(metric: MetricSpec, request: MetricRequest): Proposal {
  const target = readTarget(metric);
  const groups = groupPods(request, target);
  const { measured } = groups;
  if (measured.length === 0) {
    const what = `${target.resource} ${target.isUtilization ? 'utilization' : 'usage'}`;
    const message = `failed to get ${what}: did not receive metrics for targeted pods (pods might be unready)`;
    throw new MetricUnavailableError('FailedGetResourceMetric', message);
  }
  return {
    replicas: replicasFor(target, groups, request),
    metric: target.isUtilization
      ? `${target.resource} resource utilization (percentage of request)`
      : `${target.resource} resource`,
    current: currentStatus(target, measured),
  };
}

function readTarget({ type, resource }: MetricSpec): MetricTarget {
  if (type !== 'Resource' || !resource) {
    throw new MetricUnavailableError('InvalidMetricSourceType', `unknown metric source type "${type}"`);
  }
  const { name, target } = resource;
  const isUtilization = target.type === 'Utilization';
  const value = isUtilization ? Number(target.averageUtilization) / 100 : quantity(target.averageValue ?? 0);
  return { resource: name, isUtilization, value };
}

function groupPods({ pods, podMetrics }: MetricRequest, target: MetricTarget): PodGroups {
  const measured: PodUsage[] = [];
  const unready: Pod[] = [];
  const unmeasured: Pod[] = [];
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp || pod.status?.phase === 'Failed') continue;
    const metrics = podMetrics.get(pod.metadata.name);
    const requested = requestedBy(pod, target);
    if (metrics === undefined) unmeasured.push(pod);
    else if (isReadyForWindow(pod, metrics)) measured.push({ used: usedBy(metrics, target), requested });
    else unready.push(pod);
  }
  return { measured, unready, unmeasured };
}

function isReadyForWindow(pod: Pod, metrics: PodMetrics): boolean {
  if (!isPodReady(pod)) return false;
  const readySince = Date.parse(conditionOf(pod, 'Ready')?.lastTransitionTime ?? pod.metadata.creationTimestamp);
  const windowMilliseconds = Number.parseFloat(metrics.window) * 1000;
  return Date.parse(metrics.timestamp) - windowMilliseconds >= readySince;
}

function usedBy({ containers }: PodMetrics, { resource }: MetricTarget): number {
  return containers.reduce((sum, { usage }) => sum + quantity(resource === 'cpu' ? usage.cpu : usage.memory), 0);
}

/** @throws MetricUnavailableError when a container has no request that a utilization could be computed from */
function requestedBy({ metadata, spec }: Pod, { resource, isUtilization }: MetricTarget): number {
  return spec.containers.reduce((sum, { name, resources }) => {
    const request = resources?.requests?.[resource];
    if (request === undefined && isUtilization) {
      const message = `failed to get ${resource} utilization: missing request for ${resource} in container ${name} of Pod ${metadata.name}`;
      throw new MetricUnavailableError('FailedGetResourceMetric', message);
    }
    return sum + quantity(request ?? 0);
  }, 0);
}

function replicasFor(target: MetricTarget, groups: PodGroups, { currentReplicas, tolerances }: MetricRequest): number {
  const isTolerated = (ratio: number): boolean => ratio >= 1 - tolerances.down && ratio <= 1 + tolerances.up;
  const { measured } = groups;
  const ratio = usageRatio(target, measured);
  const assumed = assumedUsages(target, groups, ratio);
  if (assumed.length === 0) return isTolerated(ratio) ? currentReplicas : Math.ceil(ratio * measured.length);
  const all = [...measured, ...assumed];
  const cautiousRatio = usageRatio(target, all);
  // The assumptions may slow a change down, but never reverse its direction.
  const isReversed = (ratio < 1 && cautiousRatio > 1) || (ratio > 1 && cautiousRatio < 1);
  if (isTolerated(cautiousRatio) || isReversed) return currentReplicas;
  const replicas = Math.ceil(cautiousRatio * all.length);
  const isOpposite =
    (cautiousRatio < 1 && replicas > currentReplicas) || (cautiousRatio > 1 && replicas < currentReplicas);
  return isOpposite ? currentReplicas : replicas;
}

/** Usage as a multiple of the target: 2 means twice as much as wanted. */
function usageRatio({ isUtilization, value }: MetricTarget, usages: readonly PodUsage[]): number {
  const used = usages.reduce((sum, usage) => sum + usage.used, 0);
  const base = usages.reduce((sum, { requested }) => sum + (isUtilization ? requested : 1), 0);
  return used / base / value;
}

/** Pods that count against a change: as idle when the target would grow, as fully used when it would shrink. */
function assumedUsages(target: MetricTarget, { unready, unmeasured }: PodGroups, ratio: number): PodUsage[] {
  if (ratio > 1) return [...unmeasured, ...unready].map((pod) => ({ used: 0, requested: requestedBy(pod, target) }));
  if (!(ratio < 1)) return [];
  return unmeasured.map((pod) => {
    const requested = requestedBy(pod, target);
    return { used: target.isUtilization ? requested * Math.max(1, target.value) : target.value, requested };
  });
}

function currentStatus({ resource, isUtilization }: MetricTarget, usages: readonly PodUsage[]): MetricStatus {
  const used = usages.reduce((sum, usage) => sum + usage.used, 0);
  const requested = usages.reduce((sum, usage) => sum + usage.requested, 0);
  const average = used / usages.length;
  const current = {
    averageValue: resource === 'cpu' ? `${Math.round(average * 1000)}m` : String(Math.round(average)),
    ...(isUtilization && { averageUtilization: Math.floor((used / requested) * 100) }),
  };
  return { type: 'Resource', resource: { name: resource, current } };
}
