/** Defaults of a pod spec, in pods and in pod templates. */
import type { Open } from '#local/cluster/apimachinery/object.ts';

export function defaultPodSpec(spec: Open): void {
  spec.restartPolicy ??= 'Always';
  spec.terminationGracePeriodSeconds ??= 30;
  spec.dnsPolicy ??= 'ClusterFirst';
  spec.securityContext ??= {};
  spec.schedulerName ??= 'default-scheduler';
  if (spec.serviceAccountName && !spec.serviceAccount) spec.serviceAccount = spec.serviceAccountName;
  if (spec.serviceAccount && !spec.serviceAccountName) spec.serviceAccountName = spec.serviceAccount;
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) defaultContainer(container);
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
}

function defaultContainer(container: Open): void {
  const image: string = container.image ?? '';
  const tagged = image.includes('@') || /:(?!latest$)[^/]+$/.test(image);
  container.imagePullPolicy ??= tagged ? 'IfNotPresent' : 'Always';
  container.terminationMessagePath ??= '/dev/termination-log';
  container.terminationMessagePolicy ??= 'File';
  container.resources ??= {};
  for (const [name, limit] of Object.entries(container.resources.limits ?? {})) {
    container.resources.requests ??= {};
    container.resources.requests[name] ??= limit;
  }
  for (const port of container.ports ?? []) port.protocol ??= 'TCP';
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) {
    if (probe) defaultProbe(probe);
  }
  for (const variable of container.env ?? []) {
    if (variable.valueFrom?.fieldRef) variable.valueFrom.fieldRef.apiVersion ??= 'v1';
  }
}

function defaultProbe(probe: Open): void {
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

function defaultVolume(volume: Open): void {
  const sources = ['configMap', 'secret', 'projected', 'downwardAPI', 'emptyDir', 'hostPath', 'persistentVolumeClaim'];
  if (!sources.some((source) => volume[source]) && Object.keys(volume).length === 1) volume.emptyDir = {};
  for (const source of [volume.configMap, volume.secret, volume.projected, volume.downwardAPI]) {
    if (source) source.defaultMode ??= defaultMode;
  }
  for (const source of volume.projected?.sources ?? []) {
    if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600;
  }
}
