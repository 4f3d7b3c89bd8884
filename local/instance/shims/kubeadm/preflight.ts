/** The checks of kubeadm init and join that look at the instance's files and units. */
import { readFile } from 'node:fs/promises';
import type { Instance } from '#local/instance/state/instance.ts';
import { exists, unitState } from '#local/instance/state/units.ts';
import { ShimError } from '../shim.ts';

/** A check's name for --ignore-preflight-errors, and its error; undefined when it passes. */
type Check = readonly [name: string, problem: string | undefined];

/** @throws ShimError listing every failed check that is not ignored */
export async function preflight(
  instance: Instance,
  { mustNotExist, ignored }: { mustNotExist: readonly string[]; ignored: readonly string[] },
): Promise<void> {
  const checks = [...(await hostChecks(instance)), ...(await fileChecks(instance, mustNotExist))];
  const failed = checks.filter(([name, problem]) => problem !== undefined && !ignored.includes(name));
  if (failed.length === 0) return;
  const lines = failed.map(([name, problem]) => `\t[ERROR ${name}]: ${problem}`);
  throw new ShimError(
    `[preflight] Some fatal errors occurred:\n${lines.join('\n')}\n[preflight] If you know what you are doing, you can make a check non-fatal with \`--ignore-preflight-errors=...\``,
  );
}

async function hostChecks(instance: Instance): Promise<Check[]> {
  const read = (path: string) => readFile(instance.path(path), 'utf8').catch(() => '');
  const swaps = (await read('/proc/swaps')).trim().split('\n').length - 1;
  const forwarding = (await read('/proc/sys/net/ipv4/ip_forward')).trim();
  const bridged = (await read('/proc/sys/net/bridge/bridge-nf-call-iptables')).trim();
  const runtime = await unitState(instance, 'containerd.service');
  return [
    ['Swap', swaps > 0 ? 'swap is enabled' : undefined],
    ['FileContent--proc-sys-net-ipv4-ip_forward', forwarding === '1' ? undefined : 'contents are not set to 1'],
    ['FileContent--proc-sys-net-bridge-bridge-nf-call-iptables', bridged === '1' ? undefined : 'is not set to 1'],
    ['CRI', runtime === 'active' ? undefined : 'could not connect to the container runtime'],
  ];
}

function fileChecks(instance: Instance, paths: readonly string[]): Promise<Check[]> {
  return Promise.all(
    paths.map(async (path): Promise<Check> => {
      const name = `FileAvailable-${path.replaceAll('/', '-')}`;
      return [name, (await exists(instance.path(path))) ? `${path} already exists` : undefined];
    }),
  );
}
