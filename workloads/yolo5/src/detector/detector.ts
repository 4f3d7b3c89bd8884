import type { Box, Detection } from '@stepkube/shared/contracts/contracts.ts';
import { decodeOutput } from './decode-output.ts';
import { type Letterbox, letterboxOf } from './letterbox.ts';
import type { Model } from './model.ts';
import { fillInput, fillInputFromDouble, withInput } from './model-input.ts';
import { decoding, openPicture, type Picture } from './picture.ts';
import { release } from './release.ts';
import { suppress } from './suppress.ts';

export interface Prediction {
  readonly picture: Picture;
  /** Highest confidence first; boxes in pixels of the upright picture, inside of it. */
  readonly detections: readonly Detection[];
  /** Time in the model alone. */
  readonly inferenceMilliseconds: number;
}

/** From the bytes of a picture to the objects in it. @throws UnreadablePictureError */
export async function detect(model: Model, bytes: Uint8Array): Promise<Prediction> {
  const picture = await openPicture(bytes);
  const letterbox = letterboxOf(picture, model.side);
  const { width, height } = letterbox;
  // What Telegram sends is 1280 pixels long, twice the side of most models: there the decoding is all that libvips has to do.
  const double = picture.width === 2 * width && picture.height === 2 * height;
  const upright = picture.decode();
  const scaled = double
    ? upright
    : upright.resize(width, height, { fit: 'fill', kernel: 'linear', fastShrinkOnLoad: false });
  const pixels = await decoding(scaled.raw().toBuffer());
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
      box: toPicture(candidate, letterbox, picture),
    }))
    .filter(({ box }) => box.x1 < box.x2 && box.y1 < box.y2); // what lies in the padding alone is not in the picture
  return { picture, detections, inferenceMilliseconds };
}

/** Undoes the letterbox and clips to the picture. */
export function toPicture(box: Box, { scale, left, top }: Letterbox, picture: { width: number; height: number }): Box {
  const x = (value: number) => Math.min(picture.width, Math.max(0, (value - left) / scale));
  const y = (value: number) => Math.min(picture.height, Math.max(0, (value - top) / scale));
  return { x1: x(box.x1), y1: y(box.y1), x2: x(box.x2), y2: y(box.y2) };
}

/** One inference on nothing: the first one is slow, and a model that cannot run shows before the service is ready. */
export async function warmUp(model: Model): Promise<void> {
  await withInput(model, async (input) => release(await model.run(input)));
}
