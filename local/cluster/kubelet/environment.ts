/** A container's environment: values, references, the downward API, and mount paths replaced by the folders behind them. */

import { valueAt } from '../apimachinery/json.ts';
import type { Container, EnvFromSource, EnvVar, Pod } from '../apimachinery/kinds.ts';
import { quantity } from '../apimachinery/quantity.ts';
import type { Client } from '../client/client.ts';
import { ContainerConfigError, readConfiguration } from './configuration.ts';

export interface MountedPath {
  readonly mountPath: string;
  /** Where the content really is on this machine. */
  readonly folder: string;
}

export interface EnvironmentSource {
  readonly client: Client;
  readonly pod: Pod;
  readonly container: Container;
  readonly mounts: readonly MountedPath[];
  /** What the process gets for status.podIP, because it binds to that address. */
  readonly listenAddress: string;
}

/** @throws ContainerConfigError when something that the container refers to is missing */
export function environmentOf(source: EnvironmentSource): Record<string, string> {
  const { container, mounts } = source;
  const variables: Record<string, string> = {};
  for (const reference of container.envFrom ?? []) Object.assign(variables, allOf(source, reference));
  for (const variable of container.env ?? []) {
    const value = valueOfVariable(source, variable);
    if (value !== undefined) variables[variable.name] = expand(value, variables);
  }
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, withRealPath(value, mounts)]));
}

/** $(NAME) becomes the variable's value; $$(NAME) becomes the text $(NAME). */
export function expand(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([^)]+)\)/g, (match, name) => (match === '$$' ? '$' : (variables[name] ?? match)));
}

/** A process of the twin has no mount namespace: a value that begins with a mount path gets the real folder instead. */
function withRealPath(value: string, mounts: readonly MountedPath[]): string {
  const [mount] = mounts
    .filter(({ mountPath }) => value === mountPath || value.startsWith(`${mountPath}/`))
    .sort((a, b) => b.mountPath.length - a.mountPath.length);
  return mount ? mount.folder + value.slice(mount.mountPath.length) : value;
}

function allOf({ client, pod }: EnvironmentSource, { configMapRef, secretRef, prefix = '' }: EnvFromSource) {
  const kind = configMapRef ? 'configmap' : 'secret';
  const data = readConfiguration(client, pod.metadata.namespace, kind, configMapRef ?? secretRef ?? {}) ?? {};
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [prefix + key, value]));
}

function valueOfVariable(source: EnvironmentSource, { value, valueFrom }: EnvVar): string | undefined {
  if (!valueFrom) return value ?? '';
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
  const { client, pod, container, listenAddress } = source;
  if (fieldRef) return fieldRef.fieldPath === 'status.podIP' ? listenAddress : fieldValue(pod, fieldRef.fieldPath);
  if (resourceFieldRef) return resourceValue(pod, container, resourceFieldRef);
  const reference = configMapKeyRef ?? secretKeyRef;
  if (!reference) return undefined;
  const { namespace } = pod.metadata;
  const kind = configMapKeyRef ? 'configmap' : 'secret';
  const found = readConfiguration(client, namespace, kind, reference)?.[reference.key];
  if (found === undefined && !reference.optional) {
    throw new ContainerConfigError(`couldn't find key ${reference.key} in ${kind} ${namespace}/${reference.name}`);
  }
  return found;
}

/** A field of the pod for the downward API, such as metadata.labels['app'] or spec.nodeName. */
export function fieldValue(pod: Pod, path: string): string {
  const [, map, key] = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path) ?? [];
  const value = key ? valueAt(pod, 'metadata', map!, key) : valueAt(pod, ...path.split('.'));
  if (typeof value !== 'object' || value === null) return String(value ?? '');
  return Object.entries(value)
    .map(([name, text]) => `${name}=${JSON.stringify(text)}`)
    .join('\n');
}

interface ResourceReference {
  readonly containerName?: string;
  readonly divisor?: string;
  /** e.g. limits.memory */
  readonly resource: string;
}

function resourceValue(
  pod: Pod,
  container: Container,
  { containerName, divisor, resource }: ResourceReference,
): string {
  const source = containerName ? pod.spec.containers.find(({ name }) => name === containerName) : container;
  const [kind, name = ''] = resource.split('.');
  const amounts = kind === 'limits' ? source?.resources?.limits : source?.resources?.requests;
  const unit = quantity(divisor ?? 1) || 1;
  return String(Math.ceil(quantity(amounts?.[name] ?? 0) / unit));
}
