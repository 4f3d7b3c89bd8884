/** The admission plugins Priority and ServiceAccount, and a new pod's first status. */
import { types } from '#local/cluster/apimachinery/builtin-types.ts';
import { forbidden } from '#local/cluster/apimachinery/errors.ts';
import type { Container, Pod, PodSpec } from '#local/cluster/apimachinery/kinds.ts';
import { randomSuffix } from '#local/cluster/apimachinery/object.ts';
import type { Client } from '#local/cluster/client/client.ts';

/** Completes a new pod in place. @throws ApiError Forbidden for a missing PriorityClass or ServiceAccount */
export function admitPod(client: Client, pod: Pod): void {
  pod.status = { phase: 'Pending', qosClass: qosClassOf(pod.spec.containers), ...pod.status };
  setPriority(client, pod);
  const isMirrorPod = pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
  if (!isMirrorPod) useServiceAccount(client, pod);
}

function setPriority(client: Client, { metadata, spec }: Pod): void {
  const name = spec.priorityClassName;
  const priorityClass = name
    ? client.find(types.priorityClasses, undefined, name)
    : client.list(types.priorityClasses).find(({ globalDefault }) => globalDefault);
  if (name && !priorityClass) {
    throw forbidden(types.pods, metadata.name, `no PriorityClass with name ${name} was found`);
  }
  spec.priority = priorityClass?.value ?? 0;
  spec.preemptionPolicy = priorityClass?.preemptionPolicy ?? 'PreemptLowerPriority';
}

function useServiceAccount(client: Client, { metadata, spec }: Pod): void {
  const { serviceAccountName = 'default' } = spec;
  const account = client.find(types.serviceAccounts, metadata.namespace, serviceAccountName);
  if (!account) {
    const reason = `error looking up service account ${metadata.namespace}/${serviceAccountName}: serviceaccount "${serviceAccountName}" not found`;
    throw forbidden(types.pods, metadata.name, reason);
  }
  if (account.imagePullSecrets) spec.imagePullSecrets ??= account.imagePullSecrets;
  const mountsToken = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
  if (mountsToken) mountToken(spec);
}

const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount';

function mountToken(spec: PodSpec): void {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])].filter(
    ({ volumeMounts = [] }) => !volumeMounts.some(({ mountPath }) => mountPath === tokenPath),
  );
  if (containers.length === 0) return;
  const name = `kube-api-access-${randomSuffix()}`;
  for (const container of containers) {
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, mountPath: tokenPath, readOnly: true }];
  }
  const namespace = { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } };
  const sources = [
    { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    { downwardAPI: { items: [namespace] } },
  ];
  spec.volumes = [...(spec.volumes ?? []), { name, projected: { defaultMode: 0o644, sources } }];
}

/** https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/ */
function qosClassOf(containers: readonly Container[]): 'BestEffort' | 'Burstable' | 'Guaranteed' {
  const resources = containers.map((container) => container.resources ?? {});
  if (resources.every(({ limits, requests }) => !limits && !requests)) return 'BestEffort';
  const isGuaranteed = resources.every(({ limits, requests }) =>
    ['cpu', 'memory'].every((name) => {
      const limit = limits?.[name];
      return limit !== undefined && limit === (requests?.[name] ?? limit);
    }),
  );
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}
