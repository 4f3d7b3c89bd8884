/** Columns of nodes, Services, configuration and the other kinds that are no workloads, as `kubectl get` prints them. */
import { types } from '#local/cluster/apimachinery/builtin-types.ts';
import { conditionOf } from '#local/cluster/apimachinery/conditions.ts';
import type { Endpoints, Node, Service } from '#local/cluster/apimachinery/kinds.ts';
import { printer } from './printer.ts';
import { ageColumn, column, formatAge, formatLabels, nameColumn, wideColumn } from './table-cell.ts';

export const resourcePrinters = [
  printer(types.nodes, [
    nameColumn,
    column('Status', formatNodeStatus),
    column('Roles', ({ metadata }) =>
      Object.keys(metadata.labels ?? {})
        .flatMap((label) => /^node-role\.kubernetes\.io\/(.+)$/.exec(label)?.[1] ?? [])
        .join(','),
    ),
    ageColumn,
    column('Version', ({ status }) => status?.nodeInfo?.kubeletVersion),
    wideColumn('Internal-IP', (node) => nodeAddress(node, 'InternalIP')),
    wideColumn('External-IP', (node) => nodeAddress(node, 'ExternalIP')),
    wideColumn('OS-Image', ({ status }) => status?.nodeInfo?.osImage),
    wideColumn('Kernel-Version', ({ status }) => status?.nodeInfo?.kernelVersion),
    wideColumn('Container-Runtime', ({ status }) => status?.nodeInfo?.containerRuntimeVersion),
  ]),
  printer(types.namespaces, [nameColumn, column('Status', ({ status }) => status?.phase), ageColumn]),
  printer(types.services, [
    nameColumn,
    column('Type', ({ spec }) => spec.type),
    column('Cluster-IP', ({ spec }) => spec.clusterIP),
    column('External-IP', formatExternalAddress),
    column('Port(s)', formatPorts),
    ageColumn,
    wideColumn('Selector', ({ spec }) => formatLabels(spec.selector)),
  ]),
  printer(types.endpoints, [nameColumn, column('Endpoints', formatEndpoints), ageColumn]),
  printer(types.configMaps, [nameColumn, column('Data', ({ data = {} }) => Object.keys(data).length), ageColumn]),
  printer(types.secrets, [
    nameColumn,
    column('Type', ({ type }) => type),
    column('Data', ({ data = {} }) => Object.keys(data).length),
    ageColumn,
  ]),
  printer(types.serviceAccounts, [nameColumn, column('Secrets', ({ secrets }) => secrets?.length ?? 0), ageColumn]),
  printer(types.events, [
    column('Last Seen', ({ lastTimestamp, metadata }) => formatAge(lastTimestamp ?? metadata.creationTimestamp)),
    column('Type', ({ type }) => type),
    column('Reason', ({ reason }) => reason),
    column('Object', ({ involvedObject: { kind, name } }) => `${kind?.toLowerCase()}/${name}`),
    column('Message', ({ message }) => message),
  ]),
  printer(types.customResourceDefinitions, [
    nameColumn,
    column('Created At', ({ metadata }) => metadata.creationTimestamp),
  ]),
];

function formatNodeStatus(node: Node): string {
  const ready = conditionOf(node, 'Ready')?.status;
  const state = ready === 'True' ? 'Ready' : ready === undefined ? 'Unknown' : 'NotReady';
  return node.spec.unschedulable ? `${state},SchedulingDisabled` : state;
}

function nodeAddress({ status }: Node, type: string): string | undefined {
  return status?.addresses?.find((address) => address.type === type)?.address;
}

function formatExternalAddress({ spec, status }: Service): string | undefined {
  const ingress = status?.loadBalancer?.ingress?.[0];
  return ingress?.hostname ?? ingress?.ip ?? (spec.type === 'LoadBalancer' ? '<pending>' : undefined);
}

function formatPorts({ spec }: Service): string {
  return (spec.ports ?? [])
    .map(({ port, nodePort, protocol }) => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`)
    .join(',');
}

function formatEndpoints({ subsets = [] }: Endpoints): string {
  return subsets
    .flatMap(({ addresses = [], ports = [] }) =>
      addresses.flatMap(({ ip }) => ports.map(({ port }) => `${ip}:${port}`)),
    )
    .join(',');
}
