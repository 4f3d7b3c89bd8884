/** The roles and bindings that the API server creates in a new cluster. */
import type { PolicyRule } from '#local/cluster/apimachinery/kinds.ts';
import { clusterRole, clusterRoleBinding, policyRule } from '#local/cluster/apimachinery/rbac-objects.ts';

const all = ['*'];
const reading = ['get', 'list', 'watch'];
const writing = ['create', 'update', 'patch', 'delete', 'deletecollection'];

/** The namespaced resources of the roles admin, edit and view, by group. */
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

function userRules(verbs: readonly string[]): PolicyRule[] {
  return Object.entries(userResources).map(([group, resources]) => policyRule(group, resources, verbs));
}

const view = [
  ...userRules(reading),
  policyRule('', ['namespaces'], reading),
  // metrics-server's own manifest adds this rule in a real cluster.
  policyRule('metrics.k8s.io', ['pods', 'nodes'], reading),
];
const edit = [
  ...view,
  ...userRules(writing),
  policyRule('', ['secrets'], [...reading, ...writing]),
  policyRule('', ['pods/eviction', 'serviceaccounts/token'], ['create']),
];
const admin = [...edit, policyRule('rbac.authorization.k8s.io', ['roles', 'rolebindings'], [...reading, ...writing])];

const clusterRoles: Readonly<Record<string, readonly PolicyRule[]>> = {
  'cluster-admin': [policyRule('*', all, all), { nonResourceURLs: all, verbs: all }],
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
    policyRule('authorization.k8s.io', ['selfsubjectaccessreviews'], ['create']),
    policyRule('authentication.k8s.io', ['selfsubjectreviews'], ['create']),
  ],
  'system:node': [
    policyRule('', ['nodes', 'nodes/status'], ['create', 'get', 'list', 'watch', 'update', 'patch']),
    policyRule('', ['pods'], [...reading, 'create', 'delete']),
    policyRule('', ['pods/status', 'events'], ['create', 'update', 'patch']),
    policyRule('', ['pods/eviction', 'serviceaccounts/token'], ['create']),
    policyRule('', ['configmaps', 'secrets', 'services', 'persistentvolumes', 'persistentvolumeclaims'], reading),
    policyRule('coordination.k8s.io', ['leases'], ['create', 'get', 'update', 'patch', 'delete']),
  ],
  'system:node-bootstrapper': [
    policyRule('certificates.k8s.io', ['certificatesigningrequests'], ['create', 'get', 'list', 'watch']),
  ],
};

const clusterBindings: Readonly<Record<string, readonly [role: string, groups: readonly string[]]>> = {
  'cluster-admin': ['cluster-admin', ['system:masters']],
  'system:discovery': ['system:discovery', ['system:authenticated']],
  'system:public-info-viewer': ['system:public-info-viewer', ['system:authenticated', 'system:unauthenticated']],
  'system:basic-user': ['system:basic-user', ['system:authenticated']],
  'system:service-account-issuer-discovery': ['system:service-account-issuer-discovery', ['system:serviceaccounts']],
  // A real cluster has the node authorizer instead, which lets a kubelet read only what its own pods use.
  'system:node': ['system:node', ['system:nodes']],
};

export const bootstrapClusterRoles = Object.entries(clusterRoles).map(([name, rules]) => clusterRole(name, rules));

export const bootstrapClusterRoleBindings = Object.entries(clusterBindings).map(([name, [role, groups]]) =>
  clusterRoleBinding(name, role, groups),
);
