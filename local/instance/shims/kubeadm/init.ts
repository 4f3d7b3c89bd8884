/** kubeadm init: starts the twin's API server on the instance's address. */
import { writeInstanceFile } from '#local/instance/state/instance-files.ts';
import { setUnitState } from '#local/instance/state/units.ts';
import { option, type ParsedArguments } from '../arguments.ts';
import { type ShimCall, ShimError, type ShimResult, takes } from '../shim.ts';
import { readNodeIdentity } from './node-identity.ts';
import { preflight } from './preflight.ts';
import { readConfig } from './read-config.ts';

const initSeconds = 30;
const components = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
const manifests = components.map((name) => `/etc/kubernetes/manifests/${name}.yaml`);

export async function init(call: ShimCall, parsed: ParsedArguments): Promise<ShimResult> {
  const { instance } = call;
  const config = await readConfig(parsed);
  if (config.cluster === undefined || config.init === undefined) {
    throw new ShimError('error: the twin needs a ClusterConfiguration and an InitConfiguration');
  }
  const ignored = (option(parsed, 'ignore-preflight-errors') ?? '').split(',');
  await preflight(instance, { mustNotExist: manifests, ignored });
  // kubeadm writes certificates and manifests first: an interrupted run leaves them behind.
  await writeInstanceFile(instance, '/etc/kubernetes/pki/sa.pub', 'simulated: the twin keeps the keys in memory\n');
  for (const manifest of manifests) await writeInstanceFile(instance, manifest, '# simulated static pod\n', 0o600);
  await takes(call, initSeconds);
  const identity = await readNodeIdentity(instance, config.init.nodeRegistration.name);
  const { adminKubeconfig, caCertificatePem } = await instance.cluster.init(identity, {
    cluster: config.cluster,
    init: config.init,
  });
  await writeInstanceFile(instance, '/etc/kubernetes/pki/ca.crt', caCertificatePem);
  await writeInstanceFile(instance, '/etc/kubernetes/admin.conf', adminKubeconfig, 0o600);
  await writeInstanceFile(instance, '/etc/kubernetes/kubelet.conf', 'simulated: the kubelet of the twin\n', 0o600);
  await setUnitState(instance, 'kubelet.service', 'active');
  return { stdout: 'Your Kubernetes control-plane has initialized successfully! (simulated)\n' };
}
