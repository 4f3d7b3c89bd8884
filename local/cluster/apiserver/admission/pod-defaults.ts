/** Defaults of a pod spec, in pods and in pod templates. */
import type { Container, Pod, PodSpec, Probe } from '#local/cluster/apimachinery/kinds.ts';

export function defaultPodSpec(spec: PodSpec): void {
  spec.restartPolicy ??= 'Always';
  spec.terminationGracePeriodSeconds ??= 30;
  spec.dnsPolicy ??= 'ClusterFirst';
  spec.securityContext ??= {};
  spec.schedulerName ??= 'default-scheduler';
  // The deprecated name and the new one are kept alike.
  if (spec.serviceAccountName) spec.serviceAccount ??= spec.serviceAccountName;
  if (spec.serviceAccount) spec.serviceAccountName ??= spec.serviceAccount;
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) defaultContainer(container);
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
}

/** What a pod itself has beyond a template. */
export function defaultPod({ spec }: Pod): void {
  defaultPodSpec(spec);
  spec.enableServiceLinks ??= true;
  spec.serviceAccountName ??= 'default';
  spec.serviceAccount ??= spec.serviceAccountName;
  const tolerations = spec.tolerations ?? [];
  const missing = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].filter(
    (key) => !tolerations.some((toleration) => toleration.key === key || !toleration.key),
  );
  spec.tolerations = [
    ...tolerations,
    ...missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })),
  ];
}

function defaultContainer(container: Container): void {
  const image = container.image ?? '';
  const isPinned = image.includes('@') || /:(?!latest$)[^/]+$/.test(image);
  container.imagePullPolicy ??= isPinned ? 'IfNotPresent' : 'Always';
  container.terminationMessagePath ??= '/dev/termination-log';
  container.terminationMessagePolicy ??= 'File';
  container.resources ??= {};
  const { limits, requests } = container.resources;
  if (limits) container.resources.requests = { ...limits, ...requests };
  for (const port of container.ports ?? []) port.protocol ??= 'TCP';
  // Left out when false, as in the API's own JSON.
  for (const mount of container.volumeMounts ?? []) if (mount.readOnly === false) delete mount.readOnly;
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) {
    if (probe) defaultProbe(probe);
  }
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef) valueFrom.fieldRef.apiVersion ??= 'v1';
  }
}

function defaultProbe(probe: Probe): void {
  probe.timeoutSeconds ??= 1;
  probe.periodSeconds ??= 10;
  probe.successThreshold ??= 1;
  probe.failureThreshold ??= 3;
  if (probe.httpGet) {
    probe.httpGet.scheme ??= 'HTTP';
    probe.httpGet.path ??= '/';
  }
}

const defaultMode = 0o644;

function defaultVolume(volume: NonNullable<PodSpec['volumes']>[number]): void {
  const hasSource = Object.keys(volume).length > 1;
  if (!hasSource) volume.emptyDir = {};
  for (const source of [volume.configMap, volume.secret, volume.projected, volume.downwardAPI]) {
    if (source) source.defaultMode ??= defaultMode;
  }
  if (volume.hostPath) volume.hostPath.type ??= '';
  for (const { serviceAccountToken } of volume.projected?.sources ?? []) {
    if (serviceAccountToken) serviceAccountToken.expirationSeconds ??= 3600;
  }
}
