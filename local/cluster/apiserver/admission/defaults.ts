/** Defaults the API server writes into objects, by kind: those that kubectl shows or a controller reads. */
import type { Open } from '#local/cluster/apimachinery/object.ts';
import { defaultPodSpec } from './pod-defaults.ts';

const defaulters: Readonly<Record<string, (object: Open) => void>> = {
  Pod: ({ spec }) => {
    defaultPodSpec(spec);
    spec.enableServiceLinks ??= true;
    spec.serviceAccountName ??= 'default';
    spec.serviceAccount ??= spec.serviceAccountName;
    spec.tolerations ??= [];
    for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
      const tolerated = spec.tolerations.some((toleration: Open) => toleration.key === key || !toleration.key);
      if (!tolerated) spec.tolerations.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 });
    }
  },
  Deployment: ({ spec }) => {
    spec.replicas ??= 1;
    spec.revisionHistoryLimit ??= 10;
    spec.progressDeadlineSeconds ??= 600;
    spec.strategy ??= {};
    spec.strategy.type ??= 'RollingUpdate';
    if (spec.strategy.type === 'RollingUpdate') {
      spec.strategy.rollingUpdate ??= {};
      spec.strategy.rollingUpdate.maxSurge ??= '25%';
      spec.strategy.rollingUpdate.maxUnavailable ??= '25%';
    }
    defaultTemplate(spec);
  },
  ReplicaSet: ({ spec }) => {
    spec.replicas ??= 1;
    defaultTemplate(spec);
  },
  StatefulSet: ({ spec }) => {
    spec.replicas ??= 1;
    spec.revisionHistoryLimit ??= 10;
    spec.podManagementPolicy ??= 'OrderedReady';
    spec.updateStrategy ??= { type: 'RollingUpdate' };
    defaultTemplate(spec);
  },
  DaemonSet: ({ spec }) => {
    spec.revisionHistoryLimit ??= 10;
    spec.updateStrategy ??= { type: 'RollingUpdate' };
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {};
      spec.updateStrategy.rollingUpdate.maxSurge ??= 0;
      spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1;
    }
    defaultTemplate(spec);
  },
  Service: ({ spec }) => {
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
  },
  Namespace: (object) => {
    object.spec ??= {};
    object.spec.finalizers ??= ['kubernetes'];
    object.status ??= {};
    object.status.phase ??= 'Active';
    object.metadata.labels ??= {};
    object.metadata.labels['kubernetes.io/metadata.name'] = object.metadata.name;
  },
  Secret: (object) => {
    object.type ??= 'Opaque';
    if (!object.stringData) return;
    object.data ??= {};
    for (const [key, text] of Object.entries<string>(object.stringData)) {
      object.data[key] = Buffer.from(text).toString('base64');
    }
    delete object.stringData;
  },
  Ingress: ({ spec }) => {
    for (const rule of spec?.rules ?? []) {
      for (const path of rule.http?.paths ?? []) path.pathType ??= 'ImplementationSpecific';
    }
  },
  HorizontalPodAutoscaler: ({ spec }) => {
    spec.minReplicas ??= 1;
    spec.metrics ??= [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
    ];
  },
  PersistentVolumeClaim: (object) => {
    object.spec.volumeMode ??= 'Filesystem';
    object.status ??= { phase: 'Pending' };
  },
  NetworkPolicy: ({ spec }) => {
    if (spec) spec.policyTypes ??= spec.egress ? ['Ingress', 'Egress'] : ['Ingress'];
  },
  RoleBinding: defaultBinding,
  ClusterRoleBinding: defaultBinding,
};

export function applyDefaults(object: Open): void {
  defaulters[object.kind]?.(object);
}

function defaultTemplate(spec: Open): void {
  spec.template.metadata ??= {};
  defaultPodSpec(spec.template.spec);
}

const rbacGroup = 'rbac.authorization.k8s.io';

function defaultBinding(object: Open): void {
  object.roleRef.apiGroup ??= rbacGroup;
  for (const subject of object.subjects ?? []) {
    if (subject.kind !== 'ServiceAccount') subject.apiGroup ??= rbacGroup;
  }
}
