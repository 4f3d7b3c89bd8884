/** PATCH: server-side apply, or one of the three patch formats. */
import { badRequest } from '../apimachinery/errors.ts';
import { isJsonObject, objectAt } from '../apimachinery/json.ts';
import type { KubeObject } from '../apimachinery/object.ts';
import { recordUpdate } from './apply/managed-fields.ts';
import { applyPatch } from './apply/patch.ts';
import { applyConfiguration } from './apply/server-side-apply.ts';
import { type ApiResponse, type HandlerDependencies, isDryRun, type ResourceCall } from './call.ts';
import { replaceContent, replaceFields, requestedObject } from './request-object.ts';

const applyContentType = 'application/apply-patch+yaml';

export function isApply({ contentType }: ResourceCall): boolean {
  return contentType === applyContentType;
}

/** PATCH of a whole object. */
export function patchObject({ objects }: Pick<HandlerDependencies, 'objects'>, call: ResourceCall): ApiResponse {
  if (isApply(call)) return applyObject({ objects }, call);
  const change = (draft: KubeObject): void => replaceContent(draft, patched(call, draft), call);
  return {
    code: 200,
    body: objects.update(call.type, call.namespace, call.name!, change, { dryRun: isDryRun(call) }),
  };
}

/** @throws ApiError BadRequest when the patch leaves no object */
function patched(call: ResourceCall, object: KubeObject): KubeObject {
  const result = applyPatch(call.contentType, object, call.body);
  if (!isJsonObject(result) || !objectAt(result, 'metadata'))
    throw badRequest('the patch leaves no object with metadata');
  // The rest of the header is restored when the object is stored.
  return result as KubeObject;
}

function applyObject({ objects }: Pick<HandlerDependencies, 'objects'>, call: ResourceCall): ApiResponse {
  const { type, namespace } = call;
  const name = call.name!;
  const manager = call.query.get('fieldManager');
  if (!manager) {
    const rule = 'fieldManager: Required value: is required for apply patch';
    throw badRequest(`PatchOptions.meta.k8s.io "" is invalid: ${rule}`);
  }
  const configuration = requestedObject(call);
  if (configuration.metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil');
  if (type.subresources.includes('status')) delete configuration['status'];
  const request = { manager, force: isForced(call) };
  const options = { dryRun: isDryRun(call) };
  if (objects.find(type, namespace, name)) {
    const change = (draft: KubeObject) => replaceFields(draft, applyConfiguration(draft, configuration, request));
    return { code: 200, body: objects.update(type, namespace, name, change, options) };
  }
  const { apiVersion, kind } = configuration;
  // The server adds the rest of the metadata when it stores the object.
  const empty = { apiVersion, kind, metadata: { name, ...(namespace && { namespace }) } } as KubeObject;
  return { code: 201, body: objects.create(type, applyConfiguration(empty, configuration, request), options) };
}

function isForced({ query }: ResourceCall): boolean {
  return query.get('force') === 'true';
}

/** PATCH of the status subresource: changes the draft's status and who manages it. */
export function patchStatus(call: ResourceCall, draft: KubeObject): void {
  const before = { ...draft };
  if (!isApply(call)) {
    draft['status'] = patched(call, draft)['status'];
    recordUpdate(draft, before, call.manager, 'status');
    return;
  }
  const configuration = statusConfiguration(requestedObject(call));
  const request = { manager: call.manager, force: isForced(call), subresource: 'status' };
  const { metadata, status } = applyConfiguration(draft, configuration, request);
  draft['status'] = status;
  if (metadata.managedFields) draft.metadata.managedFields = metadata.managedFields;
  else delete draft.metadata.managedFields;
}

/** What of a configuration concerns the status. @throws ApiError BadRequest without a status */
function statusConfiguration({ apiVersion, kind, metadata, status }: KubeObject): KubeObject {
  if (!isJsonObject(status)) throw badRequest('status: is missing in the applied configuration');
  const { name, namespace } = metadata;
  return { apiVersion, kind, metadata: { name, ...(namespace && { namespace }) }, status } as unknown as KubeObject;
}
