/**
 * How lists and maps merge, by field name: associative lists by their keys, sets by value, atomic maps as a whole. In a real
 * cluster the OpenAPI schema says so (x-kubernetes-list-type, x-kubernetes-list-map-keys, x-kubernetes-map-type).
 */
import { isJsonObject } from '#local/cluster/apimachinery/json.ts';

const byName = ['name'] as const;
const keysByField: Readonly<Record<string, readonly string[]>> = {
  containers: byName,
  initContainers: byName,
  ephemeralContainers: byName,
  env: byName,
  volumes: byName,
  imagePullSecrets: byName,
  secrets: byName,
  resourceClaims: byName,
  volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'],
  hostAliases: ['ip'],
  podIPs: ['ip'],
  hostIPs: ['ip'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
  conditions: ['type'],
  addresses: ['type'],
  ownerReferences: ['uid'],
};
const sets = new Set(['finalizers']);
const atomicMaps = new Set([
  'selector',
  'labelSelector',
  'podSelector',
  'namespaceSelector',
  'nodeSelector',
  'fieldRef',
  'resourceFieldRef',
  'configMapKeyRef',
  'secretKeyRef',
  'roleRef',
]);
/** Lists that only strategic merge patches merge; for server-side apply they are atomic. */
const strategicKeys: Readonly<Record<string, string>> = { taints: 'key' };

/** Keys of an associative list; undefined when the list is atomic or an item lacks a key. */
export function listKeys(field: string, items: readonly unknown[]): readonly string[] | undefined {
  const keys = field === 'ports' ? portKeys(items) : keysByField[field];
  if (keys === undefined) return undefined;
  const haveKeys = items.every((item) => isJsonObject(item) && keys.every((key) => keyValue(item, key) !== undefined));
  return haveKeys ? keys : undefined;
}

/** Containers and Services both have `ports`, with different keys. */
function portKeys([first]: readonly unknown[]): readonly string[] | undefined {
  if (!isJsonObject(first)) return undefined;
  if ('containerPort' in first) return ['containerPort', 'protocol'];
  return 'port' in first ? ['port', 'protocol'] : undefined;
}

/** A key's value in an item; the protocol of a port is defaulted before it is compared. */
export function keyValue(item: unknown, key: string): unknown {
  const value = isJsonObject(item) ? item[key] : undefined;
  return key === 'protocol' ? (value ?? 'TCP') : value;
}

export function isSet(field: string): boolean {
  return sets.has(field);
}

export function isAtomicMap(field: string): boolean {
  return atomicMaps.has(field);
}

/** The patchMergeKey of a list field; undefined when strategic merge patches replace the list. */
export function strategicKey(field: string, items: readonly unknown[]): string | undefined {
  return strategicKeys[field] ?? listKeys(field, items)?.[0];
}
