import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import { projectFolder as repository } from '@stepkube/tools/project-path.ts';
import type { Metafile } from 'esbuild';
import { outputOf, type Produce } from './build-outputs.ts';
import { type Instruction, parseDockerfile, parseFileCopy, textOf, UnknownInstructionError } from './dockerfile.ts';
import { type RecordedBase, type RecordedDownload, recordedBase, recordedDownloads } from './recorded.ts';

/** What one instruction of the final stage adds, in a folder that stands for the image's root. */
export interface StagedLayer {
  readonly instruction: string;
  readonly folder: string;
}

export interface StagedImage {
  readonly service: string;
  readonly base: RecordedBase;
  /** Instructions that fetch: their files are not here. */
  readonly downloads: readonly RecordedDownload[];
  readonly layers: readonly StagedLayer[];
  /** What went into the bundle. */
  readonly metafile: Metafile;
}

/** They change the image's configuration, not its files. */
const withoutFiles = new Set(['ENV', 'USER', 'EXPOSE', 'ENTRYPOINT', 'CMD', 'LABEL', 'STOPSIGNAL']);

/**
 * Does what `docker build` would do with a service's Dockerfile, for linux/amd64 and without Docker or network.
 * @param folder gets one folder for each layer.
 * @throws UnknownInstructionError when the Dockerfile does what this cannot follow, MissingPackageError
 */
export async function stageImage(service: string, folder: string): Promise<StagedImage> {
  const dockerfile = await readFile(join(repository, 'workloads', service, 'Dockerfile'), 'utf8');
  return stageDockerfile(service, dockerfile, folder);
}

/** @param dockerfile its text. */
export async function stageDockerfile(service: string, dockerfile: string, folder: string): Promise<StagedImage> {
  const stages = parseDockerfile(dockerfile);
  const { base, instructions } = stages.at(-1)!;
  if (base !== recordedBase.reference)
    throw new UnknownInstructionError(`FROM ${base}: scripts/images/recorded.ts has no size of it`);
  const layers: StagedLayer[] = [];
  const downloads: RecordedDownload[] = [];
  let metafile: Metafile | undefined;
  let workingFolder = '/';
  const addLayer = async (instruction: Instruction, target: string): Promise<string> => {
    const layer = { instruction: textOf(instruction), folder: join(folder, String(layers.length)) };
    layers.push(layer);
    const path = join(layer.folder, target);
    await mkdir(path, { recursive: true });
    return path;
  };
  for (const instruction of instructions) {
    const { keyword, operands } = instruction;
    if (withoutFiles.has(keyword)) continue;
    if (keyword === 'WORKDIR') {
      workingFolder = posix.resolve(workingFolder, operands);
      await addLayer(instruction, workingFolder);
    } else if (keyword === 'ADD') downloads.push(downloadOf(instruction));
    else if (keyword === 'COPY') {
      const { flags, sources, target } = parseFileCopy(instruction);
      const from = flags.get('from');
      const produce = from === undefined ? copyFromContext(sources) : outputOf(stages, from, sources);
      if (produce === undefined || !target.endsWith('/'))
        throw new UnknownInstructionError(`${textOf(instruction)}: what it copies cannot be known without Docker`);
      metafile = (await produce(await addLayer(instruction, posix.resolve(workingFolder, target)))) ?? metafile;
    } else throw new UnknownInstructionError(`${textOf(instruction)}: what it writes cannot be known without Docker`);
  }
  if (metafile === undefined) throw new UnknownInstructionError('the final stage copies no bundle');
  return { service, base: recordedBase, downloads, layers, metafile };
}

function copyFromContext(sources: readonly string[]): Produce {
  return async (folder) => {
    for (const source of sources) await copyFile(join(repository, source), join(folder, basename(source)));
    return undefined;
  };
}

function downloadOf(instruction: Instruction): RecordedDownload {
  const { flags, sources } = parseFileCopy(instruction);
  const download = recordedDownloads.find(({ url, sha256 }) => {
    return sources.length === 1 && url === sources[0] && flags.get('checksum') === `sha256:${sha256}`;
  });
  if (download !== undefined) return download;
  throw new UnknownInstructionError(`${textOf(instruction)}: scripts/images/recorded.ts has no size of it`);
}
