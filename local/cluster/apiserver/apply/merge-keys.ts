/** Which lists merge by key, which are sets, which maps are one value: x-kubernetes-list-type and its kin, by field name. */
import { isRecord, type Open } from '#local/cluster/apimachinery/object.ts';

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
  'scaleTargetRef',
]);
/** Lists that only strategic merge patches merge; for server-side apply they are one value. */
const strategicKeys: Readonly<Record<string, string>> = { taints: 'key' };

/** Keys of an associative list, or undefined when the list is one value. */
export function listKeys(field: string, items: readonly unknown[]): readonly string[] | undefined {
  const keys = field === 'ports' ? portKeys(items) : keysByField[field];
  if (keys === undefined) return undefined;
  const fits = items.every((item) => isRecord(item) && keys.every((key) => keyValue(item, key) !== undefined));
  return fits ? keys : undefined;
}

function portKeys(items: readonly unknown[]): readonly string[] | undefined {
  const first = items[0];
  if (!isRecord(first)) return undefined;
  if ('containerPort' in first) return ['containerPort', 'protocol'];
  return 'port' in first ? ['port', 'protocol'] : undefined;
}

/** A key's value; the protocol of a port has a default. */
export function keyValue(item: Record<string, Open>, key: string): Open {
  return key === 'protocol' ? (item[key] ?? 'TCP') : item[key];
}

export function isSet(field: string): boolean {
  return sets.has(field);
}

export function isAtomicMap(field: string): boolean {
  return atomicMaps.has(field);
}

/** The patchMergeKey of a list field. */
export function strategicKey(field: string, items: readonly unknown[]): string | undefined {
  return strategicKeys[field] ?? listKeys(field, items)?.[0];
}
