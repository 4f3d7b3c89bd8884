/** The object in the body of a request, and what becomes of the stored object. */
import { badRequest } from '../apimachinery/errors.ts';
import { isJsonObject, stringAt } from '../apimachinery/json.ts';
import type { KubeObject } from '../apimachinery/object.ts';
import { apiVersionOf } from '../apimachinery/resource-type.ts';
import { recordUpdate } from './apply/managed-fields.ts';
import type { ResourceCall } from './call.ts';

/** @throws ApiError BadRequest for a body that is not of the kind, namespace and name that the URL says */
export function requestedObject({ type, namespace, name, body }: ResourceCall): KubeObject {
  if (!isJsonObject(body)) throw badRequest('the request has no object in its body');
  const apiVersion = apiVersionOf(type);
  if ((body['kind'] ?? type.kind) !== type.kind || (body['apiVersion'] ?? apiVersion) !== apiVersion) {
    throw badRequest(
      `${body['apiVersion']}/${body['kind']} in the body does not match ${apiVersion}/${type.kind} of the URL`,
    );
  }
  const metadata = isJsonObject(body['metadata']) ? body['metadata'] : {};
  if (namespace && (stringAt(metadata, 'namespace') ?? namespace) !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (name && (stringAt(metadata, 'name') ?? name) !== name) {
    throw badRequest(`the name of the object (${metadata['name']}) does not match the name on the URL (${name})`);
  }
  const header = {
    apiVersion,
    kind: type.kind,
    metadata: { ...metadata, ...(namespace && { namespace }), ...(name && { name }) },
  };
  // The header may lack what the server adds when it stores the object (uid, resourceVersion, ...).
  return { ...body, ...header } as KubeObject;
}

/** Replaces the object's content; `status` is kept when the type has a status subresource. */
export function replaceContent(draft: KubeObject, next: KubeObject, { type, manager }: ResourceCall): void {
  const before = { ...draft };
  const { status } = draft;
  replaceFields(draft, next);
  if (type.subresources.includes('status')) {
    if (status === undefined) delete draft['status'];
    else draft['status'] = status;
  }
  recordUpdate(draft, before, manager);
}

/** Gives `draft` the fields of `next` and no others. */
export function replaceFields(draft: KubeObject, next: KubeObject): void {
  for (const key of Object.keys(draft)) delete draft[key];
  Object.assign(draft, next);
}
