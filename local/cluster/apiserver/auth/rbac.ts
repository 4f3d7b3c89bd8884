/** Role-based access control: bindings and roles of the cluster decide; nothing is allowed by default. */
import { types } from '#local/cluster/apimachinery/builtin-types.ts';
import { ApiError } from '#local/cluster/apimachinery/errors.ts';
import type { Open } from '#local/cluster/apimachinery/object.ts';
import type { Objects } from '#local/cluster/storage/objects.ts';
import type { User } from './authentication.ts';

export interface ResourceAttributes {
  readonly verb: string;
  readonly group: string;
  /** 'pods', or 'pods/log' for a subresource. */
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
}

export interface PathAttributes {
  readonly verb: string;
  readonly path: string;
}

/** @throws ApiError Forbidden in the API server's words */
export function authorize(objects: Objects, user: User, attributes: ResourceAttributes | PathAttributes): void {
  if (!isAllowed(objects, user, attributes)) throw denied(user, attributes);
}

export function isAllowed(objects: Objects, user: User, attributes: ResourceAttributes | PathAttributes): boolean {
  if (user.groups.includes('system:masters')) return true;
  const namespace = 'resource' in attributes ? attributes.namespace : undefined;
  const clusterWide = objects.list(types.clusterRoleBindings).filter((binding) => isSubject(binding, user));
  const local = namespace
    ? objects.list(types.roleBindings, namespace).filter((binding) => isSubject(binding, user))
    : [];
  return [...clusterWide, ...local].some((binding) =>
    rulesOf(objects, binding).some((rule) => ruleAllows(rule, attributes)),
  );
}

function isSubject(binding: Open, user: User): boolean {
  return (binding.subjects ?? []).some((subject: Open) => {
    if (subject.kind === 'User') return subject.name === user.name;
    if (subject.kind === 'Group') return user.groups.includes(subject.name);
    const namespace = subject.namespace ?? binding.metadata.namespace;
    return user.name === `system:serviceaccount:${namespace}:${subject.name}`;
  });
}

function rulesOf(objects: Objects, { roleRef, metadata }: Open): Open[] {
  const role =
    roleRef.kind === 'ClusterRole'
      ? objects.find(types.clusterRoles, undefined, roleRef.name)
      : objects.find(types.roles, metadata.namespace, roleRef.name);
  return role?.['rules'] ?? [];
}

function ruleAllows(rule: Open, attributes: ResourceAttributes | PathAttributes): boolean {
  if (!has(rule.verbs, attributes.verb)) return false;
  if ('path' in attributes) {
    return (rule.nonResourceURLs ?? []).some((pattern: string) =>
      pattern.endsWith('*') ? attributes.path.startsWith(pattern.slice(0, -1)) : attributes.path === pattern,
    );
  }
  const subresource = attributes.resource.split('/')[1];
  const resource =
    has(rule.resources, attributes.resource) || (subresource && rule.resources?.includes(`*/${subresource}`));
  const named = !rule.resourceNames?.length || rule.resourceNames.includes(attributes.name);
  return Boolean(has(rule.apiGroups, attributes.group) && resource && named);
}

function has(list: readonly string[] | undefined, value: string): boolean {
  return list?.some((item) => item === '*' || item === value) ?? false;
}

function denied(user: User, attributes: ResourceAttributes | PathAttributes): ApiError {
  const who = `User "${user.name}" cannot ${attributes.verb}`;
  if ('path' in attributes) {
    return new ApiError(403, 'Forbidden', `forbidden: ${who} path "${attributes.path}"`);
  }
  const { group, resource, namespace, name } = attributes;
  const plural = resource.split('/')[0]!;
  const qualified = group ? `${plural}.${group}` : plural;
  const subject = name ? `${qualified} "${name}"` : qualified;
  const where = namespace ? `in the namespace "${namespace}"` : 'at the cluster scope';
  const message = `${subject} is forbidden: ${who} resource "${resource}" in API group "${group}" ${where}`;
  return new ApiError(403, 'Forbidden', message, { ...(name && { name }), ...(group && { group }), kind: plural });
}
