/** What a request's method and URL ask for. */
import { ApiError, unknownPath } from '../apimachinery/errors.ts';
import type { ResourceType } from '../apimachinery/resource-type.ts';
import type { Registry } from '../storage/registry.ts';

export interface ResourceRequest {
  readonly verb: string;
  readonly type: ResourceType;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

const verbsByMethod: Readonly<Record<string, readonly [ofObject: string, ofCollection: string]>> = {
  GET: ['get', 'list'],
  POST: ['create', 'create'],
  PUT: ['update', 'update'],
  PATCH: ['patch', 'patch'],
  DELETE: ['delete', 'deletecollection'],
};

/** undefined for a path that is not about resources. @throws ApiError NotFound for a resource that is not served */
export function parseResourceRequest(method: string, url: URL, registry: Registry): ResourceRequest | undefined {
  const segments = url.pathname.split('/').filter(Boolean).map(decodeURIComponent);
  const isCore = segments[0] === 'api';
  if (!isCore && segments[0] !== 'apis') return undefined;
  const [group, version, ...rest] = isCore ? ['', ...segments.slice(1)] : segments.slice(1);
  if (rest.length === 0) return undefined;
  const path = splitNamespace(rest);
  const type = registry.byPlural(group!, version!, path.plural);
  if (type === undefined || (type.namespaced && !path.namespace && path.name)) throw unknownPath();
  const verbs = verbsByMethod[method];
  if (verbs === undefined) throw new ApiError(405, 'MethodNotAllowed', `${method} is not supported`);
  const isWatch = ['true', '1'].includes(url.searchParams.get('watch') ?? '');
  const verb = path.name ? verbs[0] : isWatch && method === 'GET' ? 'watch' : verbs[1];
  const name = path.name ?? (method === 'POST' ? undefined : selectedName(url));
  return {
    verb,
    type,
    ...(path.namespace && { namespace: path.namespace }),
    ...(name && { name }),
    ...(path.subresource && { subresource: path.subresource }),
  };
}

/**
 * A collection of which one name is selected is authorized like that object.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources
 */
function selectedName(url: URL): string | undefined {
  const requirements = (url.searchParams.get('fieldSelector') ?? '').split(',');
  return requirements.map((requirement) => /^metadata\.name==?(.+)$/.exec(requirement)?.[1]).find(Boolean);
}

interface ResourcePath {
  readonly plural: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

function splitNamespace(segments: readonly string[]): ResourcePath {
  // namespaces/<name>/status is about the namespace itself, namespaces/<name>/pods is inside it.
  const isInNamespace =
    segments[0] === 'namespaces' && segments.length > 2 && !['status', 'finalize'].includes(segments[2]!);
  const [plural, name, subresource] = isInNamespace ? segments.slice(2) : segments;
  return {
    plural: plural!,
    ...(isInNamespace && { namespace: segments[1]! }),
    ...(name && { name }),
    ...(subresource && { subresource }),
  };
}
