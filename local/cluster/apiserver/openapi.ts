/**
 * OpenAPI v3, as far as kubectl reads it: PATCH of every kind takes `fieldValidation`, which tells kubectl to leave
 * validation to the server. The schemas have no fields, so `kubectl explain` describes none.
 */
import { unknownPath } from '../apimachinery/errors.ts';
import { apiVersionOf, type ResourceType } from '../apimachinery/resource-type.ts';
import type { Registry } from '../storage/registry.ts';

const prefix = '/openapi/v3';

/** @throws ApiError NotFound for a group and version that is not served */
export function openApiDocument(registry: Registry, kubernetesVersion: string, path: string): object {
  const groupVersionPath = path.slice(prefix.length + 1);
  if (groupVersionPath === '') {
    const paths = new Set(registry.all().map(pathOf));
    const entries = [...paths].map((groupPath) => [groupPath, { serverRelativeURL: `${prefix}/${groupPath}` }]);
    return { paths: Object.fromEntries(entries) };
  }
  const types = registry.all().filter((type) => pathOf(type) === groupVersionPath);
  if (types.length === 0) throw unknownPath();
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: kubernetesVersion },
    paths: Object.fromEntries(types.map((type) => [objectPath(type), { patch: patchOperation(type) }])),
    components: { schemas: Object.fromEntries(types.map((type) => [schemaName(type), schemaOf(type)])) },
  };
}

function pathOf(type: ResourceType): string {
  return type.group === '' ? `api/${type.version}` : `apis/${type.group}/${type.version}`;
}

function objectPath(type: ResourceType): string {
  return `/${pathOf(type)}${type.namespaced ? '/namespaces/{namespace}' : ''}/${type.plural}/{name}`;
}

function schemaName(type: ResourceType): string {
  return `io.k8s.api.${type.group || 'core'}.${type.version}.${type.kind}`;
}

function groupVersionKind({ group, version, kind }: ResourceType): object {
  return { group, version, kind };
}

function patchOperation(type: ResourceType): object {
  const query = (name: string, valueType: string) => ({
    name,
    in: 'query',
    schema: { type: valueType, uniqueItems: true },
  });
  return {
    operationId: `patch${apiVersionOf(type)}${type.kind}`,
    parameters: [
      query('dryRun', 'string'),
      query('fieldManager', 'string'),
      query('fieldValidation', 'string'),
      query('force', 'boolean'),
    ],
    responses: { 200: { description: 'OK' } },
    'x-kubernetes-action': 'patch',
    'x-kubernetes-group-version-kind': groupVersionKind(type),
  };
}

function schemaOf(type: ResourceType): object {
  const text = { type: 'string' };
  return {
    description: `${type.kind} of ${apiVersionOf(type)}. The twin has no descriptions of its fields.`,
    type: 'object',
    properties: { apiVersion: text, kind: text, metadata: { type: 'object' } },
    'x-kubernetes-group-version-kind': [groupVersionKind(type)],
  };
}
