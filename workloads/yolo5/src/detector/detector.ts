import type { Box, Detection } from '@stepkube/shared/contracts/messages.ts';
import type { DecodedImage } from '../decoder/decode-for-model.ts';
import { type Letterbox, letterboxOf } from '../image/letterbox.ts';
import { decodeOutput } from './decode-output.ts';
import type { Model } from './model.ts';
import { fillInput, fillInputFromDouble, withInput } from './model-input.ts';
import { release } from './release.ts';
import { suppress } from './suppress.ts';

export interface DetectionResult {
  /** Highest confidence first; boxes in pixels of the upright image, clipped to it. */
  readonly detections: readonly Detection[];
  /** Time in the model alone. */
  readonly inferenceMilliseconds: number;
}

/** Finds the objects in an image that was decoded for the same model. Empties `image.pixels`. */
export async function detect(model: Model, image: DecodedImage): Promise<DetectionResult> {
  const letterbox = letterboxOf(image, model.side);
  const { candidates, inferenceMilliseconds } = await withInput(model, async (input) => {
    (image.isDouble ? fillInputFromDouble : fillInput)(input, image.pixels, letterbox, model.side);
    release(image.pixels);
    const startedAt = performance.now();
    const output = await model.run(input);
    const inferenceMilliseconds = performance.now() - startedAt;
    const candidates = decodeOutput(output, model.labels.length);
    release(output);
    return { candidates, inferenceMilliseconds };
  });
  const detections = suppress(candidates)
    .map((candidate) => ({
      label: model.labels[candidate.classIndex]!,
      confidence: Math.min(1, candidate.confidence),
      box: toImageBox(candidate, letterbox, image),
    }))
    .filter(({ box }) => box.x1 < box.x2 && box.y1 < box.y2); // boxes that lie in the padding only
  return { detections, inferenceMilliseconds };
}

/** Converts a box from the model's square to the image's pixels and clips it to the image. */
export function toImageBox(box: Box, { scale, left, top }: Letterbox, image: { width: number; height: number }): Box {
  const x = (value: number) => Math.min(image.width, Math.max(0, (value - left) / scale));
  const y = (value: number) => Math.min(image.height, Math.max(0, (value - top) / scale));
  return { x1: x(box.x1), y1: y(box.y1), x2: x(box.x2), y2: y(box.y2) };
}

/** Runs one inference on undefined input: the first one is slow, and a model that cannot run fails before readiness. */
export async function warmUp(model: Model): Promise<void> {
  await withInput(model, async (input) => release(await model.run(input)));
}
