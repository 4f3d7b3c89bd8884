/** The subresources status, scale, eviction, token, binding, finalize and approval. log is a stream: see log-stream.ts. */
import { types } from '../apimachinery/builtin-types.ts';
import { badRequest, methodNotAllowed, unknownPath } from '../apimachinery/errors.ts';
import { listAt, numberAt, objectAt, stringAt, valueAt } from '../apimachinery/json.ts';
import type { KubeObject } from '../apimachinery/object.ts';
import type { Subresource } from '../apimachinery/resource-type.ts';
import { recordUpdate } from './apply/managed-fields.ts';
import { type ApiResponse, type HandlerDependencies, isDryRun, type ResourceCall } from './call.ts';
import { evictPod } from './eviction.ts';
import { patchStatus } from './patch-verb.ts';
import { deleteOptions } from './resource-verbs.ts';
import { handleScale } from './scale.ts';

const created: ApiResponse = {
  code: 201,
  body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
};

export async function handleSubresource(dependencies: HandlerDependencies, call: ResourceCall): Promise<ApiResponse> {
  const { objects } = dependencies;
  const { type, namespace, body, subresource } = call;
  const name = call.name!;
  if (!type.subresources.includes(subresource as Subresource)) throw unknownPath();
  switch (subresource) {
    case 'status':
    case 'approval':
      return handleStatus(dependencies, call);
    case 'scale':
      return handleScale(dependencies, call);
    case 'eviction':
      evictPod(objects, namespace!, name, deleteOptions(call, objectAt(body, 'deleteOptions') ?? {}));
      return created;
    case 'token':
      return { code: 201, body: await requestToken(dependencies, call) };
    case 'binding': {
      const nodeName = stringAt(body, 'target', 'name');
      if (!nodeName) throw badRequest('target.name: Required value');
      objects.update(types.pods, namespace, name, ({ spec }) => {
        spec.nodeName = nodeName;
      });
      return created;
    }
    case 'finalize': {
      const finalizers = listAt(body, 'spec', 'finalizers').map(String);
      const change = (draft: { spec: { finalizers?: string[] } }) => {
        draft.spec.finalizers = finalizers;
      };
      return { code: 200, body: objects.update(types.namespaces, undefined, name, change) };
    }
    default:
      throw unknownPath();
  }
}

function handleStatus({ objects }: HandlerDependencies, call: ResourceCall): ApiResponse {
  const { type, namespace, verb, body } = call;
  if (verb === 'get') return { code: 200, body: objects.get(type, namespace, call.name!) };
  const change = (draft: KubeObject): void => {
    if (verb === 'patch') {
      patchStatus(call, draft);
      return;
    }
    if (verb !== 'update') throw methodNotAllowed();
    const before = { ...draft };
    const resourceVersion = stringAt(body, 'metadata', 'resourceVersion');
    if (resourceVersion) draft.metadata.resourceVersion = resourceVersion;
    draft['status'] = valueAt(body, 'status');
    recordUpdate(draft, before, call.manager, 'status');
  };
  const options = { subresource: 'status' as const, dryRun: isDryRun(call) };
  return { code: 200, body: objects.update(type, namespace, call.name!, change, options) };
}

const defaultExpirationSeconds = 3600;

async function requestToken(dependencies: HandlerDependencies, call: ResourceCall): Promise<object> {
  const { namespace, name, body } = call;
  const audiences = listAt(body, 'spec', 'audiences').map(String);
  const expirationSeconds = numberAt(body, 'spec', 'expirationSeconds') ?? defaultExpirationSeconds;
  const boundObject = objectAt(body, 'spec', 'boundObjectRef');
  const pod = { name: stringAt(boundObject, 'name') ?? '', uid: stringAt(boundObject, 'uid') ?? '' };
  const { token, expiresAt } = await dependencies.requestToken({
    namespace: namespace!,
    serviceAccountName: name!,
    audiences,
    expirationSeconds,
    ...(boundObject?.['kind'] === 'Pod' && { pod }),
  });
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace },
    spec: { audiences, expirationSeconds },
    status: { token, expirationTimestamp: expiresAt.toISOString() },
  };
}
