import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { dockerfilePath, imageBuildOf } from '@stepkube/tools/service-image.ts';
import type { Metafile } from 'esbuild';
import { outputsOf } from './build-outputs.ts';
import {
  flattenStage,
  type Instruction,
  parseDockerfile,
  parseFileCopy,
  type Stage,
  textOf,
  UnknownInstructionError,
} from './dockerfile-parser.ts';
import { type RecordedBase, type RecordedDownload, recordedBase, recordedDownloads } from './recorded.ts';

/** The files that an instruction adds, in a folder that stands for the image's root. */
export interface StagedLayer {
  readonly instruction: string;
  readonly folder: string;
}

export interface Download extends RecordedDownload {
  readonly url: string;
}

export interface StagedImage {
  readonly service: string;
  readonly base: RecordedBase & { readonly reference: string };
  /** Files that a build fetches: they are not in the layers' folders. */
  readonly downloads: readonly Download[];
  readonly layers: readonly StagedLayer[];
  /** The contents of the bundle. */
  readonly metafile: Metafile;
}

/** They change the image's configuration, not its files. */
const withoutFiles = new Set(['ARG', 'ENV', 'USER', 'EXPOSE', 'ENTRYPOINT', 'CMD', 'LABEL', 'STOPSIGNAL']);

/**
 * Does what `docker build` would do for a service, for linux/amd64 and without Docker or network.
 * @param folder gets one folder per layer.
 * @throws UnknownInstructionError for an instruction that it cannot reproduce, MissingPackageError
 */
export async function stageImage(service: string, folder: string): Promise<StagedImage> {
  return stageDockerfile(service, await readFile(dockerfilePath, 'utf8'), folder);
}

/** @param dockerfile its text. */
export async function stageDockerfile(service: string, dockerfile: string, folder: string): Promise<StagedImage> {
  const { buildArgs, target } = imageBuildOf(service);
  const stages = parseDockerfile(dockerfile, buildArgs);
  const image = flattenStage(stages, target);
  const staging = new Staging(stages, folder);
  await staging.addInstructions(image.instructions);
  const { layers, downloads, metafile } = staging;
  if (metafile === undefined) throw new UnknownInstructionError('the final stage copies no bundle');
  return { service, base: baseOf(image), downloads, layers, metafile };
}

/** The layers and downloads of an image, collected instruction by instruction. */
class Staging {
  readonly layers: StagedLayer[] = [];
  readonly downloads: Download[] = [];
  metafile: Metafile | undefined;
  readonly #stages: readonly Stage[];
  readonly #folder: string;

  constructor(stages: readonly Stage[], folder: string) {
    this.#stages = stages;
    this.#folder = folder;
  }

  async addInstructions(instructions: readonly Instruction[]): Promise<void> {
    let workingFolder = '/';
    for (const instruction of instructions) {
      const { keyword, operands } = instruction;
      if (withoutFiles.has(keyword)) continue;
      if (keyword === 'WORKDIR') {
        workingFolder = posix.resolve(workingFolder, operands);
        await this.#addLayer(instruction, workingFolder);
      } else if (keyword === 'ADD') this.downloads.push(downloadOf(instruction));
      else if (keyword === 'COPY') await this.#copy(instruction, workingFolder);
      else throw new UnknownInstructionError(`${textOf(instruction)}: what it writes cannot be known without Docker`);
    }
  }

  async #copy(instruction: Instruction, workingFolder: string): Promise<void> {
    const { flags, sources, target } = parseFileCopy(instruction);
    const unknown = new UnknownInstructionError(
      `${textOf(instruction)}: what it copies cannot be known without Docker`,
    );
    if (!target.endsWith('/')) throw unknown;
    const from = flags.get('from');
    const stage = this.#stages.find(({ name }) => name === from);
    if (from !== undefined && (stage === undefined || sources.length !== 1)) throw unknown;
    const copyFiles = await this.#resolve(stage, sources);
    if (copyFiles === undefined) throw unknown;
    await copyFiles(await this.#addLayer(instruction, posix.resolve(workingFolder, target)));
  }

  /** @returns how to create the sources in a folder; undefined for what no instruction is known to create. */
  async #resolve(stage: Stage | undefined, sources: readonly string[]) {
    if (stage === undefined) return (folder: string) => copyFromContext(sources, folder);
    const produce = outputsOf(stage).get(sources[0]!);
    if (produce !== undefined)
      return async (folder: string) => {
        this.metafile = (await produce(folder)) ?? this.metafile;
      };
    return stage.base === 'scratch' ? (folder: string) => this.#copyStage(stage, sources[0]!, folder) : undefined;
  }

  /** A stage without a base image and commands consists of what it adds: all of it must be in the copied folder. */
  async #copyStage({ instructions }: Stage, source: string, folder: string): Promise<void> {
    for (const instruction of instructions) {
      const { keyword, operands } = instruction;
      if (keyword === 'ADD') this.downloads.push(downloadOf(instruction));
      else if (keyword === 'COPY') await copyFromContext(parseFileCopy(instruction).sources, folder);
      else if (keyword !== 'ARG' && !(keyword === 'WORKDIR' && `${operands}/` === source))
        throw new UnknownInstructionError(`${textOf(instruction)}: not known in a stage without a base image`);
    }
  }

  async #addLayer(instruction: Instruction, target: string): Promise<string> {
    const layer = { instruction: textOf(instruction), folder: join(this.#folder, String(this.layers.length)) };
    this.layers.push(layer);
    const path = join(layer.folder, target);
    await mkdir(path, { recursive: true });
    return path;
  }
}

async function copyFromContext(sources: readonly string[], folder: string): Promise<void> {
  for (const source of sources) await copyFile(projectPath(source), join(folder, basename(source)));
}

function baseOf({ base: reference }: Stage): StagedImage['base'] {
  if (reference.includes(`@${recordedBase.digest}`)) return { ...recordedBase, reference };
  throw new UnknownInstructionError(`FROM ${reference}: scripts/images/recorded.ts has no size of it`);
}

function downloadOf(instruction: Instruction): Download {
  const { flags, sources } = parseFileCopy(instruction);
  const checksum = /^sha256:([0-9a-f]{64})$/.exec(flags.get('checksum') ?? '')?.[1];
  const recorded = recordedDownloads.find(({ sha256 }) => checksum?.startsWith(sha256));
  const [url] = sources;
  if (recorded !== undefined && checksum !== undefined && url !== undefined && sources.length === 1)
    return { ...recorded, sha256: checksum, url };
  throw new UnknownInstructionError(`${textOf(instruction)}: scripts/images/recorded.ts has no size of it`);
}
