/** kubeadm kubeconfig user: a client certificate that the twin's API server accepts. */
import { option, type ParsedArguments } from '../arguments.ts';
import { type StandInCall, StandInError, type StandInResult } from '../stand-in.ts';
import { durationSeconds } from './duration.ts';
import { readConfig } from './read-config.ts';
import { assertControlPlane } from './tokens.ts';

export async function issueKubeconfig(call: StandInCall, parsed: ParsedArguments): Promise<StandInResult> {
  await assertControlPlane(call.instance);
  const { cluster } = await readConfig(parsed);
  const clientName = option(parsed, 'client-name');
  if (cluster === undefined || clientName === undefined) {
    throw new StandInError('error: required flag(s) "client-name" and a ClusterConfiguration in --config');
  }
  const kubeconfig = await call.instance.cluster.issueKubeconfig({
    clientName,
    organizations: parsed.options.get('org') ?? [],
    validitySeconds: durationSeconds(option(parsed, 'validity-period') ?? '8760h'),
  });
  return { stdout: kubeconfig };
}
