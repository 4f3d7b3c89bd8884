/** kubeadm kubeconfig user: a kubeconfig with a client certificate that the twin's API server accepts. */
import { option, type ParsedArguments } from '../arguments.ts';
import { type ShimCall, ShimError, type ShimResult } from '../shim.ts';
import { durationSeconds } from './duration.ts';
import { readConfig } from './read-config.ts';
import { assertControlPlane } from './tokens.ts';

export async function issueKubeconfig(call: ShimCall, parsed: ParsedArguments): Promise<ShimResult> {
  await assertControlPlane(call.instance);
  const { cluster } = await readConfig(parsed);
  const clientName = option(parsed, 'client-name');
  if (cluster === undefined || clientName === undefined) {
    throw new ShimError('error: required flag(s) "client-name" and a ClusterConfiguration in --config');
  }
  const kubeconfig = await call.instance.cluster.issueKubeconfig({
    clientName,
    organizations: parsed.options.get('org') ?? [],
    validitySeconds: durationSeconds(option(parsed, 'validity-period') ?? '8760h'),
  });
  return { stdout: kubeconfig };
}
