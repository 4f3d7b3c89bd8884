/** containerd, runc, ctr: they answer what the documents ask, with the version of the download they came from. */
import { simulatedSource, versionOf } from '../state/downloads.ts';
import type { StandIn, StandInCall } from './stand-in.ts';

async function version({ program }: StandInCall): Promise<string> {
  return versionOf((await simulatedSource(program)) ?? '');
}

export const containerd: StandIn = async (call) => ({
  stdout: `containerd github.com/containerd/containerd/v2 v${await version(call)} simulated\n`,
});

export const runc: StandIn = async (call) => ({ stdout: `runc version ${await version(call)}\ncommit: simulated\n` });

export const ctr: StandIn = () => ({
  stdout: 'CONTAINER    IMAGE    RUNTIME    (simulated: pods of the twin are processes)\n',
});
