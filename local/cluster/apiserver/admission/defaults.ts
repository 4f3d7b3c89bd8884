/** Defaults that the API server writes into objects: those that kubectl shows or a component of the twin reads. */
import { types } from '#local/cluster/apimachinery/builtin-types.ts';
import type { PodTemplate, RoleBinding, Secret } from '#local/cluster/apimachinery/kinds.ts';
import type { KubeObject } from '#local/cluster/apimachinery/object.ts';
import type { ResourceType } from '#local/cluster/apimachinery/resource-type.ts';
import { defaultPod, defaultPodSpec } from './pod-defaults.ts';

type Defaulter = (object: KubeObject) => void;

const defaulters: ReadonlyMap<string, Defaulter> = new Map([
  defaulter(types.pods, defaultPod),
  defaulter(types.deployments, ({ spec }) => {
    spec.replicas ??= 1;
    spec.revisionHistoryLimit ??= 10;
    spec.progressDeadlineSeconds ??= 600;
    spec.strategy ??= {};
    spec.strategy.type ??= 'RollingUpdate';
    if (spec.strategy.type === 'RollingUpdate') {
      spec.strategy.rollingUpdate = { maxSurge: '25%', maxUnavailable: '25%', ...spec.strategy.rollingUpdate };
    }
    defaultTemplate(spec.template);
  }),
  defaulter(types.replicaSets, ({ spec }) => {
    spec.replicas ??= 1;
    defaultTemplate(spec.template);
  }),
  defaulter(types.statefulSets, ({ spec }) => {
    spec.replicas ??= 1;
    spec.revisionHistoryLimit ??= 10;
    spec.podManagementPolicy ??= 'OrderedReady';
    spec.updateStrategy ??= { type: 'RollingUpdate' };
    defaultTemplate(spec.template);
  }),
  defaulter(types.daemonSets, ({ metadata, spec }) => {
    // The deprecated way in which kubectl rollout tells generations of the template apart.
    metadata.annotations = { 'deprecated.daemonset.template.generation': '1', ...metadata.annotations };
    spec.revisionHistoryLimit ??= 10;
    spec.updateStrategy ??= { type: 'RollingUpdate' };
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate = { maxSurge: 0, maxUnavailable: 1, ...spec.updateStrategy.rollingUpdate };
    }
    defaultTemplate(spec.template);
  }),
  defaulter(types.services, ({ spec }) => {
    spec.type ??= 'ClusterIP';
    spec.sessionAffinity ??= 'None';
    spec.internalTrafficPolicy ??= 'Cluster';
    if (spec.type === 'LoadBalancer') {
      spec.allocateLoadBalancerNodePorts ??= true;
      spec.externalTrafficPolicy ??= 'Cluster';
    }
    for (const port of spec.ports ?? []) {
      port.protocol ??= 'TCP';
      port.targetPort ??= port.port;
    }
  }),
  defaulter(types.namespaces, (namespace) => {
    namespace.spec ??= {};
    namespace.spec.finalizers ??= ['kubernetes'];
    namespace.status ??= {};
    namespace.status.phase ??= 'Active';
    const { metadata } = namespace;
    metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
  }),
  defaulter(types.secrets, defaultSecret),
  defaulter(types.ingresses, ({ spec }) => {
    for (const { http } of spec?.rules ?? []) {
      for (const path of http?.paths ?? []) path.pathType ??= 'ImplementationSpecific';
    }
  }),
  defaulter(types.horizontalPodAutoscalers, ({ spec }) => {
    for (const rules of [spec.behavior?.scaleUp, spec.behavior?.scaleDown]) if (rules) rules.selectPolicy ??= 'Max';
    spec.minReplicas ??= 1;
    spec.metrics ??= [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
    ];
  }),
  defaulter(types.customResourceDefinitions, ({ spec }) => {
    spec.conversion ??= { strategy: 'None' };
    // Written by v1beta1 only: v1 leaves out what is false.
    if (spec.preserveUnknownFields === false) delete spec.preserveUnknownFields;
  }),
  defaulter(types.persistentVolumeClaims, (claim) => {
    claim.spec.volumeMode ??= 'Filesystem';
    claim.status ??= { phase: 'Pending' };
  }),
  defaulter(types.podDisruptionBudgets, (budget) => {
    budget.spec ??= {};
  }),
  defaulter(types.networkPolicies, ({ spec }) => {
    if (spec) spec.policyTypes ??= spec.egress ? ['Ingress', 'Egress'] : ['Ingress'];
  }),
  defaulter(types.nodes, (node) => {
    node.spec ??= {};
  }),
  defaulter(types.leases, (lease) => {
    lease.spec ??= {};
  }),
  defaulter(types.priorityClasses, (priorityClass) => {
    priorityClass.value ??= 0;
    priorityClass.preemptionPolicy ??= 'PreemptLowerPriority';
  }),
  defaulter(types.roleBindings, defaultBinding),
  defaulter(types.clusterRoleBindings, defaultBinding),
]);

function defaulter<T extends KubeObject>(type: ResourceType<T>, setDefaults: (object: T) => void): [string, Defaulter] {
  // Looked up by the type's storage: the defaulter is given only objects of that type.
  return [type.storage, setDefaults as Defaulter];
}

/** Fills the object in, in place. */
export function applyDefaults(type: ResourceType, object: KubeObject): void {
  defaulters.get(type.storage)?.(object);
}

function defaultTemplate(template: PodTemplate): void {
  template.metadata ??= {};
  defaultPodSpec(template.spec);
}

/** stringData is a write-only convenience: it ends up in data, base64 encoded. */
function defaultSecret(secret: Secret): void {
  secret.type ??= 'Opaque';
  const { stringData } = secret;
  if (!stringData) return;
  const encoded = Object.entries(stringData).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  secret.data = { ...secret.data, ...Object.fromEntries(encoded) };
  delete secret.stringData;
}

const rbacGroup = 'rbac.authorization.k8s.io';

function defaultBinding({ roleRef, subjects }: RoleBinding): void {
  roleRef.apiGroup ??= rbacGroup;
  for (const subject of subjects ?? []) {
    if (subject.kind !== 'ServiceAccount') subject.apiGroup ??= rbacGroup;
  }
}
