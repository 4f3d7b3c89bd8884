import type { KubernetesObject, V1ConfigMap, V1Pod, V1ReplicaSet } from '@kubernetes/client-node';
import { ClusterUnreachableError } from '../shared/errors.ts';
import { logger } from '../shared/task.ts';
import { type Kubectl, KubectlError, type KubectlLimits } from './kubectl.ts';

/** The hash that kustomize appends to the name of a generated ConfigMap: each change of the content makes another one. */
const hashSuffix = /-[2456789bcdfghkmt]{10}$/;
const label = 'app.kubernetes.io/part-of';
const project = 'stepkube';

/**
 * So many of each ConfigMap stay in any case, the newest: one of them may belong to a deployment that has just begun and has
 * no ReplicaSet yet.
 */
const keptVersions = 3;

/**
 * Deletes the generated ConfigMaps that earlier deployments left behind: of those with the name of an applied one but another
 * hash, all that no pod and no ReplicaSet refers to, except the newest. ReplicaSets without pods count, because
 * `kubectl rollout undo` returns to them. A failure is logged only: the workloads run.
 * @returns the names of the deleted ConfigMaps
 */
export async function pruneConfigMaps(
  kubectl: Kubectl,
  applied: readonly KubernetesObject[],
  limits: KubectlLimits,
): Promise<string[]> {
  const generated = applied.filter((object) => object.kind === 'ConfigMap' && hashSuffix.test(nameOf(object)));
  const byNamespace = Map.groupBy(generated, ({ metadata }) => metadata?.namespace ?? 'default');
  const deleted: string[] = [];
  for (const [namespace, configMaps] of byNamespace) {
    try {
      const outdated = await findOutdated(kubectl, namespace, configMaps.map(nameOf), limits);
      if (outdated.length === 0) continue;
      const options = [`--namespace=${namespace}`, '--ignore-not-found', '--wait=false'];
      await kubectl(['delete', 'configmaps', ...outdated, ...options], limits);
      deleted.push(...outdated);
    } catch (error) {
      if (!(error instanceof KubectlError || error instanceof ClusterUnreachableError)) throw error;
      logger.warn('ConfigMaps of earlier deployments are not removed', { namespace, reason: error.message });
    }
  }
  return deleted;
}

async function findOutdated(
  kubectl: Kubectl,
  namespace: string,
  applied: readonly string[],
  limits: KubectlLimits,
): Promise<string[]> {
  // In this order: what refers to a ConfigMap is read after the ConfigMaps.
  const query = ['get', 'configmaps,replicasets.apps,pods', `--namespace=${namespace}`, '--output=json'];
  const { items } = JSON.parse(await kubectl(query, limits)) as { items: KubernetesObject[] };
  const ours = items.filter(
    (object): object is V1ConfigMap => object.kind === 'ConfigMap' && object.metadata?.labels?.[label] === project,
  );
  const referring = items.filter(({ kind }) => kind === 'ReplicaSet' || kind === 'Pod');
  const inUse = new Set([...applied, ...referring.flatMap(textsOfPodSpec)]);
  const bases = new Set(applied.map(baseOf));
  const versions = Map.groupBy(
    ours.filter((configMap) => hashSuffix.test(nameOf(configMap)) && bases.has(baseOf(nameOf(configMap)))),
    (configMap) => baseOf(nameOf(configMap)),
  );
  return [...versions.values()]
    .flatMap((configMaps) => configMaps.toSorted(newestFirst).slice(keptVersions))
    .map(nameOf)
    .filter((name) => !inUse.has(name));
}

/** Every text in the pod's specification: wherever a reference may stand, it is among them. */
function textsOfPodSpec(object: KubernetesObject): string[] {
  const { spec } = object as V1Pod | V1ReplicaSet;
  return textsIn(spec !== undefined && 'template' in spec ? spec.template?.spec : spec);
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function newestFirst(one: V1ConfigMap, other: V1ConfigMap): number {
  const time = ({ metadata }: V1ConfigMap) => new Date(metadata?.creationTimestamp ?? 0).getTime();
  return time(other) - time(one);
}

function nameOf({ metadata }: KubernetesObject): string {
  return metadata?.name ?? '';
}

function baseOf(name: string): string {
  return name.replace(hashSuffix, '');
}
