/** Columns of `kubectl get` by kind, as the API server's printers have them. */
import { conditionOf, type KubeObject, type Open } from '#local/cluster/apimachinery/object.ts';
import type { PrinterColumn, ResourceType } from '#local/cluster/apimachinery/resource-type.ts';
import { podReason, podRestarts } from './pod-summary.ts';
import { ageOf, type Column } from './table-cell.ts';

const name: Column = { name: 'Name', cell: ({ metadata }) => metadata.name };
const age: Column = { name: 'Age', cell: ({ metadata }) => ageOf(metadata.creationTimestamp) };

function column(title: string, cell: (object: KubeObject) => Open, wide = false): Column {
  return {
    name: title,
    priority: wide ? 1 : 0,
    cell: (object) => {
      const value = cell(object);
      return value === undefined || value === null || value === '' ? '<none>' : value;
    },
  };
}

const count = (value: Open): number => value ?? 0;
const pairs = (labels: Open): string =>
  Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
const templateColumns = [
  column('Containers', ({ spec }) => spec.template.spec.containers.map((c: Open) => c.name).join(','), true),
  column('Images', ({ spec }) => spec.template.spec.containers.map((c: Open) => c.image).join(','), true),
  column('Selector', ({ spec }) => pairs(spec.selector?.matchLabels), true),
];
const dataCount = column('Data', (object) => Object.keys(object['data'] ?? {}).length);

