import { describe, expect, it } from 'vitest';
import { container, copiedAddons } from '#support/addons.ts';

const { build, manifests } = copiedAddons();

describe('calico', () => {
  it('calico encapsulates every packet and takes the pod CIDR of the cluster', async () => {
    const find = await build('calico');
    const env = container(find('DaemonSet', 'calico-node')).env;
    expect(env).toContainEqual({ name: 'CALICO_IPV4POOL_IPIP', value: 'Never' });
    expect(env).toContainEqual({ name: 'CALICO_IPV4POOL_VXLAN', value: 'Always' });
    expect(env).toContainEqual({
      name: 'CALICO_IPV4POOL_CIDR',
      valueFrom: { configMapKeyRef: { name: 'pod-network', key: 'POD_CIDR' } },
    });
    expect(find('ConfigMap', 'pod-network')['data']).toEqual({ POD_CIDR: '10.200.0.0/16' });
    expect(find('ConfigMap', 'calico-config')['data']).toMatchObject({ calico_backend: 'vxlan', veth_mtu: '0' });
  });

  it('calico has no probe that asks BIRD, which does not run', async () => {
    const { livenessProbe, readinessProbe } = container((await build('calico'))('DaemonSet', 'calico-node'));
    expect(livenessProbe.exec.command).toEqual(['/bin/calico-node', '-felix-live']);
    expect(readinessProbe.exec.command).toEqual(['/bin/calico-node', '-felix-ready']);
  });

  it('calico pins its images by digest', async () => {
    const find = await build('calico');
    for (const manifest of [find('DaemonSet', 'calico-node'), find('Deployment', 'calico-kube-controllers')]) {
      expect(container(manifest).image).toMatch(/^quay\.io\/calico\/[a-z-]+@sha256:[0-9a-f]{64}$/);
    }
  });
});

