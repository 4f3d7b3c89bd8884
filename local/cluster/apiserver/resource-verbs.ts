/** get, list, create, update and delete of any resource. */
import { ApiError } from '../apimachinery/errors.ts';
import { stringAt, valueAt } from '../apimachinery/json.ts';
import type { KubeObject } from '../apimachinery/object.ts';
import type { DeleteOptions } from '../apimachinery/operations.ts';
import { apiVersionOf, qualifiedName } from '../apimachinery/resource-type.ts';
import { recordUpdate } from './apply/managed-fields.ts';
import { type ApiResponse, type HandlerDependencies, isDryRun, type ResourceCall } from './call.ts';
import { filterOf, listResponse, objectResponse } from './list-response.ts';
import { replaceContent, requestedObject } from './request-object.ts';

type StoredObjects = Pick<HandlerDependencies, 'objects'>;

export function getObject({ objects }: StoredObjects, call: ResourceCall): ApiResponse {
  return objectResponse(call, objects.get(call.type, call.namespace, call.name!));
}

export function listObjects({ objects }: StoredObjects, call: ResourceCall): ApiResponse {
  return listResponse(call, objects.list(call.type, call.namespace), String(objects.store.version));
}

export function createObject({ objects }: StoredObjects, call: ResourceCall): ApiResponse {
  const object = requestedObject(call);
  recordUpdate(object, undefined, call.manager);
  return { code: 201, body: objects.create(call.type, object, { dryRun: isDryRun(call) }) };
}

export function updateObject({ objects }: StoredObjects, call: ResourceCall): ApiResponse {
  const next = requestedObject(call);
  const change = (draft: KubeObject) => replaceContent(draft, next, call);
  return {
    code: 200,
    body: objects.update(call.type, call.namespace, call.name!, change, { dryRun: isDryRun(call) }),
  };
}

export function deleteObject({ objects }: StoredObjects, call: ResourceCall): ApiResponse {
  const { type, namespace } = call;
  const deleted = objects.delete(type, namespace, call.name!, deleteOptions(call));
  // With finalizers or a grace period the object stays, marked as being deleted.
  const remaining = objects.find(type, namespace, call.name!);
  const isRemoved = remaining?.metadata.uid !== deleted.metadata.uid;
  return { code: 200, body: isRemoved ? deletedStatus(call, deleted) : deleted };
}

export function deleteCollection({ objects }: StoredObjects, call: ResourceCall): ApiResponse {
  const { type, namespace } = call;
  const items = objects.list(type, namespace).filter(filterOf(call));
  for (const { metadata } of items) objects.delete(type, metadata.namespace, metadata.name, deleteOptions(call));
  return { code: 200, body: { kind: `${type.kind}List`, apiVersion: apiVersionOf(type), metadata: {}, items } };
}

const propagationPolicies = ['Background', 'Foreground', 'Orphan'] as const;
type PropagationPolicy = (typeof propagationPolicies)[number];

/** DeleteOptions in the body, or as query parameters. @throws ApiError Invalid */
export function deleteOptions(call: ResourceCall, body: unknown = call.body): DeleteOptions {
  const { query } = call;
  const gracePeriodSeconds = valueAt(body, 'gracePeriodSeconds') ?? query.get('gracePeriodSeconds') ?? undefined;
  const policy = stringAt(body, 'propagationPolicy') ?? query.get('propagationPolicy') ?? undefined;
  if (policy !== undefined && !isPropagationPolicy(policy)) {
    const message = `propagationPolicy: "${policy}" must be Background, Foreground or Orphan`;
    throw new ApiError(422, 'Invalid', message);
  }
  const uid = stringAt(body, 'preconditions', 'uid');
  const resourceVersion = stringAt(body, 'preconditions', 'resourceVersion');
  return {
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds: Number(gracePeriodSeconds) }),
    ...(policy && { propagationPolicy: policy }),
    preconditions: { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) },
    dryRun: isDryRun(call),
  };
}

function isPropagationPolicy(text: string): text is PropagationPolicy {
  return propagationPolicies.some((policy) => policy === text);
}

function deletedStatus({ type }: ResourceCall, { metadata }: KubeObject): object {
  const { name, uid } = metadata;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...(type.group && { group: type.group }), kind: type.plural, uid },
    message: `${qualifiedName(type)} "${name}" deleted`,
  };
}
