/** Discovery documents: which groups, versions and resources there are. */
import { unknownPath } from '../apimachinery/errors.ts';
import { apiVersionOf, type ResourceType } from '../apimachinery/resource-type.ts';
import type { Registry } from '../storage/registry.ts';

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const aggregatedParameters = 'g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
export const aggregatedContentType = `application/json;${aggregatedParameters}`;

/** The kind that a subresource takes, where it is not the resource's own. */
const subresourceKinds: Readonly<Record<string, { group: string; version: string; kind: string }>> = {
  scale: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
  eviction: { group: 'policy', version: 'v1', kind: 'Eviction' },
  token: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
  binding: { group: '', version: 'v1', kind: 'Binding' },
};
const subresourceVerbs: Readonly<Record<string, readonly string[]>> = {
  log: ['get'],
  eviction: ['create'],
  token: ['create'],
  binding: ['create'],
  finalize: ['update'],
};

function verbsOf(type: ResourceType): readonly string[] {
  if (type.virtual) return ['create'];
  return type.aggregated ? ['get', 'list'] : verbs;
}

export function prefersAggregated(accept: string): boolean {
  return accept.includes(aggregatedParameters);
}

/** /api or /apis for clients that ask for all groups in one document. */
export function aggregatedDiscovery(registry: Registry, isCore: boolean): object {
  const types = registry.all().filter((type) => (type.group === '') === isCore);
  const items = groupBy(types, (type) => type.group).map(([group, inGroup]) => ({
    metadata: { name: group, creationTimestamp: null },
    versions: groupBy(inGroup, (type) => type.version).map(([version, inVersion]) => ({
      version,
      freshness: 'Current',
      resources: inVersion.map(aggregatedResource),
    })),
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
}

function aggregatedResource(type: ResourceType): object {
  const { group, version, kind } = type;
  return {
    resource: type.plural,
    responseKind: { group, version, kind },
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: type.singular,
    verbs: verbsOf(type),
    ...(type.shortNames.length > 0 && { shortNames: type.shortNames }),
    ...(type.categories.length > 0 && { categories: type.categories }),
    ...(type.subresources.length > 0 && {
      subresources: type.subresources.map((subresource) => ({
        subresource,
        responseKind: subresourceKinds[subresource] ?? { group, version, kind },
        verbs: subresourceVerbs[subresource] ?? ['get', 'patch', 'update'],
      })),
    }),
  };
}

/**
 * /api, /apis, /apis/<group> and /api(s)/.../<version> in the older form of a document each.
 * @throws ApiError NotFound
 */
export function discoveryDocument(registry: Registry, path: string, address: string): object {
  const [root, group, version] = path.split('/').filter(Boolean);
  if (root === 'api' && group === undefined) {
    const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress: address }];
    return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs };
  }
  if (root === 'api') return resourceList(registry, '', group!);
  if (group === undefined) {
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupDocuments(registry) };
  }
  if (version !== undefined) return resourceList(registry, group, version);
  const found = groupDocuments(registry).find(({ name }) => name === group);
  if (!found) throw unknownPath();
  return { kind: 'APIGroup', apiVersion: 'v1', ...found };
}

function groupDocuments(registry: Registry): { name: string; versions: object[]; preferredVersion: object }[] {
  const types = registry.all().filter((type) => type.group !== '');
  return groupBy(types, (type) => type.group).map(([name, inGroup]) => {
    const versions = groupBy(inGroup, apiVersionOf).map(([groupVersion, [first]]) => ({
      groupVersion,
      version: first!.version,
    }));
    return { name, versions, preferredVersion: versions[0]! };
  });
}

function resourceList(registry: Registry, group: string, version: string): object {
  const types = registry.all().filter((type) => type.group === group && type.version === version);
  if (types.length === 0) throw unknownPath();
  const resources = types.flatMap((type) => [
    {
      name: type.plural,
      singularName: type.singular,
      namespaced: type.namespaced,
      kind: type.kind,
      verbs: verbsOf(type),
      shortNames: type.shortNames,
      categories: type.categories,
    },
    ...type.subresources.map((subresource) => ({
      name: `${type.plural}/${subresource}`,
      singularName: '',
      namespaced: type.namespaced,
      ...(subresourceKinds[subresource] ?? { kind: type.kind }),
      verbs: subresourceVerbs[subresource] ?? ['get', 'patch', 'update'],
    })),
  ]);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersionOf({ group, version }), resources };
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups];
}