describe('cluster-dns', () => {
  it('CoreDNS prefers workers, one pod each, and leaves a node that does not answer after half a minute', async () => {
    const { spec } = (await build('cluster-dns'))('Deployment', 'coredns')['spec'].template;
    const [{ preference }] = spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution;
    expect(preference.matchExpressions).toEqual([
      { key: 'node-role.kubernetes.io/control-plane', operator: 'DoesNotExist' },
    ]);
    expect(spec.topologySpreadConstraints).toMatchObject([
      { topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule', nodeTaintsPolicy: 'Honor' },
    ]);
    expect(spec.tolerations).toContainEqual({
      key: 'node.kubernetes.io/unreachable',
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 30,
    });
  });

  it("what is kubeadm's stays kubeadm's: image, replicas and ports are not applied", async () => {
    const find = await build('cluster-dns');
    expect(Object.keys(find('Deployment', 'coredns')['spec'])).toEqual(['template']);
    expect(find('Deployment', 'coredns')['spec'].template.spec.containers).toBeUndefined();
    expect(find('Service', 'kube-dns')['spec']).toEqual({ trafficDistribution: 'PreferSameNode' });
  });
});

describe('cloud-controller-manager', () => {
  it('the cloud controller manager runs the image of the cluster version on the host network of the control plane', async () => {
    const find = await build('cloud-controller-manager');
    const daemonSet = find('DaemonSet', 'cloud-controller-manager');
    const { hostNetwork, nodeSelector, tolerations } = daemonSet['spec'].template.spec;
    expect(container(daemonSet).image).toBe('registry.k8s.io/provider-aws/cloud-controller-manager:v1.36.1');
    expect(hostNetwork).toBe(true);
    expect(nodeSelector).toEqual({ 'node-role.kubernetes.io/control-plane': '' });
    expect(tolerations.map(({ key }: { key: string }) => key)).toContain(
      'node.cloudprovider.kubernetes.io/uninitialized',
    );
  });

  it('the cloud controller manager gets the name of the cluster', async () => {
    const find = await build('cloud-controller-manager');
    expect(find('ConfigMap', 'cloud-controller-manager')['data']).toEqual({ CLUSTER_NAME: 'other' });
    expect(container(find('DaemonSet', 'cloud-controller-manager')).args).toContain('--cluster-name=$(CLUSTER_NAME)');
  });
});

describe('metrics-server', () => {
  it('metrics-server asks every kubelet by its address, whose certificate nobody else has signed', async () => {
    const deployment = (await build('metrics-server'))('Deployment', 'metrics-server');
    const { image, args, ports } = container(deployment);
    expect(image).toMatch(/^registry\.k8s\.io\/metrics-server\/metrics-server:v0\.9\.0@sha256:[0-9a-f]{64}$/);
    expect(args).toEqual(
      expect.arrayContaining(['--kubelet-insecure-tls', '--kubelet-preferred-address-types=InternalIP']),
    );
    expect(args).toContain(`--secure-port=${ports[0].containerPort}`);
  });

  it('metrics-server meets the restricted Pod Security standard and runs on any node', async () => {
    const deployment = (await build('metrics-server'))('Deployment', 'metrics-server');
    const { securityContext, tolerations, hostNetwork, volumes } = deployment['spec'].template.spec;
    expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(container(deployment).securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(hostNetwork).toBeUndefined();
    expect(volumes).toEqual([{ name: 'certificate', emptyDir: { sizeLimit: '1Mi' } }]);
    expect(tolerations).toEqual([{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }]);
  });

  it('metrics-server serves metrics.k8s.io by a Service that leads to its pods', async () => {
    const find = await build('metrics-server');
    const { service } = find('APIService', 'v1beta1.metrics.k8s.io')['spec'];
    const { metadata, spec } = find('Service', service.name);
    expect([service.namespace, service.port]).toEqual([metadata.namespace, spec.ports[0].port]);
    const deployment = find('Deployment', 'metrics-server');
    expect(deployment['spec'].template.metadata.labels).toMatchObject(spec.selector);
    expect(container(deployment).ports[0].name).toBe(spec.ports[0].targetPort);
    expect(deployment['spec'].replicas).toBeGreaterThan(
      find('PodDisruptionBudget', 'metrics-server')['spec'].maxUnavailable,
    );
  });

  it('metrics-server may read pods, nodes and their metrics, and nothing else', async () => {
    const { rules } = (await build('metrics-server'))('ClusterRole', 'system:metrics-server');
    expect(rules.flatMap(({ resources }: { resources: string[] }) => resources).sort()).toEqual([
      'nodes',
      'nodes/metrics',
      'pods',
    ]);
    const verbs = new Set(rules.flatMap((rule: { verbs: string[] }) => rule.verbs));
    expect([...verbs].sort()).toEqual(['get', 'list', 'watch']);
  });
});

describe('cluster-access', () => {
  it.each([
    { role: 'deployer', kind: 'Role', namespace: 'stepkube' },
    { role: 'drainer', kind: 'ClusterRole', namespace: undefined },
    { role: 'viewer', kind: 'ClusterRole', namespace: undefined },
  ])('RBAC lets the $role do its work and read no secret', async ({ role, kind, namespace }) => {
    const find = await build('cluster-access');
    const { rules, metadata } = find(kind, `stepkube:${role}`);
    expect(metadata.namespace).toBe(namespace);
    expect(find(`${kind}Binding`, `stepkube:${role}s`)['subjects']).toEqual([
      { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: `stepkube:${role}s` },
    ]);
    const resources = rules.flatMap((rule: { resources: string[] }) => rule.resources);
    for (const forbidden of ['secrets', '*', 'clusterroles', 'rolebindings'])
      expect(resources).not.toContain(forbidden);
  });

  it('the viewer sees nodes only', async () => {
    const { rules } = (await build('cluster-access'))('ClusterRole', 'stepkube:viewer');
    expect(rules).toEqual([{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] }]);
  });

  it('no pod in the namespace default is privileged or reaches the network', async () => {
    const find = await build('cluster-access');
    expect(find('Namespace', 'default')['metadata']).toMatchObject({
      labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
    });
  });

  it('in kube-system only name look-ups and metrics are let in', async () => {
    const policies = (await manifests('cluster-access')).filter(
      ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.namespace === 'kube-system',
    );
    const ports = policies.flatMap(
      ({ spec }) => spec.ingress?.[0].ports.map(({ port }: { port: number }) => port) ?? [],
    );
    expect(policies.find(({ metadata }) => metadata.name === 'default-deny')?.['spec'].podSelector).toEqual({});
    expect(ports.sort()).toEqual([10250, 53, 53]);
  });
});

describe('health of the cloud controller manager', () => {
  it('a cloud controller manager counts as rolled out when it has been healthy for a while', async () => {
    const { spec } = (await build('cloud-controller-manager'))('DaemonSet', 'cloud-controller-manager');
    expect(spec.minReadySeconds).toBeGreaterThanOrEqual(10);
    expect(spec.template.spec.containers[0].readinessProbe.httpGet).toEqual({
      host: '127.0.0.1',
      path: '/healthz',
      port: 10258,
      scheme: 'HTTPS',
    });
  });
});
