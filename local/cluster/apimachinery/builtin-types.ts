/** The built-in resources: group/version, kind, scope, short names, subresources. */
import type {
  ApiService,
  ClusterRole,
  ConfigMap,
  CustomResourceDefinition,
  DaemonSet,
  Deployment,
  EndpointSlice,
  Endpoints,
  Event,
  HorizontalPodAutoscaler,
  Ingress,
  Lease,
  Namespace,
  NetworkPolicy,
  Node,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  PodMetrics,
  PriorityClass,
  ReplicaSet,
  Role,
  RoleBinding,
  Secret,
  SelfSubjectAccessReview,
  Service,
  ServiceAccount,
  StatefulSet,
} from './kinds.ts';
import type { KubeObject } from './object.ts';
import type { ResourceType, Subresource } from './resource-type.ts';

interface Extra {
  readonly plural?: string;
  readonly short?: readonly string[];
  readonly sub?: readonly Subresource[];
  readonly cluster?: true;
  readonly all?: true;
  readonly virtual?: true;
  readonly aggregated?: true;
}

function define<T extends KubeObject = KubeObject>(
  groupVersion: string,
  kind: string,
  extra: Extra = {},
): ResourceType<T> {
  const [group, version] = groupVersion.includes('/') ? groupVersion.split('/') : ['', groupVersion];
  // metrics-server declares no singular names.
  const singular = extra.aggregated ? '' : kind.toLowerCase();
  const plural = extra.plural ?? `${kind.toLowerCase()}s`;
  return {
    group: group!,
    version: version!,
    kind,
    plural,
    singular,
    namespaced: extra.cluster !== true,
    shortNames: extra.short ?? [],
    categories: extra.all ? ['all'] : [],
    subresources: extra.sub ?? [],
    storage: `${group}/${plural}`,
    virtual: extra.virtual === true,
    aggregated: extra.aggregated === true,
  };
}

const cluster = true;
const all = true;
const status: readonly Subresource[] = ['status'];
const scaled: readonly Subresource[] = ['status', 'scale'];
const virtual = { cluster, virtual: true } as const;

