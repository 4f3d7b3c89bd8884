/** Columns of pods and of the kinds that create them, as `kubectl get` prints them. */
import { types } from '#local/cluster/apimachinery/builtin-types.ts';
import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus, Workload } from '#local/cluster/apimachinery/kinds.ts';
import { podRestartCount, podStatusReason } from '#local/cluster/apimachinery/pod-summary.ts';
import { printer } from './printer.ts';
import { ageColumn, type Column, column, formatLabels, nameColumn, wideColumn } from './table-cell.ts';

const containers = ({ spec }: Workload) => spec.template.spec.containers;
const imageColumns: readonly Column<Workload>[] = [
  wideColumn('Containers', (workload) =>
    containers(workload)
      .map(({ name }) => name)
      .join(','),
  ),
  wideColumn('Images', (workload) =>
    containers(workload)
      .map(({ image }) => image)
      .join(','),
  ),
];
const selectorColumn: Column<Workload> = wideColumn('Selector', ({ spec }) => formatLabels(spec.selector.matchLabels));

export const workloadPrinters = [
  printer(types.pods, [
    nameColumn,
    column('Ready', ({ spec, status }) => {
      const ready = (status?.containerStatuses ?? []).filter((container) => container.ready).length;
      return `${ready}/${spec.containers.length}`;
    }),
    column('Status', podStatusReason),
    column('Restarts', (pod) => String(podRestartCount(pod))),
    ageColumn,
    wideColumn('IP', ({ status }) => status?.podIP),
    wideColumn('Node', ({ spec }) => spec.nodeName),
    wideColumn('Nominated Node', ({ status }) => status?.nominatedNodeName),
    wideColumn('Readiness Gates', () => undefined),
  ]),
  printer(types.deployments, [
    nameColumn,
    column('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas}`),
    column('Up-to-date', ({ status }) => status?.updatedReplicas ?? 0),
    column('Available', ({ status }) => status?.availableReplicas ?? 0),
    ageColumn,
    ...imageColumns,
    selectorColumn,
  ]),
  printer(types.replicaSets, [
    nameColumn,
    column('Desired', ({ spec }) => spec.replicas),
    column('Current', ({ status }) => status?.replicas ?? 0),
    column('Ready', ({ status }) => status?.readyReplicas ?? 0),
    ageColumn,
    ...imageColumns,
    selectorColumn,
  ]),
  printer(types.statefulSets, [
    nameColumn,
    column('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas}`),
    ageColumn,
    ...imageColumns,
  ]),
  printer(types.daemonSets, [
    nameColumn,
    column('Desired', ({ status }) => status?.desiredNumberScheduled ?? 0),
    column('Current', ({ status }) => status?.currentNumberScheduled ?? 0),
    column('Ready', ({ status }) => status?.numberReady ?? 0),
    column('Up-to-date', ({ status }) => status?.updatedNumberScheduled ?? 0),
    column('Available', ({ status }) => status?.numberAvailable ?? 0),
    column('Node Selector', ({ spec }) => formatLabels(spec.template.spec.nodeSelector)),
    ageColumn,
    ...imageColumns,
    selectorColumn,
  ]),
  printer(types.podDisruptionBudgets, [
    nameColumn,
    column('Min Available', ({ spec }) => spec.minAvailable ?? 'N/A'),
    column('Max Unavailable', ({ spec }) => spec.maxUnavailable ?? 'N/A'),
    column('Allowed Disruptions', ({ status }) => status?.disruptionsAllowed ?? 0),
    ageColumn,
  ]),
  printer(types.horizontalPodAutoscalers, [
    nameColumn,
    column('Reference', ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`),
    column('Targets', formatTargets),
    column('MinPods', ({ spec }) => spec.minReplicas),
    column('MaxPods', ({ spec }) => spec.maxReplicas),
    column('Replicas', ({ status }) => status?.currentReplicas ?? 0),
    ageColumn,
  ]),
];

/** 'cpu: 12%/60%', with <unknown> until the autoscaler has read the metric. */
function formatTargets({ spec, status }: HorizontalPodAutoscaler): string {
  return spec.metrics.flatMap((metric) => formatTarget(metric, status?.currentMetrics ?? []) ?? []).join(', ');
}

function formatTarget({ type, resource }: MetricSpec, currentMetrics: readonly MetricStatus[]): string | undefined {
  if (type !== 'Resource' || !resource) return undefined;
  const { name, target } = resource;
  const current = currentMetrics.find((metric) => metric.resource?.name === name)?.resource?.current;
  if (target.type !== 'Utilization') return `${name}: ${current?.averageValue ?? '<unknown>'}/${target.averageValue}`;
  const utilization = current === undefined ? '<unknown>' : `${current.averageUtilization}%`;
  return `${name}: ${utilization}/${target.averageUtilization}%`;
}
