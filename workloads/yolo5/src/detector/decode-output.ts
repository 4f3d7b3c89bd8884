import type { ModelOutput } from './model.ts';

/** A box in pixels of the model's square. */
export interface Candidate {
  readonly classIndex: number;
  /** Objectness times class score, 0 to 1. */
  readonly confidence: number;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** YOLOv5's own threshold: applied to the objectness first, then to its product with the class score. */
const confidenceThreshold = 0.25;

/**
 * Decodes YOLOv5's output: one row per box with center x, center y, width, height, objectness and a score for each class.
 * Each box gets the class with its highest score.
 */
export function decodeOutput(output: ModelOutput, classCount: number): Candidate[] {
  const columns = 5 + classCount;
  const candidates: Candidate[] = [];
  for (let row = 0; row + columns <= output.length; row += columns) {
    const objectness = output[row + 4]!;
    if (!(objectness > confidenceThreshold)) continue;
    let classIndex = 0;
    for (let index = 1; index < classCount; index += 1) {
      if (output[row + 5 + index]! > output[row + 5 + classIndex]!) classIndex = index;
    }
    const confidence = objectness * output[row + 5 + classIndex]!;
    if (!(confidence > confidenceThreshold)) continue;
    const [x, y] = [output[row]!, output[row + 1]!];
    const [halfWidth, halfHeight] = [output[row + 2]! / 2, output[row + 3]! / 2];
    candidates.push({
      classIndex,
      confidence,
      x1: x - halfWidth,
      y1: y - halfHeight,
      x2: x + halfWidth,
      y2: y + halfHeight,
    });
  }
  return candidates;
}
