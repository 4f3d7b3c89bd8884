/** What the API server itself creates in a new cluster: namespaces, RBAC, priority classes, the Service `kubernetes`. */
import { types } from '../apimachinery/builtin-types.ts';
import { addressAt, type Cidr } from '../apimachinery/cidr.ts';
import type { Client } from '../client/client.ts';
import { bootstrapClusterRoleBindings, bootstrapClusterRoles } from './auth/bootstrap-roles.ts';

const systemNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];
const systemPriorities = { 'system-cluster-critical': 2_000_000_000, 'system-node-critical': 2_000_001_000 };

export function createApiServerObjects(client: Client, options: { serviceCidr: Cidr; port: number }): void {
  for (const name of systemNamespaces) client.create(types.namespaces, { metadata: { name } });
  for (const role of bootstrapClusterRoles) client.create(types.clusterRoles, withLabel(role));
  for (const binding of bootstrapClusterRoleBindings) client.create(types.clusterRoleBindings, withLabel(binding));
  for (const [name, value] of Object.entries(systemPriorities)) {
    client.create(types.priorityClasses, { metadata: { name }, value });
  }
  client.create(types.services, {
    metadata: { name: 'kubernetes', namespace: 'default' },
    spec: {
      clusterIP: addressAt(options.serviceCidr, 1),
      ports: [{ name: 'https', port: 443, targetPort: options.port }],
    },
  });
}

function withLabel<T extends { readonly metadata: object }>(object: T): T {
  const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
  return { ...object, metadata: { ...object.metadata, labels } };
}
