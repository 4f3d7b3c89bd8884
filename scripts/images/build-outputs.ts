import { join, posix } from 'node:path';
import { buildService } from '@stepkube/tools/build-service.ts';
import { collectPackages } from '@stepkube/tools/collect-packages.ts';
import type { Metafile } from 'esbuild';
import { type Stage, UnknownInstructionError } from './dockerfile.ts';

/** The stack builds the images for it. */
const imagePlatform = { os: 'linux', cpu: 'x64', libc: 'glibc' };

/** Puts what a command makes into a folder that exists. @returns what a bundle is made of, for a bundle. */
export type Produce = (folder: string) => Promise<Metafile | undefined>;

/**
 * How to make what the final stage copies from a build stage.
 * @returns undefined for what no command of that stage is known to make.
 * @throws UnknownInstructionError when a command of that stage is not known.
 */
export function outputOf(stages: readonly Stage[], from: string, sources: readonly string[]): Produce | undefined {
  const stage = stages.find(({ name }) => name === from);
  return stage === undefined || sources.length !== 1 ? undefined : outputsOf(stage).get(sources[0]!);
}

/** By folder, with a slash at its end. */
function outputsOf({ instructions }: Stage): ReadonlyMap<string, Produce> {
  const outputs = new Map<string, Produce>();
  let workingFolder = '/';
  for (const { keyword, operands } of instructions) {
    if (keyword === 'WORKDIR') workingFolder = posix.resolve(workingFolder, operands);
    if (keyword !== 'RUN') continue;
    for (const command of operands.split('&&').map((part) => part.trim())) {
      const output = bundle(command) ?? packages(command);
      if (output !== undefined) outputs.set(`${posix.resolve(workingFolder, output.folder)}/`, output.produce);
      else if (!command.startsWith('npm ci ')) throw new UnknownInstructionError(`RUN ${command}: not known`);
    }
  }
  return outputs;
}

interface Output {
  readonly folder: string;
  readonly produce: Produce;
}

function bundle(command: string): Output | undefined {
  const service = /^npm run build --workspace @stepkube\/(\S+)$/.exec(command)?.[1];
  if (service === undefined) return undefined;
  return { folder: `workloads/${service}/dist`, produce: (folder) => buildService(service, join(folder, 'main.js')) };
}

function packages(command: string): Output | undefined {
  const [, service, folder] = /^node tools\/collect-packages\.ts (\S+) (\S+)$/.exec(command) ?? [];
  if (service === undefined || folder === undefined) return undefined;
  const produce = async (into: string) => {
    await collectPackages(service, into, imagePlatform);
    return undefined;
  };
  return { folder, produce };
}
