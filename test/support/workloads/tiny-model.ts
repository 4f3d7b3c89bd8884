import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** [center x, center y, width, height, objectness, score of each class] */
export type OutputRow = readonly number[];

export interface TinyModel {
  readonly side: number;
  /** The output for every input. */
  readonly rows: readonly OutputRow[];
  readonly labels: readonly string[];
  readonly inputShape?: readonly number[];
}

/** Writes a YOLOv5-format ONNX file with a constant output, and its labels file. */
export async function writeTinyModel(folder: string, model: TinyModel) {
  const modelPath = join(folder, 'tiny.onnx');
  const labelsPath = join(folder, 'tiny.labels.txt');
  await writeFile(modelPath, encodeModel(model));
  await writeFile(labelsPath, `${model.labels.join('\n')}\n`);
  return { modelPath, labelsPath };
}

/** Writes a model of one class whose output is its input, six numbers per row, and its labels file. */
export async function writeEchoModel(folder: string, model: { readonly side: number; readonly half: boolean }) {
  const modelPath = join(folder, 'echo.onnx');
  const labelsPath = join(folder, 'echo.labels.txt');
  await writeFile(modelPath, encodeEcho(model));
  await writeFile(labelsPath, 'cat\n');
  return { modelPath, labelsPath };
}

/** TensorProto.DataType */
const [float, int64, float16] = [1, 7, 10];

/** ModelProto of onnx.proto: one Identity node from a constant to the output. */
function encodeModel({ side, rows, inputShape = [1, 3, side, side] }: TinyModel): Buffer {
  const outputShape = [1, rows.length, rows[0]!.length];
  const values = Buffer.from(Float32Array.from(rows.flat()).buffer);
  const constant = [
    ...outputShape.map((size) => number(1, size)),
    number(2, float),
    bytes(8, 'constant'),
    bytes(9, values),
  ];
  return encodeGraph([
    bytes(1, concat([bytes(1, 'constant'), bytes(2, 'output0'), bytes(4, 'Identity')])),
    bytes(2, 'tiny'),
    bytes(5, concat(constant)),
    bytes(11, valueInfo('images', inputShape, float)),
    bytes(12, valueInfo('output0', outputShape, float)),
  ]);
}

/** One Reshape node from the input to the output. */
function encodeEcho({ side, half }: { readonly side: number; readonly half: boolean }): Buffer {
  const type = half ? float16 : float;
  const outputShape = [1, (3 * side * side) / 6, 6];
  const values = Buffer.from(BigInt64Array.from(outputShape, BigInt).buffer);
  return encodeGraph([
    bytes(1, concat([bytes(1, 'images'), bytes(1, 'shape'), bytes(2, 'output0'), bytes(4, 'Reshape')])),
    bytes(2, 'echo'),
    bytes(5, concat([number(1, outputShape.length), number(2, int64), bytes(8, 'shape'), bytes(9, values)])),
    bytes(11, valueInfo('images', [1, 3, side, side], type)),
    bytes(12, valueInfo('output0', outputShape, type)),
  ]);
}

function encodeGraph(graph: readonly Buffer[]): Buffer {
  const opset = concat([bytes(1, ''), number(2, 13)]);
  return concat([number(1, 8), bytes(7, concat(graph)), bytes(8, opset)]);
}

function valueInfo(name: string, shape: readonly number[], type: number): Buffer {
  const dimensions = concat(shape.map((size) => bytes(1, number(1, size))));
  const tensor = concat([number(1, type), bytes(2, dimensions)]);
  return concat([bytes(1, name), bytes(2, bytes(1, tensor))]);
}

const concat = (parts: readonly Buffer[]) => Buffer.concat(parts);

/** A protobuf varint field. */
const number = (field: number, value: number) => concat([varint(field << 3), varint(value)]);

/** A length-delimited protobuf field. */
function bytes(field: number, value: string | Buffer): Buffer {
  const content = Buffer.from(value as string);
  return concat([varint((field << 3) | 2), varint(content.length), content]);
}

function varint(value: number): Buffer {
  const digits: number[] = [];
  let rest = value;
  while (rest > 127) {
    digits.push((rest & 127) | 128);
    rest >>>= 7;
  }
  return Buffer.from([...digits, rest]);
}
