/** PATCH of a whole object: server-side apply or one of the three patch formats. */

import { badRequest } from '../apimachinery/errors.ts';
import { isRecord, type KubeObject, type Open } from '../apimachinery/object.ts';
import { recordUpdate } from './apply/managed-fields.ts';
import { applyPatch } from './apply/patch.ts';
import { applyConfiguration } from './apply/server-side-apply.ts';
import { type Answer, type ApiParts, isDryRun, type ResourceCall } from './call.ts';
import { objectOf, replaceContent } from './resource-verbs.ts';

export const applyContentType = 'application/apply-patch+yaml';

export function patchObject(parts: ApiParts, call: ResourceCall): Answer {
  if (call.contentType === applyContentType) return applyObject(parts, call);
  const { type, namespace, name } = call;
  const body = parts.objects.update(
    type,
    namespace,
    name!,
    (draft) => {
      const patched = applyPatch(call.contentType, draft, call.body);
      // Only a version that the patch itself names is a precondition; the draft's own is the current one.
      replaceContent(draft, patched, call);
    },
    { dryRun: isDryRun(call) },
  );
  return { code: 200, body };
}

function applyObject({ objects }: ApiParts, call: ResourceCall): Answer {
  const { type, namespace, name } = call;
  const manager = call.query.get('fieldManager');
  if (!manager)
    throw badRequest(
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
  const configuration = objectOf(call);
  if (configuration.metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil');
  if (type.subresources.includes('status')) delete configuration.status;
  const request = { manager, force: call.query.get('force') === 'true' };
  const options = { dryRun: isDryRun(call) };
  if (objects.find(type, namespace, name!)) {
    const change = (draft: KubeObject) => takeOver(draft, applyConfiguration(draft, configuration, request));
    return { code: 200, body: objects.update(type, namespace, name!, change, options) };
  }
  const metadata = { name: name!, ...(namespace && { namespace }) };
  const empty = { apiVersion: configuration.apiVersion, kind: configuration.kind, metadata } as KubeObject;
  return { code: 201, body: objects.create(type, applyConfiguration(empty, configuration, request), options) };
}

function takeOver(draft: KubeObject, next: KubeObject): void {
  for (const key of Object.keys(draft)) delete draft[key];
  Object.assign(draft, next);
}

/** PATCH of one subresource's part of the object. */
export function patchPart(call: ResourceCall, draft: KubeObject, part: 'status'): void {
  const before = { ...draft };
  const next: Open =
    call.contentType === applyContentType
      ? applyConfiguration(draft, onlyPart(objectOf(call), part), {
          manager: call.manager,
          force: call.query.get('force') === 'true',
          subresource: part,
        })
      : applyPatch(call.contentType, draft, call.body);
  draft[part] = next[part];
  if (call.contentType === applyContentType) draft.metadata.managedFields = next.metadata.managedFields;
  else recordUpdate(draft, before, call.manager, part);
}

function onlyPart(configuration: Open, part: string): Open {
  const { apiVersion, kind, metadata } = configuration;
  const value = configuration[part];
  if (!isRecord(value)) throw badRequest(`${part}: is missing in the applied configuration`);
  return { apiVersion, kind, metadata: { name: metadata.name, namespace: metadata.namespace }, [part]: value };
}
