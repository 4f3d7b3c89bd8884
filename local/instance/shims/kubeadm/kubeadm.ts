/** kubeadm: the commands that the documents use, which act on the twin's cluster. */
import { kubernetesPackageVersion } from '#local/instance/state/software.ts';
import { parseArguments } from '../arguments.ts';
import { type Shim, type ShimCall, ShimError, type ShimResult, takes } from '../shim.ts';
import { init } from './init.ts';
import { join } from './join.ts';
import { issueKubeconfig } from './kubeconfig.ts';
import { readConfig } from './read-config.ts';
import { reset } from './reset.ts';
import { createToken, listTokens } from './tokens.ts';

const pullSeconds = 10;

export const kubeadm: Shim = async (call) => {
  const parsed = parseArguments(call.argv, {
    tool: 'kubeadm',
    valued: [
      'config',
      'output',
      'ignore-preflight-errors',
      'ttl',
      'description',
      'client-name',
      'org',
      'validity-period',
    ],
    flags: ['skip-token-print', 'force', 'print-join-command'],
    usageExitCode: 1,
  });
  switch (parsed.operands.join(' ')) {
    case 'version':
      return { stdout: `${await kubernetesPackageVersion(call.instance, 'kubeadm')}\n` };
    case 'config validate':
      await readConfig(parsed);
      return { stdout: 'ok\n' };
    case 'config images pull':
      return pullImages(call, (await readConfig(parsed)).cluster?.kubernetesVersion);
    case 'init':
      return init(call, parsed);
    case 'join':
      return join(call, parsed);
    case 'reset':
      return reset(call);
    case 'token create':
      return createToken(call, parsed);
    case 'token list':
      return listTokens(call);
    case 'kubeconfig user':
      return issueKubeconfig(call, parsed);
    default:
      throw new ShimError(`unknown command "${parsed.operands.join(' ')}" for "kubeadm" (in the twin)`);
  }
};

async function pullImages(call: ShimCall, version: string | undefined): Promise<ShimResult> {
  await takes(call, pullSeconds);
  const components = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'];
  const lines = components.map((name) => `[config/images] Pulled registry.k8s.io/${name}:${version} (simulated)\n`);
  return { stdout: lines.join('') };
}
