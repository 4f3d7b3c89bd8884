import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { buildArgumentDefault } from '@stepkube/tools/service-image.ts';

/** The weights that yolo5 runs in the twin. */
export interface Model {
  /** 'demo model', 'YOLOv5n v7.0', or the path of the file. */
  readonly title: string;
  readonly modelPath: string;
  readonly labelsPath: string;
}

/** A chosen model or labels file does not exist, or the official weights cannot be downloaded. */
export class ModelNotFoundError extends Error {
  override readonly name = 'ModelNotFoundError';
}

const modelFolder = projectPath('workloads', 'yolo5', 'model');
const cocoLabels = join(modelFolder, 'coco.labels.txt');
const demo: Model = {
  title: 'demo model',
  modelPath: join(modelFolder, 'demo.onnx'),
  labelsPath: join(modelFolder, 'demo.labels.txt'),
};
/** The weights of yolo5's container image. */
const official = { url: buildArgumentDefault('YOLOV5_URL'), sha256: buildArgumentDefault('YOLOV5_SHA256') };
const downloadTimeoutMilliseconds = 20_000;

/**
 * Chooses the weights: the file `YOLO5_MODEL` (labels: `YOLO5_LABELS`, else COCO's), 'demo', 'official', or 'auto', which is the
 * official weights when they are cached or can be downloaded now, else the demo model.
 * @throws ModelNotFoundError
 */
export async function chooseModel(choice: 'auto' | 'demo' | 'official', env: NodeJS.ProcessEnv): Promise<Model> {
  const file = env['YOLO5_MODEL'];
  if (file) return ownModel(file, env['YOLO5_LABELS'] || cocoLabels);
  if (choice === 'demo') return demo;
  const weights = await officialWeights(cacheFile(env)).catch((error: Error) => {
    if (choice === 'official')
      throw new ModelNotFoundError(`--model official: ${error.message}; download ${official.url} to ${cacheFile(env)}`);
    return undefined;
  });
  return weights ? { title: 'YOLOv5n v7.0', modelPath: weights, labelsPath: cocoLabels } : demo;
}

function ownModel(file: string, labels: string): Model {
  const [modelPath, labelsPath] = [resolve(file), resolve(labels)];
  if (!existsSync(modelPath)) throw new ModelNotFoundError(`YOLO5_MODEL: no such file: ${modelPath}`);
  if (!existsSync(labelsPath)) throw new ModelNotFoundError(`YOLO5_LABELS: no such file: ${labelsPath}`);
  return { title: file, modelPath, labelsPath };
}

function cacheFile(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'stepkube', 'yolov5n.onnx');
}

/** Uses the cached file or downloads it; one with another checksum is never used. */
async function officialWeights(file: string): Promise<string> {
  if (existsSync(file) && sha256(await readFile(file)) === official.sha256) return file;
  const response = await fetch(official.url, { signal: AbortSignal.timeout(downloadTimeoutMilliseconds) });
  if (!response.ok) throw new Error(`the download responded with ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (sha256(bytes) !== official.sha256) throw new Error('the download has another checksum');
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(`${file}.${process.pid}`, bytes);
  await rename(`${file}.${process.pid}`, file);
  return file;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