/** By the plural in camel case. */
export const types = {
  namespaces: define<Namespace>('v1', 'Namespace', { cluster, short: ['ns'], sub: ['status', 'finalize'] }),
  nodes: define<Node>('v1', 'Node', { cluster, short: ['no'], sub: status }),
  pods: define<Pod>('v1', 'Pod', { short: ['po'], sub: ['status', 'log', 'eviction', 'binding'], all }),
  services: define<Service>('v1', 'Service', { short: ['svc'], sub: status, all }),
  endpoints: define<Endpoints>('v1', 'Endpoints', { plural: 'endpoints', short: ['ep'] }),
  configMaps: define<ConfigMap>('v1', 'ConfigMap', { short: ['cm'] }),
  secrets: define<Secret>('v1', 'Secret'),
  serviceAccounts: define<ServiceAccount>('v1', 'ServiceAccount', { short: ['sa'], sub: ['token'] }),
  events: define<Event>('v1', 'Event', { short: ['ev'] }),
  replicationControllers: define('v1', 'ReplicationController', { short: ['rc'], sub: scaled, all }),
  limitRanges: define('v1', 'LimitRange', { short: ['limits'] }),
  resourceQuotas: define('v1', 'ResourceQuota', { short: ['quota'], sub: status }),
  podTemplates: define('v1', 'PodTemplate'),
  persistentVolumes: define('v1', 'PersistentVolume', { cluster, short: ['pv'], sub: status }),
  persistentVolumeClaims: define<PersistentVolumeClaim>('v1', 'PersistentVolumeClaim', { short: ['pvc'], sub: status }),
  deployments: define<Deployment>('apps/v1', 'Deployment', { short: ['deploy'], sub: scaled, all }),
  replicaSets: define<ReplicaSet>('apps/v1', 'ReplicaSet', { short: ['rs'], sub: scaled, all }),
  statefulSets: define<StatefulSet>('apps/v1', 'StatefulSet', { short: ['sts'], sub: scaled, all }),
  daemonSets: define<DaemonSet>('apps/v1', 'DaemonSet', { short: ['ds'], sub: status, all }),
  controllerRevisions: define('apps/v1', 'ControllerRevision'),
  jobs: define('batch/v1', 'Job', { sub: status, all }),
  cronJobs: define('batch/v1', 'CronJob', { short: ['cj'], sub: status, all }),
  podDisruptionBudgets: define<PodDisruptionBudget>('policy/v1', 'PodDisruptionBudget', {
    short: ['pdb'],
    sub: status,
  }),
  networkPolicies: define<NetworkPolicy>('networking.k8s.io/v1', 'NetworkPolicy', {
    plural: 'networkpolicies',
    short: ['netpol'],
  }),
  ingresses: define<Ingress>('networking.k8s.io/v1', 'Ingress', { plural: 'ingresses', short: ['ing'], sub: status }),
  ingressClasses: define('networking.k8s.io/v1', 'IngressClass', { plural: 'ingressclasses', cluster }),
  horizontalPodAutoscalers: define<HorizontalPodAutoscaler>('autoscaling/v2', 'HorizontalPodAutoscaler', {
    short: ['hpa'],
    sub: status,
    all,
  }),
  roles: define<Role>('rbac.authorization.k8s.io/v1', 'Role'),
  roleBindings: define<RoleBinding>('rbac.authorization.k8s.io/v1', 'RoleBinding'),
  clusterRoles: define<ClusterRole>('rbac.authorization.k8s.io/v1', 'ClusterRole', { cluster }),
  clusterRoleBindings: define<RoleBinding>('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', { cluster }),
  leases: define<Lease>('coordination.k8s.io/v1', 'Lease'),
  endpointSlices: define<EndpointSlice>('discovery.k8s.io/v1', 'EndpointSlice'),
  priorityClasses: define<PriorityClass>('scheduling.k8s.io/v1', 'PriorityClass', {
    plural: 'priorityclasses',
    cluster,
    short: ['pc'],
  }),
  storageClasses: define('storage.k8s.io/v1', 'StorageClass', { plural: 'storageclasses', cluster, short: ['sc'] }),
  csiDrivers: define('storage.k8s.io/v1', 'CSIDriver', { cluster }),
  csiNodes: define('storage.k8s.io/v1', 'CSINode', { cluster }),
  volumeAttachments: define('storage.k8s.io/v1', 'VolumeAttachment', { cluster, sub: status }),
  certificateSigningRequests: define('certificates.k8s.io/v1', 'CertificateSigningRequest', {
    cluster,
    short: ['csr'],
    sub: ['status', 'approval'],
  }),
  customResourceDefinitions: define<CustomResourceDefinition>('apiextensions.k8s.io/v1', 'CustomResourceDefinition', {
    cluster,
    short: ['crd', 'crds'],
    sub: status,
  }),
  apiServices: define<ApiService>('apiregistration.k8s.io/v1', 'APIService', { cluster, sub: status }),
  validatingWebhooks: define('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', { cluster }),
  mutatingWebhooks: define('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', { cluster }),
  validatingAdmissionPolicies: define('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', {
    plural: 'validatingadmissionpolicies',
    cluster,
    sub: status,
  }),
  validatingAdmissionPolicyBindings: define('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding', {
    cluster,
  }),
  mutatingAdmissionPolicies: define('admissionregistration.k8s.io/v1', 'MutatingAdmissionPolicy', {
    plural: 'mutatingadmissionpolicies',
    cluster,
  }),
  mutatingAdmissionPolicyBindings: define('admissionregistration.k8s.io/v1', 'MutatingAdmissionPolicyBinding', {
    cluster,
  }),
  newEvents: define('events.k8s.io/v1', 'Event', { short: ['ev'] }),
  nodeMetrics: define('metrics.k8s.io/v1beta1', 'NodeMetrics', { plural: 'nodes', cluster, aggregated: true }),
  podMetrics: define<PodMetrics>('metrics.k8s.io/v1beta1', 'PodMetrics', { plural: 'pods', aggregated: true }),
  selfSubjectAccessReviews: define<SelfSubjectAccessReview>(
    'authorization.k8s.io/v1',
    'SelfSubjectAccessReview',
    virtual,
  ),
  selfSubjectReviews: define('authentication.k8s.io/v1', 'SelfSubjectReview', virtual),
} as const satisfies Record<string, ResourceType>;

/** In the order in which the API server lists groups: kubectl takes the first that knows a short name. */
export const builtinTypes: readonly ResourceType[] = Object.values(types);
