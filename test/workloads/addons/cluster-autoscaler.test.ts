import { describe, expect, it } from 'vitest';
import { copiedAddons } from '#support/addons.ts';

const { build, write } = copiedAddons();

describe('cluster-autoscaler', () => {
  const pod = async () => (await build('cluster-autoscaler'))('Deployment', 'cluster-autoscaler')['spec'].template.spec;

  it('the cluster autoscaler runs the image of the cluster version on the control plane', async () => {
    const { nodeSelector, tolerations, containers } = await pod();
    expect(containers[0].image).toBe('registry.k8s.io/autoscaling/cluster-autoscaler:v1.36.1');
    expect(nodeSelector).toEqual({ 'node-role.kubernetes.io/control-plane': '' });
    expect(tolerations).toEqual([{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }]);
  });

  it("the settings of the cluster become the autoscaler's environment, with which its flags name the group's tags", async () => {
    const settings = 'CLUSTER_NAME=other\nAWS_REGION=eu-west-1\nAWS_ROLE_ARN=arn:aws:iam::123456789012:role/scaler\n';
    await write('cluster-autoscaler/settings.env', settings);
    const { env, args } = (await pod()).containers[0];
    expect(env.map(({ name, value }: { name: string; value: string }) => `${name}=${value}`)).toEqual(
      expect.arrayContaining(settings.trim().split('\n')),
    );
    expect(args).toContain(
      '--node-group-auto-discovery=asg:tag=k8s.io/cluster-autoscaler/enabled,k8s.io/cluster-autoscaler/$(CLUSTER_NAME)',
    );
  });

  it('the cluster autoscaler meets the restricted Pod Security standard and has a token for AWS of its own', async () => {
    const { securityContext, containers, volumes } = await pod();
    expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    const [{ serviceAccountToken }] = volumes[0].projected.sources;
    const [{ mountPath }] = containers[0].volumeMounts;
    expect(serviceAccountToken).toMatchObject({ audience: 'sts.amazonaws.com' });
    expect(containers[0].env).toContainEqual({
      name: 'AWS_WEB_IDENTITY_TOKEN_FILE',
      value: `${mountPath}/${serviceAccountToken.path}`,
    });
  });

  it('the cluster autoscaler may evict pods and cordon nodes, and reads no secret', async () => {
    const find = await build('cluster-autoscaler');
    const rules = ['ClusterRole', 'Role'].flatMap((kind) => find(kind, 'cluster-autoscaler')['rules']);
    const allowed = rules.flatMap(({ resources, verbs }: { resources: string[]; verbs: string[] }) =>
      resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)),
    );
    expect(allowed).toEqual(expect.arrayContaining(['create pods/eviction', 'update nodes', 'update leases']));
    for (const forbidden of ['get secrets', 'delete nodes', 'delete pods', 'get *'])
      expect(allowed).not.toContain(forbidden);
  });
});
