import { posix } from 'node:path';
import { buildService } from '@stepkube/tools/build-service.ts';
import { collectPackages } from '@stepkube/tools/collect-packages.ts';
import type { Metafile } from 'esbuild';
import { type Stage, UnknownInstructionError } from './dockerfile-parser.ts';

/** The platform for which the stack builds the images. */
const imagePlatform = { os: 'linux', cpu: 'x64', libc: 'glibc' };

/** Creates the output of a command in an existing folder. @returns the contents of a bundle, if it is one. */
export type Produce = (folder: string) => Promise<Metafile | undefined>;

/**
 * The outputs of a build stage's commands by folder, with a slash at its end.
 * @throws UnknownInstructionError for an unknown command
 */
export function outputsOf({ instructions }: Stage): ReadonlyMap<string, Produce> {
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
  return { folder: `workloads/${service}/dist`, produce: (folder) => buildService(service, folder) };
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
