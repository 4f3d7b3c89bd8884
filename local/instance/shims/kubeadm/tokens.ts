/** kubeadm token: creates and lists tokens of the twin's cluster. */
import type { Instance } from '#local/instance/state/instance.ts';
import { exists } from '#local/instance/state/units.ts';
import { option, type ParsedArguments } from '../arguments.ts';
import { type ShimCall, ShimError, type ShimResult } from '../shim.ts';
import { durationSeconds } from './duration.ts';

export async function createToken(call: ShimCall, parsed: ParsedArguments): Promise<ShimResult> {
  const { instance } = call;
  await assertControlPlane(instance);
  const ttlSeconds = durationSeconds(option(parsed, 'ttl') ?? '24h0m0s');
  const description = option(parsed, 'description') ?? '';
  const token = await instance.cluster.createToken(ttlSeconds, description);
  if (!parsed.options.has('print-join-command')) return { stdout: `${token}\n` };
  const hash = await instance.cluster.caCertificateHash();
  const endpoint = `${instance.spec.privateIp}:6443`;
  return { stdout: `kubeadm join ${endpoint} --token ${token} --discovery-token-ca-cert-hash ${hash} \n` };
}

export async function listTokens({ instance }: ShimCall): Promise<ShimResult> {
  await assertControlPlane(instance);
  const lines = (await instance.cluster.listTokens()).map(
    ({ token, expiration = '<forever>', description }) =>
      `${token}   ${expiration}   authentication,signing   ${description}   system:bootstrappers:kubeadm:default-node-token`,
  );
  return { stdout: ['TOKEN   EXPIRES   USAGES   DESCRIPTION   EXTRA GROUPS', ...lines, ''].join('\n') };
}

export async function assertControlPlane(instance: Instance): Promise<void> {
  if (await exists(instance.path('/etc/kubernetes/admin.conf'))) return;
  throw new ShimError('failed to load admin kubeconfig: open /etc/kubernetes/admin.conf: no such file or directory');
}
