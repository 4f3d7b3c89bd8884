import { describe, expect, it } from 'vitest';
import { workloadNames } from '#infra/lib/workload-names.ts';
import { type Manifest, type Overlay, useRenderedManifests } from '#support/workloads/rendered-manifests.ts';

const { all, find, findInCluster } = useRenderedManifests();

describe('namespace stepkube', () => {
  it('all objects are in the namespace stepkube, which enforces restricted pods', () => {
    expect(findInCluster('Namespace', 'stepkube').metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/warn': 'restricted',
    });
    expect(all().filter(({ metadata }) => metadata.namespace !== 'stepkube')).toEqual([]);
  });
});

describe.each(['production', 'development'] as const)('pods of the %s overlay', (overlay) => {
  it(`no container of the ${overlay} overlay runs as root, writes to its image, gains privileges or sees its host`, () => {
    const specs = all(overlay).flatMap(({ spec }) => spec?.template?.spec ?? []);
    expect(specs).toHaveLength(workloadNames.length);
    for (const spec of specs) {
      const { securityContext, hostNetwork, hostPID, hostIPC, volumes, containers, initContainers = [] } = spec;
      expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(securityContext.runAsUser).toBeGreaterThanOrEqual(10_000);
      expect([hostNetwork, hostPID, hostIPC]).toEqual([undefined, undefined, undefined]);
      expect(volumes.filter((volume: Manifest) => volume.hostPath)).toEqual([]);
      for (const { securityContext, ports = [] } of [...containers, ...initContainers]) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(ports.filter(({ hostPort }: Manifest) => hostPort)).toEqual([]);
      }
    }
  });
});

describe.each(workloadNames)('manifests of %s', (service) => {
  const pod = (overlay?: Overlay) => find('Deployment', service, overlay).spec.template;
  const container = () => pod().spec.containers[0];
  const labels = { 'app.kubernetes.io/name': service };

  it(`the pods of ${service} meet the restricted Pod Security standard, with a read-only root file system`, () => {
    expect(pod().spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 10001,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container().securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod().spec).toMatchObject({ automountServiceAccountToken: false, serviceAccountName: service });
    expect(find('ServiceAccount', service).automountServiceAccountToken).toBe(false);
  });

  it(`the pods of ${service} authenticate to AWS with a projected token of their own service account, valid for 24 hours`, () => {
    const [volume] = pod().spec.volumes;
    expect(volume.projected.sources).toEqual([
      { serviceAccountToken: { audience: 'sts.amazonaws.com', expirationSeconds: 86_400, path: 'token' } },
    ]);
    const [mount] = container().volumeMounts;
    expect(mount).toEqual({ name: volume.name, mountPath: '/var/run/secrets/stepkube', readOnly: true });
    expect(container().env).toContainEqual({
      name: 'AWS_WEB_IDENTITY_TOKEN_FILE',
      value: '/var/run/secrets/stepkube/token',
    });
  });

  it(`the pods of ${service} take their settings from their config map and use no Kubernetes secret`, () => {
    const name = container().envFrom[0].configMapRef.name;
    expect(name).toMatch(new RegExp(`^${service}-parameters-`));
    expect(find('ConfigMap', name).data).toEqual({ LOG_LEVEL: 'info' });
    expect(all().filter(({ kind }) => kind === 'Secret')).toEqual([]);
    expect(JSON.stringify(pod())).not.toMatch(/secretKeyRef|secretRef|secretName/);
  });

  it(`the pods of ${service} are probed on the internal port`, () => {
    const { startupProbe, livenessProbe, readinessProbe, ports } = container();
    expect(ports).toContainEqual({ name: 'internal', containerPort: 9090, protocol: 'TCP' });
    expect([startupProbe.httpGet, livenessProbe.httpGet, readinessProbe.httpGet]).toEqual([
      { path: '/healthz', port: 'internal' },
      { path: '/healthz', port: 'internal' },
      { path: '/readyz', port: 'internal' },
    ]);
  });

  it(`the pods of ${service} have requests and limits for CPU and memory`, () => {
    expect(Object.keys(container().resources.requests)).toEqual(['cpu', 'memory']);
    expect(Object.keys(container().resources.limits)).toEqual(['cpu', 'memory']);
  });

  it(`the pods of ${service} have at least 40 s to stop after their preStop hook`, () => {
    const preStopSeconds = container().lifecycle?.preStop.sleep.seconds ?? 0;
    expect(pod().spec.terminationGracePeriodSeconds - preStopSeconds).toBeGreaterThanOrEqual(40);
  });

  it(`the pods of ${service} report their last log lines as termination message`, () => {
    expect(container().terminationMessagePolicy).toBe('FallbackToLogsOnError');
  });

  it(`the pods of ${service} are spread over the nodes that can take them, and leave a silent one after half a minute`, () => {
    const { topologySpreadConstraints, tolerations } = pod().spec;
    expect(topologySpreadConstraints).toContainEqual(
      expect.objectContaining({
        topologyKey: 'kubernetes.io/hostname',
        maxSkew: 1,
        whenUnsatisfiable: 'DoNotSchedule',
        nodeTaintsPolicy: 'Honor',
        matchLabelKeys: ['pod-template-hash'],
      }),
    );
    expect(tolerations).toEqual(
      ['not-ready', 'unreachable'].map((condition) => ({
        key: `node.kubernetes.io/${condition}`,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 30,
      })),
    );
  });

  it(`every selector of ${service} selects its own pods`, () => {
    expect(pod().metadata.labels).toMatchObject(labels);
    expect(find('Deployment', service).spec.selector.matchLabels).toEqual(labels);
    expect(find('Service', service).spec.selector).toEqual(labels);
    expect(find('PodDisruptionBudget', service).spec).toMatchObject({
      maxUnavailable: 1,
      selector: { matchLabels: labels },
    });
    expect(find('NetworkPolicy', service).spec.podSelector).toEqual({ matchLabels: labels });
    for (const { labelSelector } of pod().spec.topologySpreadConstraints)
      expect(labelSelector).toEqual({ matchLabels: labels });
  });

  it(`the overlays of ${service} differ in replicas and log level only`, () => {
    const [production, development] = (['production', 'development'] as const).map((overlay) =>
      find('Deployment', service, overlay),
    );
    expect(production.spec.replicas).toBe(service === 'yolo5' ? undefined : 2);
    expect(development.spec.replicas).toBeUndefined();
    const withoutName = (template: Manifest) => JSON.stringify(template).replace(/parameters-\w+/, 'parameters');
    expect(withoutName(pod('development'))).toBe(withoutName(pod('production')));
  });
});

