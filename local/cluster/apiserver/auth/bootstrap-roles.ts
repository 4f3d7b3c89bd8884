/** Roles and bindings every cluster is born with, and those kubeadm adds. */
import type { NewObject, Open } from '#local/cluster/apimachinery/object.ts';

const all = ['*'];
const reading = ['get', 'list', 'watch'];
const writing = ['create', 'update', 'patch', 'delete', 'deletecollection'];
const rbac = 'rbac.authorization.k8s.io';

/** Namespaced resources that the roles admin, edit and view are about, by group. */
const userResources: Readonly<Record<string, readonly string[]>> = {
  '': [
    ...['configmaps', 'endpoints', 'events', 'persistentvolumeclaims', 'pods', 'pods/log', 'pods/status'],
    ...['replicationcontrollers', 'services', 'serviceaccounts', 'services/status', 'limitranges', 'resourcequotas'],
  ],
  apps: all,
  batch: all,
  autoscaling: all,
  policy: ['poddisruptionbudgets', 'poddisruptionbudgets/status'],
  'networking.k8s.io': ['ingresses', 'ingresses/status', 'networkpolicies'],
  'discovery.k8s.io': ['endpointslices'],
};

function userRules(verbs: readonly string[]): Open[] {
  return Object.entries(userResources).map(([group, resources]) => rule(group, resources, verbs));
}

function rule(group: string, resources: readonly string[], verbs: readonly string[]): Open {
  return { apiGroups: [group], resources, verbs };
}

const view = [
  ...userRules(reading),
  rule('', ['namespaces'], reading),
  // What metrics-server's own manifest adds.
  rule('metrics.k8s.io', ['pods', 'nodes'], reading),
];
const edit = [
  ...view,
  ...userRules(writing),
  rule('', ['secrets'], [...reading, ...writing]),
  rule('', ['pods/eviction', 'serviceaccounts/token'], ['create']),
];
const admin = [...edit, rule(rbac, ['roles', 'rolebindings'], [...reading, ...writing])];

const clusterRoles: Readonly<Record<string, readonly Open[]>> = {
  'cluster-admin': [rule('*', all, all), { nonResourceURLs: all, verbs: all }],
  admin,
  edit,
  view,
  'system:discovery': [
    {
      nonResourceURLs: [
        '/api',
        '/api/*',
        '/apis',
        '/apis/*',
        '/healthz',
        '/livez',
        '/openapi',
        '/openapi/*',
        '/readyz',
        '/version',
        '/version/',
      ],
      verbs: ['get'],
    },
  ],
  'system:public-info-viewer': [
    { nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'], verbs: ['get'] },
  ],
  'system:service-account-issuer-discovery': [
    { nonResourceURLs: ['/.well-known/openid-configuration', '/openid/v1/jwks'], verbs: ['get'] },
  ],
  'system:basic-user': [
    rule('authorization.k8s.io', ['selfsubjectaccessreviews'], ['create']),
    rule('authentication.k8s.io', ['selfsubjectreviews'], ['create']),
  ],
  'system:node': [
    rule('', ['nodes', 'nodes/status'], ['create', 'get', 'list', 'watch', 'update', 'patch']),
    rule('', ['pods'], [...reading, 'create', 'delete']),
    rule('', ['pods/status', 'events'], ['create', 'update', 'patch']),
    rule('', ['pods/eviction', 'serviceaccounts/token'], ['create']),
    rule('', ['configmaps', 'secrets', 'services', 'persistentvolumes', 'persistentvolumeclaims'], reading),
    rule('coordination.k8s.io', ['leases'], ['create', 'get', 'update', 'patch', 'delete']),
  ],
  'kubeadm:get-nodes': [rule('', ['nodes'], ['get'])],
  'system:node-bootstrapper': [
    rule('certificates.k8s.io', ['certificatesigningrequests'], ['create', 'get', 'list', 'watch']),
  ],
};

const nodeTokens = 'system:bootstrappers:kubeadm:default-node-token';
const clusterBindings: Readonly<Record<string, readonly [role: string, groups: readonly string[]]>> = {
  'cluster-admin': ['cluster-admin', ['system:masters']],
  'kubeadm:cluster-admins': ['cluster-admin', ['kubeadm:cluster-admins']],
  'system:discovery': ['system:discovery', ['system:authenticated']],
  'system:public-info-viewer': ['system:public-info-viewer', ['system:authenticated', 'system:unauthenticated']],
  'system:basic-user': ['system:basic-user', ['system:authenticated']],
  'system:service-account-issuer-discovery': ['system:service-account-issuer-discovery', ['system:serviceaccounts']],
  // Real clusters ask the node authorizer, which also looks at which node; the group is enough here.
  'system:node': ['system:node', ['system:nodes']],
  'kubeadm:get-nodes': ['kubeadm:get-nodes', [nodeTokens]],
  'kubeadm:kubelet-bootstrap': ['system:node-bootstrapper', [nodeTokens]],
};

export const bootstrapRoles: readonly NewObject[] = [
  ...Object.entries(clusterRoles).map(([name, rules]) => ({ ...header('ClusterRole', name), rules })),
  ...Object.entries(clusterBindings).map(([name, [role, groups]]) => ({
    ...header('ClusterRoleBinding', name),
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
    subjects: groups.map(group),
  })),
  {
    ...header('Role', 'kubeadm:bootstrap-signer-clusterinfo', 'kube-public'),
    rules: [{ ...rule('', ['configmaps'], ['get']), resourceNames: ['cluster-info'] }],
  },
  {
    ...header('RoleBinding', 'kubeadm:bootstrap-signer-clusterinfo', 'kube-public'),
    roleRef: { apiGroup: rbac, kind: 'Role', name: 'kubeadm:bootstrap-signer-clusterinfo' },
    subjects: [{ apiGroup: rbac, kind: 'User', name: 'system:anonymous' }],
  },
];

function header(kind: string, name: string, namespace?: string): NewObject {
  const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
  return { apiVersion: `${rbac}/v1`, kind, metadata: { name, labels, ...(namespace && { namespace }) } };
}

function group(name: string): Open {
  return { apiGroup: rbac, kind: 'Group', name };
}
