import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readClusterSettings } from '#local/cluster/kubeadm/config.ts';
import type { NodeIdentity } from '#local/contracts/cluster.ts';
import { joinDocument, startTestCluster, type TestCluster } from '#support/cluster.ts';

const v1beta4 = { apiVersion: 'kubeadm.k8s.io/v1beta4' };
let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startTestCluster({ workers: 0, network: false });
}, 60_000);
afterAll(() => cluster?.stop());

function worker(): NodeIdentity {
  const privateIp = cluster.context.network.instanceAddress('10.0.1.0/24');
  const name = privateIp.replaceAll('.', '-');
  return {
    ...cluster.controlPlane,
    instanceId: `i-${name}`,
    nodeName: `ip-${name}.internal`,
    privateIp,
    rootFolder: `${cluster.context.root}/${name}`,
  };
}

async function join(token: string, hashes?: readonly string[]) {
  const known = hashes ?? [await cluster.host.caCertificateHash()];
  return cluster.host.join(worker(), { join: joinDocument(cluster.controlPlane, token, known) });
}

describe('kubeadm join', () => {
  it('kubeadm join registers a node that is NotReady and tainted as uninitialized', async () => {
    await join(await cluster.host.createToken(600, 'a test'));
    const [, node] = cluster.host.view().nodes;

    expect(node).toMatchObject({ role: 'worker', ready: false, reason: 'KubeletNotReady' });
    const taints = await cluster.kubectl('get', 'node', node!.name, '-o', 'jsonpath={.spec.taints[*].key}');
    expect(taints).toContain('node.cloudprovider.kubernetes.io/uninitialized');
  });

  it('kubeadm join refuses an API server whose CA key is not pinned', async () => {
    const token = await cluster.host.createToken(600, 'a test');

    await expect(join(token, [`sha256:${'0'.repeat(64)}`])).rejects.toThrow(
      /cluster CA found in cluster-info ConfigMap is invalid: none of the public keys "sha256:[0-9a-f]{64}" are pinned/,
    );
  });

  it('kubeadm join refuses a configuration without caCertHashes', async () => {
    const token = await cluster.host.createToken(600, 'a test');

    await expect(join(token, [])).rejects.toThrow('using token-based discovery without caCertHashes can be unsafe');
  });

  it('kubeadm join refuses an expired and an unknown token', async () => {
    const token = await cluster.host.createToken(600, 'a test');
    const secret = `bootstrap-token-${token.split('.')[0]}`;
    const past = Buffer.from(new Date(0).toISOString()).toString('base64');
    await cluster.kubectl(
      'patch',
      'secret',
      secret,
      '-n',
      'kube-system',
      '-p',
      JSON.stringify({ data: { expiration: past } }),
    );

    await expect(join(token)).rejects.toThrow(
      'could not find a JWS signature in the cluster-info ConfigMap for token ID',
    );
    await expect(join('abcdef.0123456789abcdef')).rejects.toThrow('for token ID "abcdef"');
  });

  it('kubeadm join refuses a token with a known id and a wrong secret', async () => {
    const [id] = (await cluster.host.createToken(600, 'a test')).split('.');

    await expect(join(`${id}.0123456789abcdef`)).rejects.toThrow('failed to verify JWS signature');
  });

  it('kubeadm join reports a refused connection when no API server listens at the endpoint', async () => {
    const token = await cluster.host.createToken(600, 'a test');
    const elsewhere = { ...cluster.controlPlane, privateIp: '127.0.0.9' };
    const document = joinDocument(elsewhere, token, [await cluster.host.caCertificateHash()]);

    await expect(cluster.host.join(worker(), { join: document })).rejects.toThrow(
      'dial tcp 127.0.0.9:6443: connect: connection refused',
    );
  });

  it('kubeadm join refuses a configuration of kubeadm.k8s.io/v1beta3', async () => {
    const old = { apiVersion: 'kubeadm.k8s.io/v1beta3', kind: 'JoinConfiguration' };

    await expect(cluster.host.join(worker(), { join: old })).rejects.toThrow('only supports kubeadm.k8s.io/v1beta4');
  });
});

describe('kubeadm init', () => {
  it('kubeadm init refuses a pod subnet that is smaller than the range of one node', () => {
    const cluster = { ...v1beta4, kind: 'ClusterConfiguration', networking: { podSubnet: '10.244.0.0/26' } };
    const init = { ...v1beta4, kind: 'InitConfiguration' };
    const defaults = { address: '127.0.0.1', kubernetesVersion: 'v1.36.0', kubelet: {} };

    expect(() => readClusterSettings(cluster, init, defaults)).toThrow(
      'networking.podSubnet: Invalid value: "10.244.0.0/26": the size of pod subnet with mask 26 is smaller than the size of node subnet with mask 24',
    );
  });
});

describe('a terminated instance', () => {
  it('the node of a terminated instance becomes Unknown', async () => {
    const joined = worker();
    const token = await cluster.host.createToken(600, 'a test');
    await cluster.host.join(joined, {
      join: joinDocument(cluster.controlPlane, token, [await cluster.host.caCertificateHash()]),
    });
    await cluster.host.removeInstance(joined.instanceId);
    const gone = () => cluster.host.view().nodes.find(({ name }) => name === joined.nodeName);
    await cluster.until(() => gone()?.reason === 'NodeStatusUnknown');

    expect(gone()?.ready).toBe(false);
  });
});
