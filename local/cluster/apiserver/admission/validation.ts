/** The checks of the API server that a wrong manifest meets first. */
import { invalid, type StatusCause } from '#local/cluster/apimachinery/errors.ts';
import { equal, isRecord, type KubeObject, type Open } from '#local/cluster/apimachinery/object.ts';
import type { ResourceType } from '#local/cluster/apimachinery/resource-type.ts';
import { matchesSelector } from '#local/cluster/apimachinery/selectors.ts';

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const subdomainRule =
  'a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, ' +
  "'-' or '.', and must start and end with an alphanumeric character";
const workloads = new Set(['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet']);
const immutableWhere: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['selector'],
  ReplicaSet: ['selector'],
  DaemonSet: ['selector'],
  StatefulSet: ['selector', 'serviceName', 'podManagementPolicy', 'volumeClaimTemplates'],
  Pod: ['nodeName', 'serviceAccountName', 'volumes'],
  PersistentVolumeClaim: ['accessModes', 'storageClassName'],
};

/** Before defaults: what they would otherwise trip over. @throws ApiError Invalid */
export function checkShape(type: ResourceType, object: KubeObject): void {
  const causes: StatusCause[] = [];
  if (workloads.has(type.kind)) {
    if (!isRecord(object.spec?.template?.spec)) causes.push(required('spec.template.spec'));
    if (!isRecord(object.spec?.selector)) causes.push(required('spec.selector'));
  }
  if (['Pod', 'Service', 'HorizontalPodAutoscaler', 'PersistentVolumeClaim'].includes(type.kind)) {
    if (!isRecord(object.spec)) causes.push(required('spec'));
  }
  if (type.kind.endsWith('RoleBinding') && type.group !== '' && !isRecord(object.roleRef)) {
    causes.push(required('roleRef'));
  }
  fail(type, object, causes);
}

/** After defaults. @throws ApiError Invalid */
export function validate(type: ResourceType, object: KubeObject, previous: KubeObject | undefined): void {
  const causes: StatusCause[] = [];
  const name = object.metadata.name;
  const freeName = type.group === 'rbac.authorization.k8s.io';
  if (!freeName && !subdomain.test(name)) causes.push(wrong('metadata.name', name, subdomainRule));
  if (workloads.has(type.kind)) {
    const labels = object.spec.template.metadata?.labels ?? {};
    if (!matchesSelector(object.spec.selector, labels)) {
      causes.push(wrong('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
    }
    causes.push(...podSpecCauses(object.spec.template.spec, 'spec.template.spec'));
  }
  if (type.kind === 'Pod') causes.push(...podSpecCauses(object.spec, 'spec'));
  if (type.kind === 'Service' && object.spec.type !== 'ExternalName') causes.push(...serviceCauses(object.spec));
  if (previous) causes.push(...immutableCauses(type, object, previous));
  fail(type, object, causes);
}

function podSpecCauses(spec: Open, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  if (!Array.isArray(spec.containers) || spec.containers.length === 0) return [required(`${path}.containers`)];
  const volumes = new Set((spec.volumes ?? []).map((volume: Open) => volume.name));
  const names = new Set<string>();
  for (const list of ['initContainers', 'containers']) {
    for (const [index, container] of (spec[list] ?? []).entries()) {
      const at = `${path}.${list}[${index}]`;
      if (!container.name) causes.push(required(`${at}.name`));
      if (!container.image) causes.push(required(`${at}.image`));
      if (names.has(container.name))
        causes.push({ field: `${at}.name`, message: `Duplicate value: "${container.name}"` });
      names.add(container.name);
      for (const [mountIndex, mount] of (container.volumeMounts ?? []).entries()) {
        if (volumes.has(mount.name)) continue;
        causes.push({ field: `${at}.volumeMounts[${mountIndex}].name`, message: `Not found: "${mount.name}"` });
      }
    }
  }
  return causes;
}

function serviceCauses(spec: Open): StatusCause[] {
  if (spec.clusterIP === 'None') return [];
  const ports: Open[] = spec.ports ?? [];
  if (ports.length === 0) return [required('spec.ports')];
  if (ports.length === 1) return [];
  return ports.flatMap((port, index) => (port.name ? [] : [required(`spec.ports[${index}].name`)]));
}

function immutableCauses(type: ResourceType, object: KubeObject, previous: KubeObject): StatusCause[] {
  const causes: StatusCause[] = [];
  for (const field of immutableWhere[type.kind] ?? []) {
    const old = previous.spec?.[field];
    if (old === undefined || equal(old, object.spec?.[field])) continue;
    causes.push(wrong(`spec.${field}`, object.spec?.[field], 'field is immutable'));
  }
  if (type.kind.endsWith('RoleBinding') && !equal(object.roleRef, previous.roleRef)) {
    causes.push(wrong('roleRef', object.roleRef, 'cannot change roleRef'));
  }
  if (previous.immutable === true && !equal(previous.data, object.data)) {
    causes.push({ field: 'data', message: 'Forbidden: field is immutable when `immutable` is set' });
  }
  return causes;
}

function required(field: string): StatusCause {
  return { reason: 'FieldValueRequired', field, message: 'Required value' };
}

function wrong(field: string, value: unknown, why: string): StatusCause {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${JSON.stringify(value)}: ${why}` };
}

function fail(type: ResourceType, object: KubeObject, causes: readonly StatusCause[]): void {
  if (causes.length > 0) throw invalid(type, object.metadata?.name ?? '', causes);
}