describe('priorities', () => {
  it('PriorityClasses order polybot > yolo5 > consumers; only polybot preempts', () => {
    const classOf = (service: string) =>
      findInCluster('PriorityClass', find('Deployment', service).spec.template.spec.priorityClassName);
    const services = ['polybot', 'yolo5', 'metering', 'model-analyzer'];
    expect(services.map((service) => classOf(service).value)).toEqual([3000, 2000, 1000, 1000]);
    expect(services.map((service) => classOf(service).preemptionPolicy)).toEqual([
      undefined,
      'Never',
      'Never',
      'Never',
    ]);
  });
});

describe('stopping and threads', () => {
  it('polybot serves until the load balancer has noticed that it left the endpoints, and ten seconds longer', () => {
    const { annotations } = find('Service', 'polybot').metadata;
    const healthCheck = (setting: string) =>
      Number(annotations[`service.beta.kubernetes.io/aws-load-balancer-healthcheck-${setting}`]);
    const noticedAfterSeconds = healthCheck('interval') * healthCheck('unhealthy-threshold');
    expect(noticedAfterSeconds).toBe(20);
    const [container] = find('Deployment', 'polybot').spec.template.spec.containers;
    expect(container.lifecycle.preStop).toEqual({ sleep: { seconds: noticedAfterSeconds + 10 } });
  });

  it('yolo5 gets INFERENCE_THREADS from its CPU limit', () => {
    expect(find('Deployment', 'yolo5').spec.template.spec.containers[0].env).toContainEqual({
      name: 'INFERENCE_THREADS',
      valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1' } },
    });
  });
});

describe('autoscaler of yolo5', () => {
  const autoscaler = (overlay?: Overlay) => find('HorizontalPodAutoscaler', 'yolo5', overlay).spec;

  it('only the autoscaler sets the number of yolo5 pods, at least two in production', () => {
    for (const overlay of ['production', 'development'] as const) {
      expect(find('Deployment', 'yolo5', overlay).spec).not.toHaveProperty('replicas');
      const { scaleTargetRef, minReplicas, maxReplicas } = autoscaler(overlay);
      expect(scaleTargetRef).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'yolo5' });
      expect(minReplicas).toBeLessThan(maxReplicas);
    }
    // One pod remains while a node is drained.
    expect(autoscaler().minReplicas).toBeGreaterThanOrEqual(2);
  });

  it('the autoscaler of yolo5 targets 80 % of the CPU request, which a busy pod exceeds', () => {
    const [metric] = autoscaler().metrics;
    expect(metric.resource).toEqual({ name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } });
    const { requests, limits } = find('Deployment', 'yolo5').spec.template.spec.containers[0].resources;
    expect([requests.cpu, limits.cpu]).toEqual(['400m', '1']);
  });

  it('the autoscaler of yolo5 doubles pods every 15 s and removes one per minute after 5 minutes', () => {
    const { scaleUp, scaleDown } = autoscaler().behavior;
    expect(scaleUp).toEqual({
      stabilizationWindowSeconds: 0,
      policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
    });
    expect(scaleDown).toEqual({
      stabilizationWindowSeconds: 300,
      policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }],
    });
  });
});
