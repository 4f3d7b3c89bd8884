/** Access reviews: a user asks who it is and what it may do. */
import { methodNotAllowed } from '../apimachinery/errors.ts';
import { objectAt, stringAt, valueAt } from '../apimachinery/json.ts';
import { apiVersionOf } from '../apimachinery/resource-type.ts';
import { isAllowed } from './auth/rbac.ts';
import type { ApiResponse, HandlerDependencies, ResourceCall } from './call.ts';

export function handleReview({ objects }: HandlerDependencies, { type, verb, user, body }: ResourceCall): ApiResponse {
  if (verb !== 'create') throw methodNotAllowed();
  const header = { kind: type.kind, apiVersion: apiVersionOf(type), metadata: {} };
  if (type.kind === 'SelfSubjectReview') {
    return { code: 201, body: { ...header, status: { userInfo: { username: user.name, groups: user.groups } } } };
  }
  const spec = objectAt(body, 'spec');
  const allowed = isAllowed(objects, user, attributesOf(spec));
  return { code: 201, body: { ...header, spec, status: { allowed } } };
}

function attributesOf(spec: unknown): Parameters<typeof isAllowed>[2] {
  const nonResource = valueAt(spec, 'nonResourceAttributes');
  if (nonResource) return { verb: stringAt(nonResource, 'verb') ?? '', path: stringAt(nonResource, 'path') ?? '' };
  const field = (name: string): string => stringAt(spec, 'resourceAttributes', name) ?? '';
  return {
    verb: field('verb'),
    group: field('group'),
    resource: [field('resource'), field('subresource')].filter(Boolean).join('/'),
    namespace: field('namespace'),
    name: field('name'),
  };
}
