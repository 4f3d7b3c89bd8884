/** kubeadm join: the twin's cluster checks the token and the hash of the CA's key. */
import { rm } from 'node:fs/promises';
import { stringify } from 'yaml';
import { writeInstanceFile } from '#local/instance/state/instance-files.ts';
import { kubeletConfigFile, startShutdownManager } from '#local/instance/state/logind.ts';
import { setUnitState } from '#local/instance/state/units.ts';
import { option, type ParsedArguments } from '../arguments.ts';
import { type ShimCall, ShimError, type ShimResult, takes } from '../shim.ts';
import { readNodeIdentity } from './node-identity.ts';
import { preflight } from './preflight.ts';
import { readConfig } from './read-config.ts';

const joinSeconds = 10;
const bootstrapConfig = '/etc/kubernetes/bootstrap-kubelet.conf';
const caCertificate = '/etc/kubernetes/pki/ca.crt';
const kubeletConfig = '/etc/kubernetes/kubelet.conf';

export async function join(call: ShimCall, parsed: ParsedArguments): Promise<ShimResult> {
  const { instance } = call;
  const config = await readConfig(parsed);
  if (config.join === undefined) throw new ShimError('error: no kind JoinConfiguration found in the config file');
  const ignored = (option(parsed, 'ignore-preflight-errors') ?? '').split(',');
  await preflight(instance, { mustNotExist: [kubeletConfig, bootstrapConfig, caCertificate], ignored });
  await takes(call, joinSeconds);
  // kubeadm writes the CA and the bootstrap configuration before the node has credentials of its own.
  await writeInstanceFile(instance, caCertificate, 'simulated: the certificate of the twin is in the kubeconfig\n');
  const token = config.join.discovery.bootstrapToken.token;
  await writeInstanceFile(instance, bootstrapConfig, `simulated: users: [{user: {token: ${token}}}]\n`, 0o600);
  if (instance.context.faults.take('join-fails', instance.spec.role)) {
    throw new ShimError('error execution phase kubelet-start: timed out waiting for the condition (simulated fault)');
  }
  const identity = await readNodeIdentity(instance, config.join.nodeRegistration.name);
  const { kubeletKubeconfig, kubelet } = await instance.cluster
    .join(identity, { join: config.join })
    .catch((error: Error) => {
      throw new ShimError(error.message);
    });
  await writeInstanceFile(instance, kubeletConfig, kubeletKubeconfig, 0o600);
  await writeInstanceFile(instance, kubeletConfigFile, stringify(kubelet));
  await startShutdownManager(instance);
  if (instance.context.faults.take('join-interrupted', instance.spec.role)) throw new ShimError('Terminated', 143);
  await rm(instance.path(bootstrapConfig), { force: true });
  await setUnitState(instance, 'kubelet.service', 'active');
  return { stdout: 'This node has joined the cluster (simulated)\n' };
}
