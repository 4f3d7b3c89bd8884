/** status, scale, eviction, token, binding, finalize and approval. (log is a stream: see log-stream.ts.) */

import { types } from '../apimachinery/builtin-types.ts';
import { ApiError, badRequest, methodNotAllowed, unknownPath } from '../apimachinery/errors.ts';
import type { KubeObject, Open } from '../apimachinery/object.ts';
import type { Subresource } from '../apimachinery/resource-type.ts';
import { recordUpdate } from './apply/managed-fields.ts';
import { applyPatch } from './apply/patch.ts';
import { type Answer, type ApiParts, isDryRun, type ResourceCall } from './call.ts';
import { evict } from './eviction.ts';
import { patchPart } from './patch-verb.ts';

export async function answerSubresource(parts: ApiParts, call: ResourceCall): Promise<Answer> {
  if (!call.type.subresources.includes(call.subresource as Subresource)) throw unknownPath();
  switch (call.subresource) {
    case 'status':
    case 'approval':
      return status(parts, call);
    case 'scale':
      return scale(parts, call);
    case 'eviction':
      evict(parts.objects, call.namespace!, call.name!, call.body?.deleteOptions ?? {}, isDryRun(call));
      return { code: 201, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };
    case 'token':
      return { code: 201, body: await requestToken(parts, call) };
    case 'binding':
      parts.objects.update(call.type, call.namespace, call.name!, (draft) => {
        draft.spec.nodeName = call.body.target.name;
      });
      return { code: 201, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };
    case 'finalize':
      return {
        code: 200,
        body: parts.objects.update(call.type, undefined, call.name!, (draft) => {
          draft.spec.finalizers = call.body?.spec?.finalizers ?? [];
        }),
      };
    default:
      throw unknownPath();
  }
}

function status({ objects }: ApiParts, call: ResourceCall): Answer {
  const { type, namespace, name, verb } = call;
  if (verb === 'get') return { code: 200, body: objects.get(type, namespace, name!) };
  const change = (draft: KubeObject) => {
    if (verb === 'patch') return patchPart(call, draft, 'status');
    if (verb !== 'update') throw methodNotAllowed();
    const before = { ...draft };
    if (call.body?.metadata?.resourceVersion) draft.metadata.resourceVersion = call.body.metadata.resourceVersion;
    draft.status = call.body?.status;
    recordUpdate(draft, before, call.manager, 'status');
  };
  return {
    code: 200,
    body: objects.update(type, namespace, name!, change, { subresource: 'status', dryRun: isDryRun(call) }),
  };
}

function scale({ objects }: ApiParts, call: ResourceCall): Answer {
  const { type, namespace, name, verb } = call;
  if (verb === 'get') return { code: 200, body: scaleOf(objects.get(type, namespace, name!)) };
  const change = (draft: KubeObject) => {
    const before = { ...draft, spec: { ...draft.spec } };
    const wanted = verb === 'patch' ? applyPatch(call.contentType, scaleOf(draft), call.body) : call.body;
    const replicas = wanted?.spec?.replicas;
    if (!Number.isInteger(replicas) || replicas < 0) {
      throw new ApiError(
        422,
        'Invalid',
        `Scale.autoscaling "${name}" is invalid: spec.replicas: Invalid value: ${replicas}: must be greater than or equal to 0`,
      );
    }
    if (wanted.metadata?.resourceVersion) draft.metadata.resourceVersion = wanted.metadata.resourceVersion;
    draft.spec.replicas = replicas;
    recordUpdate(draft, before, call.manager, 'scale');
  };
  return { code: 200, body: scaleOf(objects.update(type, namespace, name!, change, { dryRun: isDryRun(call) })) };
}

function scaleOf({ metadata, spec, status }: KubeObject): Open {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  const labels = Object.entries(spec.selector?.matchLabels ?? {});
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: spec.replicas ?? 0 },
    status: { replicas: status?.replicas ?? 0, selector: labels.map(([key, value]) => `${key}=${value}`).join(',') },
  };
}

/** Tokens for a pod live at least ten minutes, as the API server demands. */
const shortestTokenSeconds = 600;

async function requestToken({ objects, tokens }: ApiParts, call: ResourceCall): Promise<object> {
  const account = objects.get(types.serviceAccounts, call.namespace, call.name!);
  const { audiences = [], expirationSeconds = 3600, boundObjectRef } = call.body?.spec ?? {};
  if (expirationSeconds < shortestTokenSeconds) {
    throw badRequest(
      `spec.expirationSeconds: Invalid value: ${expirationSeconds}: may not specify a duration less than 10 minutes`,
    );
  }
  const { token, expiresAt } = await tokens.issue({
    namespace: call.namespace!,
    serviceAccount: { name: account.metadata.name, uid: account.metadata.uid },
    audiences,
    expirationSeconds,
    ...(boundObjectRef?.kind === 'Pod' && { pod: { name: boundObjectRef.name, uid: boundObjectRef.uid } }),
  });
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name: call.name, namespace: call.namespace },
    spec: { audiences, expirationSeconds },
    status: { token, expirationTimestamp: expiresAt.toISOString() },
  };
}
