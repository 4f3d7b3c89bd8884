/** Validation: the rules of the API server that a wrong manifest is most likely to break. */
import { invalid, type StatusCause } from '#local/cluster/apimachinery/errors.ts';
import { listAt, objectAt, stringAt, valueAt } from '#local/cluster/apimachinery/json.ts';
import { equal, type KubeObject } from '#local/cluster/apimachinery/object.ts';
import type { ResourceType } from '#local/cluster/apimachinery/resource-type.ts';
import { matchesSelector } from '#local/cluster/apimachinery/selectors.ts';

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const subdomainRule =
  'a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, ' +
  "'-' or '.', and must start and end with an alphanumeric character";
const workloadKinds = new Set(['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet']);
const kindsWithSpec = new Set(['Pod', 'Service', 'HorizontalPodAutoscaler', 'PersistentVolumeClaim']);
/** Fields of the spec that cannot change, by kind. */
const immutableFields: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['selector'],
  ReplicaSet: ['selector'],
  DaemonSet: ['selector'],
  StatefulSet: ['selector', 'serviceName', 'podManagementPolicy', 'volumeClaimTemplates'],
  Pod: ['nodeName', 'serviceAccountName', 'volumes'],
  PersistentVolumeClaim: ['accessModes', 'storageClassName'],
};

/** Before defaulting, which needs these fields. @throws ApiError Invalid */
export function checkShape(type: ResourceType, object: KubeObject): void {
  const requiredPaths = [
    ...(workloadKinds.has(type.kind)
      ? [
          ['spec', 'template', 'spec'],
          ['spec', 'selector'],
        ]
      : []),
    ...(kindsWithSpec.has(type.kind) ? [['spec']] : []),
    ...(isBinding(type) ? [['roleRef']] : []),
  ];
  const missing = requiredPaths.filter((path) => objectAt(object, ...path) === undefined);
  throwIfAny(
    type,
    object,
    missing.map((path) => required(path.join('.'))),
  );
}

function isBinding({ kind, group }: ResourceType): boolean {
  return kind.endsWith('RoleBinding') && group !== '';
}

/** After defaulting. @throws ApiError Invalid */
export function validate(type: ResourceType, object: KubeObject, previous: KubeObject | undefined): void {
  const { kind, group } = type;
  throwIfAny(type, object, [
    ...(group === 'rbac.authorization.k8s.io' ? [] : nameCauses(object.metadata.name)),
    ...(workloadKinds.has(kind) ? templateCauses(object) : []),
    ...(kind === 'Pod' ? podSpecCauses(object['spec'], 'spec') : []),
    ...(kind === 'Service' ? serviceCauses(object['spec']) : []),
    ...(previous ? immutableCauses(type, object, previous) : []),
  ]);
}

function nameCauses(name: string): StatusCause[] {
  return subdomain.test(name) ? [] : [invalidValue('metadata.name', name, subdomainRule)];
}

function templateCauses(object: KubeObject): StatusCause[] {
  const labels = objectAt(object, 'spec', 'template', 'metadata', 'labels') ?? {};
  const selector = objectAt(object, 'spec', 'selector');
  // Labels and selectors are maps of texts: the schema was checked before.
  const isSelected = matchesSelector(selector, labels as Record<string, string>);
  const mismatch = '`selector` does not match template `labels`';
  return [
    ...(isSelected ? [] : [invalidValue('spec.template.metadata.labels', labels, mismatch)]),
    ...podSpecCauses(objectAt(object, 'spec', 'template', 'spec'), 'spec.template.spec'),
  ];
}

function podSpecCauses(spec: unknown, path: string): StatusCause[] {
  if (listAt(spec, 'containers').length === 0) return [required(`${path}.containers`)];
  const volumeNames = new Set(listAt(spec, 'volumes').map((volume) => stringAt(volume, 'name')));
  const containerNames = new Set<string>();
  return ['initContainers', 'containers'].flatMap((list) =>
    listAt(spec, list).flatMap((container, index) => {
      const containerPath = `${path}.${list}[${index}]`;
      const name = stringAt(container, 'name');
      const isDuplicate = name !== undefined && containerNames.has(name);
      if (name !== undefined) containerNames.add(name);
      return [
        ...(name ? [] : [required(`${containerPath}.name`)]),
        ...(stringAt(container, 'image') ? [] : [required(`${containerPath}.image`)]),
        ...(isDuplicate ? [{ field: `${containerPath}.name`, message: `Duplicate value: "${name}"` }] : []),
        ...mountCauses(container, containerPath, volumeNames),
      ];
    }),
  );
}

function mountCauses(
  container: unknown,
  containerPath: string,
  volumeNames: ReadonlySet<string | undefined>,
): StatusCause[] {
  return listAt(container, 'volumeMounts').flatMap((mount, index) => {
    const name = stringAt(mount, 'name');
    if (volumeNames.has(name)) return [];
    return [{ field: `${containerPath}.volumeMounts[${index}].name`, message: `Not found: "${name}"` }];
  });
}

function serviceCauses(spec: unknown): StatusCause[] {
  if (valueAt(spec, 'type') === 'ExternalName' || valueAt(spec, 'clusterIP') === 'None') return [];
  const ports = listAt(spec, 'ports');
  if (ports.length === 0) return [required('spec.ports')];
  if (ports.length === 1) return [];
  return ports.flatMap((port, index) => (stringAt(port, 'name') ? [] : [required(`spec.ports[${index}].name`)]));
}

function immutableCauses(type: ResourceType, object: KubeObject, previous: KubeObject): StatusCause[] {
  const causes: StatusCause[] = [];
  for (const field of immutableFields[type.kind] ?? []) {
    const old = valueAt(previous, 'spec', field);
    const value = valueAt(object, 'spec', field);
    if (old !== undefined && !equal(old, value))
      causes.push(invalidValue(`spec.${field}`, value, 'field is immutable'));
  }
  if (isBinding(type) && !equal(object['roleRef'], previous['roleRef'])) {
    causes.push(invalidValue('roleRef', object['roleRef'], 'cannot change roleRef'));
  }
  if (previous['immutable'] === true && !equal(previous['data'], object['data'])) {
    causes.push({ field: 'data', message: 'Forbidden: field is immutable when `immutable` is set' });
  }
  return causes;
}

function required(field: string): StatusCause {
  return { reason: 'FieldValueRequired', field, message: 'Required value' };
}

function invalidValue(field: string, value: unknown, rule: string): StatusCause {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${JSON.stringify(value)}: ${rule}` };
}

function throwIfAny(type: ResourceType, { metadata }: KubeObject, causes: readonly StatusCause[]): void {
  if (causes.length > 0) throw invalid(type, metadata.name, causes);
}
