/** Role-based access control: what the cluster's roles and bindings allow. Nothing is allowed by default. */
import { types } from '#local/cluster/apimachinery/builtin-types.ts';
import { ApiError } from '#local/cluster/apimachinery/errors.ts';
import type { PolicyRule, RoleBinding } from '#local/cluster/apimachinery/kinds.ts';
import { qualifiedName } from '#local/cluster/apimachinery/resource-type.ts';
import type { Client } from '#local/cluster/client/client.ts';
import type { User } from './authentication.ts';

export interface ResourceAttributes {
  readonly verb: string;
  readonly group: string;
  /** 'pods', or 'pods/log' for a subresource. */
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
}

export interface NonResourceAttributes {
  readonly verb: string;
  readonly path: string;
}

type Attributes = ResourceAttributes | NonResourceAttributes;

/** @throws ApiError Forbidden */
export function authorize(client: Client, user: User, attributes: Attributes): void {
  if (!isAllowed(client, user, attributes)) throw forbiddenError(user, attributes);
}

export function isAllowed(client: Client, user: User, attributes: Attributes): boolean {
  if (user.groups.includes('system:masters')) return true;
  const namespace = 'resource' in attributes ? attributes.namespace : undefined;
  const bindings = [
    ...client.list(types.clusterRoleBindings),
    ...(namespace ? client.list(types.roleBindings, namespace) : []),
  ];
  return bindings
    .filter((binding) => isSubject(binding, user))
    .some((binding) => rulesOf(client, binding).some((rule) => allows(rule, attributes)));
}

function isSubject({ subjects = [], metadata }: RoleBinding, user: User): boolean {
  return subjects.some(({ kind, name, namespace = metadata.namespace }) => {
    if (kind === 'User') return name === user.name;
    if (kind === 'Group') return user.groups.includes(name);
    return user.name === `system:serviceaccount:${namespace}:${name}`;
  });
}

function rulesOf(client: Client, { roleRef, metadata }: RoleBinding): readonly PolicyRule[] {
  const role =
    roleRef.kind === 'ClusterRole'
      ? client.find(types.clusterRoles, undefined, roleRef.name)
      : client.find(types.roles, metadata.namespace, roleRef.name);
  return role?.rules ?? [];
}

function allows(rule: PolicyRule, attributes: Attributes): boolean {
  if (!includes(rule.verbs, attributes.verb)) return false;
  if ('path' in attributes) {
    return (rule.nonResourceURLs ?? []).some((pattern) =>
      pattern.endsWith('*') ? attributes.path.startsWith(pattern.slice(0, -1)) : attributes.path === pattern,
    );
  }
  const { group, resource, name } = attributes;
  const [, subresource] = resource.split('/');
  const isResource =
    includes(rule.resources, resource) ||
    (subresource !== undefined && (rule.resources ?? []).includes(`*/${subresource}`));
  const names = rule.resourceNames ?? [];
  const isNamed = names.length === 0 || (name !== undefined && names.includes(name));
  return includes(rule.apiGroups, group) && isResource && isNamed;
}

function includes(list: readonly string[] | undefined = [], value: string): boolean {
  return list.some((item) => item === '*' || item === value);
}

function forbiddenError(user: User, attributes: Attributes): ApiError {
  const action = `User "${user.name}" cannot ${attributes.verb}`;
  if ('path' in attributes) {
    return new ApiError(403, 'Forbidden', `forbidden: ${action} path "${attributes.path}"`);
  }
  const { group, resource, namespace, name } = attributes;
  const plural = resource.split('/')[0]!;
  const qualified = qualifiedName({ plural, group });
  const subject = name ? `${qualified} "${name}"` : qualified;
  const scope = namespace ? `in the namespace "${namespace}"` : 'at the cluster scope';
  const message = `${subject} is forbidden: ${action} resource "${resource}" in API group "${group}" ${scope}`;
  return new ApiError(403, 'Forbidden', message, { ...(name && { name }), ...(group && { group }), kind: plural });
}
