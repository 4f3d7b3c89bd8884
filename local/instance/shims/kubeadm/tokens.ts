/** kubeadm token: creates tokens of the twin's cluster and lists those that this instance created. */
import type { Instance } from '#local/instance/state/instance.ts';
import { exists } from '#local/instance/state/units.ts';
import { option, type ParsedArguments } from '../arguments.ts';
import { type ShimCall, ShimError, type ShimResult } from '../shim.ts';
import { durationSeconds } from './duration.ts';

interface Token {
  readonly token: string;
  readonly expiresAt: Date;
  readonly description: string;
}

const tokensOf = new WeakMap<Instance, Token[]>();

export async function createToken(call: ShimCall, parsed: ParsedArguments): Promise<ShimResult> {
  const { instance } = call;
  await assertControlPlane(instance);
  const ttlSeconds = durationSeconds(option(parsed, 'ttl') ?? '24h0m0s');
  const description = option(parsed, 'description') ?? '';
  const token = await instance.cluster.createToken(ttlSeconds, description);
  const expiresAt = new Date(Date.now() + ttlSeconds * 1000);
  tokensOf.set(instance, [...(tokensOf.get(instance) ?? []), { token, expiresAt, description }]);
  if (!parsed.options.has('print-join-command')) return { stdout: `${token}\n` };
  const hash = await instance.cluster.caCertificateHash();
  const endpoint = `${instance.spec.privateIp}:6443`;
  return { stdout: `kubeadm join ${endpoint} --token ${token} --discovery-token-ca-cert-hash ${hash} \n` };
}

export async function listTokens({ instance }: ShimCall): Promise<ShimResult> {
  await assertControlPlane(instance);
  const unexpired = (tokensOf.get(instance) ?? []).filter(({ expiresAt }) => expiresAt.getTime() > Date.now());
  const lines = unexpired.map(
    ({ token, expiresAt, description }) =>
      `${token}   ${expiresAt.toISOString()}   authentication,signing   ${description}   system:bootstrappers:kubeadm:default-node-token`,
  );
  return { stdout: ['TOKEN   EXPIRES   USAGES   DESCRIPTION   EXTRA GROUPS', ...lines, ''].join('\n') };
}

export async function assertControlPlane(instance: Instance): Promise<void> {
  if (await exists(instance.path('/etc/kubernetes/admin.conf'))) return;
  throw new ShimError('failed to load admin kubeconfig: open /etc/kubernetes/admin.conf: no such file or directory');
}
