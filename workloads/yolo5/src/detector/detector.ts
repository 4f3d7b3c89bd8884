import type { Box, Detection } from '@stepkube/shared/contracts/messages.ts';
import { decodeOutput } from './decode-output.ts';
import { type DecodableImage, decoded, openImage } from './image.ts';
import { type Letterbox, letterboxOf } from './letterbox.ts';
import type { Model } from './model.ts';
import { fillInput, fillInputFromDouble, withInput } from './model-input.ts';
import { release } from './release.ts';
import { suppress } from './suppress.ts';

export interface DetectionResult {
  readonly image: DecodableImage;
  /** Highest confidence first; boxes in pixels of the upright image, clipped to it. */
  readonly detections: readonly Detection[];
  /** Time in the model alone. */
  readonly inferenceMilliseconds: number;
}

/** Finds the objects in an image file. @throws UnreadableImageError */
export async function detect(model: Model, bytes: Uint8Array): Promise<DetectionResult> {
  const image = await openImage(bytes);
  const letterbox = letterboxOf(image, model.side);
  const { width, height } = letterbox;
  // Telegram's photos are 1280 pixels long, twice the side of most models: for these, libvips only needs to decode.
  const double = image.width === 2 * width && image.height === 2 * height;
  const upright = image.decode();
  const scaled = double
    ? upright
    : upright.resize(width, height, { fit: 'fill', kernel: 'linear', fastShrinkOnLoad: false });
  const pixels = await decoded(scaled.raw().toBuffer());
  const { candidates, inferenceMilliseconds } = await withInput(model, async (input) => {
    (double ? fillInputFromDouble : fillInput)(input, pixels, letterbox, model.side);
    release(pixels);
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
  return { image, detections, inferenceMilliseconds };
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
