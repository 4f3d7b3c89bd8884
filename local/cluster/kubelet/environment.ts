/** A container's environment: manifest values, references, the downward API, and mounted paths turned into real ones. */
import { types } from '../apimachinery/builtin-types.ts';
import type { KubeObject, Open } from '../apimachinery/object.ts';
import { quantity } from '../apimachinery/quantity.ts';
import type { Objects } from '../storage/objects.ts';

/** A ConfigMap, Secret or key that a container needs is not there: kubelet's CreateContainerConfigError. */
export class ContainerConfigError extends Error {
  override readonly name = 'ContainerConfigError';
}

export interface MountedPath {
  readonly mountPath: string;
  readonly folder: string;
}

/** @throws ContainerConfigError */
export function environmentOf(
  objects: Objects,
  pod: KubeObject,
  container: Open,
  mounts: readonly MountedPath[],
): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const source of container.envFrom ?? []) Object.assign(variables, fromSource(objects, pod, source));
  for (const variable of container.env ?? []) {
    const value = variableValue(objects, pod, container, variable);
    if (value !== undefined) variables[variable.name] = expand(value, variables);
  }
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, realPath(value, mounts)]));
}

/** $(NAME) becomes the variable's value; $$(NAME) stays as it is. */
function expand(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([^)]+)\)/g, (match, name) => (match === '$$' ? '$' : (variables[name] ?? match)));
}

/** A value that begins with a mount path begins with the pod's real folder instead. */
function realPath(value: string, mounts: readonly MountedPath[]): string {
  const [mount] = mounts
    .filter(({ mountPath }) => value === mountPath || value.startsWith(`${mountPath}/`))
    .sort((a, b) => b.mountPath.length - a.mountPath.length);
  return mount ? mount.folder + value.slice(mount.mountPath.length) : value;
}

function fromSource(objects: Objects, pod: KubeObject, source: Open): Record<string, string> {
  const reference = source.configMapRef ?? source.secretRef;
  const data = dataOf(objects, pod.metadata.namespace!, source.configMapRef ? 'configmap' : 'secret', reference) ?? {};
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [`${source.prefix ?? ''}${key}`, value]));
}

function variableValue(
  objects: Objects,
  pod: KubeObject,
  container: Open,
  { value, valueFrom }: Open,
): string | undefined {
  if (!valueFrom) return value ?? '';
  if (valueFrom.fieldRef) return fieldValue(pod, valueFrom.fieldRef.fieldPath);
  if (valueFrom.resourceFieldRef) return resourceValue(pod, container, valueFrom.resourceFieldRef);
  const reference = valueFrom.configMapKeyRef ?? valueFrom.secretKeyRef;
  const kind = valueFrom.configMapKeyRef ? 'configmap' : 'secret';
  const data = dataOf(objects, pod.metadata.namespace!, kind, reference);
  const found = data?.[reference.key];
  if (found === undefined && !reference.optional) {
    throw new ContainerConfigError(
      `couldn't find key ${reference.key} in ${kind} ${pod.metadata.namespace}/${reference.name}`,
    );
  }
  return found;
}

/** The decoded content of a ConfigMap or Secret. */
export function dataOf(
  objects: Objects,
  namespace: string,
  kind: 'configmap' | 'secret',
  { name, optional }: { name: string; optional?: boolean },
): Record<string, string> | undefined {
  const object = objects.find(kind === 'configmap' ? types.configMaps : types.secrets, namespace, name);
  if (!object) {
    if (optional) return undefined;
    throw new ContainerConfigError(`${kind} "${name}" not found`);
  }
  const data: Record<string, string> = object['data'] ?? {};
  if (kind === 'configmap') return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
}

/** The downward API's fields. */
export function fieldValue(pod: KubeObject, path: string): string {
  const [, map, key] = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path) ?? [];
  if (key) return pod.metadata[map as 'labels' | 'annotations']?.[key] ?? '';
  const value = path.split('.').reduce<Open>((part, name) => part?.[name], pod);
  if (typeof value !== 'object') return String(value ?? '');
  return Object.entries(value ?? {})
    .map(([name, text]) => `${name}=${JSON.stringify(text)}`)
    .join('\n');
}

function resourceValue(pod: KubeObject, container: Open, { resource, containerName, divisor }: Open): string {
  const source = containerName ? pod.spec.containers.find(({ name }: Open) => name === containerName) : container;
  const [kind, name] = resource.split('.');
  const amount = quantity(source?.resources?.[kind]?.[name] ?? 0);
  const unit = quantity(divisor ?? 1) || 1;
  return String(Math.ceil(amount / unit));
}