const columnsByKind: Readonly<Record<string, readonly Column[]>> = {
  Pod: [
    name,
    column('Ready', ({ spec, status }) => {
      const ready = (status?.containerStatuses ?? []).filter((container: Open) => container.ready).length;
      return `${ready}/${spec.containers.length}`;
    }),
    column('Status', podReason),
    column('Restarts', (pod) => String(podRestarts(pod))),
    age,
    column('IP', ({ status }) => status?.podIP, true),
    column('Node', ({ spec }) => spec.nodeName, true),
    column('Nominated Node', ({ status }) => status?.nominatedNodeName, true),
    column('Readiness Gates', () => undefined, true),
  ],
  Node: [
    name,
    column('Status', (node) => {
      const ready = conditionOf(node, 'Ready')?.status;
      const state = ready === 'True' ? 'Ready' : ready === undefined ? 'Unknown' : 'NotReady';
      return node.spec?.unschedulable ? `${state},SchedulingDisabled` : state;
    }),
    column('Roles', ({ metadata }) =>
      Object.keys(metadata.labels ?? {})
        .flatMap((label) => /^node-role\.kubernetes\.io\/(.+)$/.exec(label)?.[1] ?? [])
        .join(','),
    ),
    age,
    column('Version', ({ status }) => status?.nodeInfo?.kubeletVersion),
    column('Internal-IP', ({ status }) => address(status, 'InternalIP'), true),
    column('External-IP', ({ status }) => address(status, 'ExternalIP'), true),
    column('OS-Image', ({ status }) => status?.nodeInfo?.osImage, true),
    column('Kernel-Version', ({ status }) => status?.nodeInfo?.kernelVersion, true),
    column('Container-Runtime', ({ status }) => status?.nodeInfo?.containerRuntimeVersion, true),
  ],
  Namespace: [name, column('Status', ({ status }) => status?.phase), age],
  Deployment: [
    name,
    column('Ready', ({ spec, status }) => `${count(status?.readyReplicas)}/${spec.replicas}`),
    column('Up-to-date', ({ status }) => count(status?.updatedReplicas)),
    column('Available', ({ status }) => count(status?.availableReplicas)),
    age,
    ...templateColumns,
  ],
  ReplicaSet: [
    name,
    column('Desired', ({ spec }) => count(spec.replicas)),
    column('Current', ({ status }) => count(status?.replicas)),
    column('Ready', ({ status }) => count(status?.readyReplicas)),
    age,
    ...templateColumns,
  ],
  StatefulSet: [
    name,
    column('Ready', ({ spec, status }) => `${count(status?.readyReplicas)}/${spec.replicas}`),
    age,
    ...templateColumns.slice(0, 2),
  ],
  DaemonSet: [
    name,
    column('Desired', ({ status }) => count(status?.desiredNumberScheduled)),
    column('Current', ({ status }) => count(status?.currentNumberScheduled)),
    column('Ready', ({ status }) => count(status?.numberReady)),
    column('Up-to-date', ({ status }) => count(status?.updatedNumberScheduled)),
    column('Available', ({ status }) => count(status?.numberAvailable)),
    column('Node Selector', ({ spec }) => pairs(spec.template.spec.nodeSelector)),
    age,
    ...templateColumns,
  ],
  Service: [
    name,
    column('Type', ({ spec }) => spec.type),
    column('Cluster-IP', ({ spec }) => spec.clusterIP),
    column('External-IP', ({ spec, status }) => {
      const ingress = status?.loadBalancer?.ingress?.[0];
      return ingress?.hostname ?? ingress?.ip ?? (spec.type === 'LoadBalancer' ? '<pending>' : undefined);
    }),
    column('Port(s)', ({ spec }) =>
      (spec.ports ?? [])
        .map((port: Open) => `${port.port}${port.nodePort ? `:${port.nodePort}` : ''}/${port.protocol}`)
        .join(','),
    ),
    age,
    column('Selector', ({ spec }) => pairs(spec.selector), true),
  ],
  Endpoints: [
    name,
    column('Endpoints', (endpoints) =>
      (endpoints['subsets'] ?? [])
        .flatMap(({ addresses = [], ports }: Open) =>
          addresses.flatMap(({ ip }: Open) => ports.map(({ port }: Open) => `${ip}:${port}`)),
        )
        .join(','),
    ),
    age,
  ],
  ConfigMap: [name, dataCount, age],
  Secret: [name, column('Type', (secret) => secret['type']), dataCount, age],
  ServiceAccount: [name, column('Secrets', (account) => account['secrets']?.length ?? 0), age],
  Event: [
    column('Last Seen', (event) => ageOf(event['lastTimestamp'] ?? event.metadata.creationTimestamp)),
    column('Type', (event) => event['type']),
    column('Reason', (event) => event['reason']),
    column('Object', ({ involvedObject }) => `${involvedObject?.kind?.toLowerCase()}/${involvedObject?.name}`),
    column('Message', (event) => event['message']),
  ],
  PodDisruptionBudget: [
    name,
    column('Min Available', ({ spec }) => spec?.minAvailable ?? 'N/A'),
    column('Max Unavailable', ({ spec }) => spec?.maxUnavailable ?? 'N/A'),
    column('Allowed Disruptions', ({ status }) => count(status?.disruptionsAllowed)),
    age,
  ],
  HorizontalPodAutoscaler: [
    name,
    column('Reference', ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`),
    column('Targets', ({ spec, status }) => targets(spec.metrics, status?.currentMetrics)),
    column('MinPods', ({ spec }) => spec.minReplicas),
    column('MaxPods', ({ spec }) => spec.maxReplicas),
    column('Replicas', ({ status }) => count(status?.currentReplicas)),
    age,
  ],
  CustomResourceDefinition: [name, column('Created At', ({ metadata }) => metadata.creationTimestamp)],
};

export function columnsFor(type: ResourceType): readonly Column[] {
  if (type.printerColumns) {
    const custom = type.printerColumns.map(customColumn);
    return custom.some(({ name: title }) => title === 'Age') ? [name, ...custom] : [name, ...custom, age];
  }
  return columnsByKind[type.kind] ?? [name, age];
}

function customColumn({ name: title, type, jsonPath, priority }: PrinterColumn): Column {
  return {
    name: title,
    priority: priority ?? 0,
    cell: (object) => {
      const value = readJsonPath(object, jsonPath);
      if (type === 'date') return ageOf(value);
      return value === undefined || value === null ? '' : String(value);
    },
  };
}

/** The little JSONPath that printer columns use: fields, indexes and [?(@.type=="Ready")] filters. */
function readJsonPath(object: Open, path: string): Open {
  const steps = path.matchAll(/\.([\w\\.-]+?)(?=\.|\[|$)|\[\?\(@\.(\w+)\s*==\s*["']([^"']+)["']\)\]|\[(\d+)\]/g);
  let value: Open = object;
  for (const [, field, key, wanted, index] of steps) {
    if (value === undefined || value === null) return undefined;
    if (field !== undefined) value = value[field];
    else if (key !== undefined) value = value.find?.((item: Open) => item[key] === wanted);
    else value = value[Number(index)];
  }
  return value;
}

/** 'cpu: 12%/60%', and <unknown> while nothing is known. */
function targets(wanted: readonly Open[] = [], current: readonly Open[] = []): string {
  return wanted
    .filter(({ type }) => type === 'Resource')
    .map(({ resource: { name: resourceName, target } }) => {
      const now = current.find(({ resource }) => resource?.name === resourceName)?.resource.current;
      if (target.type === 'Utilization') {
        return `${resourceName}: ${now === undefined ? '<unknown>' : `${now.averageUtilization}%`}/${target.averageUtilization}%`;
      }
      return `${resourceName}: ${now?.averageValue ?? '<unknown>'}/${target.averageValue}`;
    })
    .join(', ');
}

function address(status: Open, type: string): string | undefined {
  return status?.addresses?.find((item: Open) => item.type === type)?.address;
}
