/** kubeadm reset: stops the kubelet and deletes what init or join wrote. */
import { rm } from 'node:fs/promises';
import { setUnitState, unitState } from '#local/instance/state/units.ts';
import { type ShimCall, type ShimResult, takes } from '../shim.ts';

const resetSeconds = 3;
const written = [
  ...['manifests', 'pki', 'admin.conf', 'kubelet.conf', 'bootstrap-kubelet.conf'].map(
    (name) => `/etc/kubernetes/${name}`,
  ),
  '/var/lib/etcd',
  '/var/lib/kubelet/config.yaml',
];

export async function reset(call: ShimCall): Promise<ShimResult> {
  const { instance } = call;
  await takes(call, resetSeconds);
  if ((await unitState(instance, 'kubelet.service')) === 'active') {
    await instance.cluster.stopKubelet(instance.spec.instanceId);
  }
  await setUnitState(instance, 'kubelet.service', 'inactive');
  for (const path of written) await rm(instance.path(path), { recursive: true, force: true });
  return { stdout: '[reset] Deleted the state of this node (simulated)\n' };
}
