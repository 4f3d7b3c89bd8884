import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ModelIdentity } from '@stepkube/shared/contracts/messages.ts';
import type { InferenceSession as Session, Tensor as TensorType } from 'onnxruntime-node';
import { InferenceSession, Tensor } from './onnxruntime.ts';

/** The model file or labels file cannot be used; the message names the file and the problem. */
export class InvalidModelError extends Error {
  override readonly name = 'InvalidModelError';
}

/** 3 x side x side: channel after channel (RGB), rows of the square, 0 to 1. */
export type ModelInput = Float32Array | Float16Array;

/** boxes x (5 + classes). */
export type ModelOutput = Float32Array | Float16Array;

/** A YOLOv5-format model: [1, 3, side, side] in, [1, boxes, 5 + classes] out, float32 or float16. */
export interface Model {
  readonly identity: ModelIdentity;
  /** Whether the input is float16, as in the official ONNX files. */
  readonly isHalf: boolean;
  /** Side of the square input, in pixels. */
  readonly side: number;
  readonly labels: readonly string[];
  run(input: ModelInput): Promise<ModelOutput>;
}

export interface ModelOptions {
  readonly modelPath: string;
  readonly labelsPath: string;
  readonly name: string;
  /** The first 12 digits of the file's SHA-256 by default. */
  readonly version?: string | undefined;
  readonly threads: number;
}

/** Loads the weights and reads tensor names and shapes from them. @throws InvalidModelError */
export async function loadModel(options: ModelOptions): Promise<Model> {
  const { modelPath, labelsPath, threads } = options;
  const weights = await read(modelPath);
  const session = await InferenceSession.create(weights, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
  }).catch((error: Error) => {
    throw new InvalidModelError(`${modelPath} is not an ONNX model: ${error.message}`, { cause: error });
  });
  const [input, output] = [shapeOf(session.inputMetadata, modelPath), shapeOf(session.outputMetadata, modelPath)];
  const { side, classCount } = readShapes(modelPath, input.shape, output.shape);
  const labels = readLabels((await read(labelsPath)).toString('utf8'));
  if (labels.length !== classCount)
    throw new InvalidModelError(
      `${labelsPath} has ${labels.length} labels, but ${modelPath} has ${classCount} classes`,
    );

  const sha256 = createHash('sha256').update(weights).digest('hex');
  return {
    identity: { name: options.name, version: options.version ?? sha256.slice(0, 12), sha256 },
    isHalf: input.type === 'float16',
    side,
    labels,
    async run(values) {
      const results = await session.run({ [input.name]: tensorOf(values, [1, 3, side, side]) });
      return results[output.name]!.data as ModelOutput;
    },
  };
}

async function read(path: string): Promise<Buffer> {
  return readFile(path).catch((error: Error) => {
    throw new InvalidModelError(`${path} cannot be read: ${error.message}`, { cause: error });
  });
}

function shapeOf(all: readonly Session.ValueMetadata[], modelPath: string) {
  const first = all[0];
  if (first === undefined || !first.isTensor || (first.type !== 'float32' && first.type !== 'float16'))
    throw new InvalidModelError(`${modelPath} must take and give float32 or float16 tensors`);
  return { name: first.name, type: first.type, shape: first.shape };
}

/**
 * On runtimes with Float16Array, onnxruntime-common 1.30 stores a float16 tensor's data in one, which its native part
 * does not accept. So the bits are passed as uint16 and the tensor's type is set to float16 afterwards.
 */
function tensorOf(values: ModelInput, shape: readonly number[]): TensorType {
  if (values instanceof Float32Array) return new Tensor('float32', values, shape);
  const bits = new Uint16Array(values.buffer, values.byteOffset, values.length);
  return Object.defineProperty(new Tensor('uint16', bits, shape), 'type', { value: 'float16' });
}

type Shape = readonly (number | string)[];

function readShapes(modelPath: string, input: Shape, output: Shape): { side: number; classCount: number } {
  const [batch, channels, side, width] = input;
  if (batch !== 1 || channels !== 3 || typeof side !== 'number' || side !== width)
    throw new InvalidModelError(`${modelPath} takes [${input}]: a static [1,3,side,side] is needed`);
  const columns = output[2];
  if (output.length !== 3 || output[0] !== 1 || typeof columns !== 'number' || columns < 6)
    throw new InvalidModelError(`${modelPath} gives [${output}]: YOLOv5's [1,boxes,5+classes] is needed`);
  return { side, classCount: columns - 5 };
}

/** One label per line; trailing empty lines are ignored. */
function readLabels(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.trim());
}
