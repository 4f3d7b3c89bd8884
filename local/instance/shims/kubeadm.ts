/** kubeadm: the commands of the documents, with their effects in the twin's cluster. */
import { readPackages } from '../state/packages.ts';
import { parseArguments } from './arguments.ts';
import { init } from './kubeadm/init.ts';
import { join } from './kubeadm/join.ts';
import { issueKubeconfig } from './kubeadm/kubeconfig.ts';
import { readConfig } from './kubeadm/read-config.ts';
import { reset } from './kubeadm/reset.ts';
import { createToken, listTokens } from './kubeadm/tokens.ts';
import { type Shim, type ShimCall, ShimError, type ShimResult, takes } from './shim.ts';

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
      return { stdout: `${await kubernetesVersion(call)}\n` };
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

/** v1.36.3, from the package's version 1.36.3-1.1. */
async function kubernetesVersion({ instance }: ShimCall): Promise<string> {
  const packages = await readPackages(instance);
  return `v${packages['kubeadm']?.split('-')[0] ?? '0.0.0'}`;
}

async function pullImages(call: ShimCall, version: string | undefined): Promise<ShimResult> {
  await takes(call, pullSeconds);
  const components = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'];
  const lines = components.map((name) => `[config/images] Pulled registry.k8s.io/${name}:${version} (simulated)\n`);
  return { stdout: lines.join('') };
}
