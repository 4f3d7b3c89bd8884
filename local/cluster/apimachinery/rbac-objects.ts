/** Roles and bindings in short form, for the components that create some. */
import type { ClusterRole, PolicyRule, RoleBinding } from './kinds.ts';
import type { NewObject } from './object.ts';

const apiGroup = 'rbac.authorization.k8s.io';

/** A rule about resources of one API group. */
export function policyRule(group: string, resources: readonly string[], verbs: readonly string[]): PolicyRule {
  return { apiGroups: [group], resources: [...resources], verbs: [...verbs] };
}

export function clusterRole(name: string, rules: readonly PolicyRule[]): NewObject<ClusterRole> {
  return { metadata: { name }, rules: [...rules] };
}

/** A binding of a ClusterRole to groups. */
export function clusterRoleBinding(name: string, role: string, groups: readonly string[]): NewObject<RoleBinding> {
  return {
    metadata: { name },
    roleRef: { apiGroup, kind: 'ClusterRole', name: role },
    subjects: groups.map((group) => ({ apiGroup, kind: 'Group', name: group })),
  };
}
