import { type Letterbox, paddingLevel } from '../image/letterbox.ts';
import type { Model, ModelInput } from './model.ts';

/** Inputs for reuse: allocating several megabytes for each image costs time and lets memory grow. */
const idleInputs = new WeakMap<Model, ModelInput[]>();

/** Passes an input with undefined content to `work`, which has it exclusively until it settles. */
export async function withInput<T>(model: Model, work: (input: ModelInput) => Promise<T>): Promise<T> {
  const idle = idleInputs.get(model) ?? [];
  idleInputs.set(model, idle);
  const elements = 3 * model.side * model.side;
  const input = idle.pop() ?? (model.isHalf ? new Float16Array(elements) : new Float32Array(elements));
  try {
    return await work(input);
  } finally {
    idle.push(input);
  }
}

/** Level 0 to 255 -> 0 to 1: a lookup takes half as long as a division. */
const floatLevels = Float32Array.from({ length: 256 }, (_, level) => level / 255);
const halfLevels = Float16Array.from(floatLevels);

/**
 * Fills the model's input with the letterboxed image and gray padding around it.
 * @param pixels interleaved RGB, 8 bits, of the scaled image
 */
export function fillInput(input: ModelInput, pixels: Uint8Array, box: Letterbox, side: number): void {
  fillPadding(input, box, side);
  const levels = input instanceof Float32Array ? floatLevels : halfLevels;
  const plane = side * side;
  for (let y = 0, from = 0; y < box.height; y += 1) {
    let to = (y + box.top) * side + box.left;
    for (const end = to + box.width; to < end; to += 1, from += 3) {
      input[to] = levels[pixels[from]!]!;
      input[to + plane] = levels[pixels[from + 1]!]!;
      input[to + 2 * plane] = levels[pixels[from + 2]!]!;
    }
  }
}

/**
 * The same from an image of exactly twice the letterboxed size: each pixel is the mean of four, as in YOLOv5's own resizing.
 * @param pixels interleaved RGB, 8 bits, of 2 x width by 2 x height
 */
export function fillInputFromDouble(input: ModelInput, pixels: Uint8Array, box: Letterbox, side: number): void {
  fillPadding(input, box, side);
  const plane = side * side;
  const row = box.width * 6;
  const perLevel = 1 / (4 * 255);
  for (let y = 0; y < box.height; y += 1) {
    let from = y * 2 * row;
    let to = (y + box.top) * side + box.left;
    for (const end = to + box.width; to < end; to += 1, from += 6) {
      const below = from + row;
      const red = pixels[from]! + pixels[from + 3]! + pixels[below]! + pixels[below + 3]!;
      const green = pixels[from + 1]! + pixels[from + 4]! + pixels[below + 1]! + pixels[below + 4]!;
      const blue = pixels[from + 2]! + pixels[from + 5]! + pixels[below + 2]! + pixels[below + 5]!;
      input[to] = red * perLevel;
      input[to + plane] = green * perLevel;
      input[to + 2 * plane] = blue * perLevel;
    }
  }
}

function fillPadding(input: ModelInput, box: Letterbox, side: number): void {
  if (box.width < side || box.height < side) input.fill(paddingLevel / 255);
}
