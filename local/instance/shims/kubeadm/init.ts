/** kubeadm init: starts the twin's API server on the instance's address. */
import { stringify } from 'yaml';
import { writeInstanceFile } from '#local/instance/state/instance-files.ts';
import { kubeletConfigFile, startShutdownManager } from '#local/instance/state/logind.ts';
import { setUnitState } from '#local/instance/state/units.ts';
import { option, type ParsedArguments } from '../arguments.ts';
import { type ShimCall, ShimError, type ShimResult, takes } from '../shim.ts';
import { durationSeconds } from './duration.ts';
import { readNodeIdentity } from './node-identity.ts';
import { writePki } from './pki.ts';
import { preflight } from './preflight.ts';
import { readConfig } from './read-config.ts';

const initSeconds = 30;
/** By the fault api-server-slow: as on a busy host, where the API server answers after a minute or two. */
const slowAnswerSeconds = 100;
const defaultApiCallTimeout = '1m0s';
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
  await writePki(instance);
  for (const manifest of manifests) await writeInstanceFile(instance, manifest, '# simulated static pod\n', 0o600);
  await writeInstanceFile(instance, kubeletConfigFile, stringify(config.kubelet ?? {}));
  await takes(call, initSeconds);
  await awaitApiServer(call, config.init.timeouts?.kubernetesAPICall ?? defaultApiCallTimeout);
  await writeInstanceFile(
    instance,
    '/var/lib/etcd/member/snap/db',
    'simulated: the twin keeps its objects in memory\n',
    0o600,
  );
  const identity = await readNodeIdentity(instance, config.init.nodeRegistration.name);
  const { adminKubeconfig, caCertificatePem } = await instance.cluster.init(identity, {
    cluster: config.cluster,
    init: config.init,
    kubelet: config.kubelet ?? {},
  });
  await writeInstanceFile(instance, '/etc/kubernetes/pki/ca.crt', caCertificatePem);
  await writeInstanceFile(instance, '/etc/kubernetes/admin.conf', adminKubeconfig, 0o600);
  await writeInstanceFile(instance, '/etc/kubernetes/kubelet.conf', 'simulated: the kubelet of the twin\n', 0o600);
  await startShutdownManager(instance);
  await setUnitState(instance, 'kubelet.service', 'active');
  return { stdout: 'Your Kubernetes control-plane has initialized successfully! (simulated)\n' };
}

/** @throws ShimError when the API server's first answer takes longer than the configuration allows */
async function awaitApiServer(call: ShimCall, apiCallTimeout: string): Promise<void> {
  if (!call.instance.context.faults.take('api-server-slow', call.instance.spec.role)) return;
  const allowedSeconds = durationSeconds(apiCallTimeout);
  await takes(call, Math.min(allowedSeconds, slowAnswerSeconds));
  if (allowedSeconds < slowAnswerSeconds)
    throw new ShimError(
      'error execution phase upload-config/kubeadm: Kubernetes API call timed out: context deadline exceeded',
    );
}
