/** Questions a user may ask about itself: who am I, may I. */

import { methodNotAllowed } from '../apimachinery/errors.ts';
import { isAllowed } from './auth/rbac.ts';
import type { Answer, ApiParts, ResourceCall } from './call.ts';

export function answerVirtual({ objects }: ApiParts, { type, verb, user, body }: ResourceCall): Answer {
  if (verb !== 'create') throw methodNotAllowed();
  const header = { kind: type.kind, apiVersion: `${type.group}/${type.version}`, metadata: {} };
  if (type.kind === 'SelfSubjectReview') {
    return { code: 201, body: { ...header, status: { userInfo: { username: user.name, groups: user.groups } } } };
  }
  const { resourceAttributes, nonResourceAttributes } = body?.spec ?? {};
  const allowed = isAllowed(
    objects,
    user,
    nonResourceAttributes
      ? { verb: nonResourceAttributes.verb, path: nonResourceAttributes.path }
      : {
          verb: resourceAttributes?.verb ?? '',
          group: resourceAttributes?.group ?? '',
          resource: [resourceAttributes?.resource, resourceAttributes?.subresource].filter(Boolean).join('/'),
          namespace: resourceAttributes?.namespace ?? '',
          name: resourceAttributes?.name ?? '',
        },
  );
  return { code: 201, body: { ...header, spec: body?.spec, status: { allowed } } };
}
