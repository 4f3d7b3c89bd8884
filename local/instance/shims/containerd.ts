/** containerd, runc and ctr, with the versions of the downloads that they come from. */
import { simulatedSource, versionOf } from '../state/downloads.ts';
import type { Shim, ShimCall } from './shim.ts';

async function version({ program }: ShimCall): Promise<string> {
  return versionOf((await simulatedSource(program)) ?? '');
}

export const containerd: Shim = async (call) => ({
  stdout: `containerd github.com/containerd/containerd/v2 v${await version(call)} simulated\n`,
});

export const runc: Shim = async (call) => ({ stdout: `runc version ${await version(call)}\ncommit: simulated\n` });

export const ctr: Shim = () => ({
  stdout: 'CONTAINER    IMAGE    RUNTIME    (simulated: pods of the twin are processes)\n',
});
