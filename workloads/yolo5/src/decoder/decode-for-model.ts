import type { Detection } from '@stepkube/shared/contracts/messages.ts';
import { annotate } from '../annotate/annotate.ts';
import { openImage } from '../image/image.ts';
import { letterboxOf } from '../image/letterbox.ts';

/** An image as the model needs it, and what its answer is drawn on. */
export interface DecodedImage {
  /** Size of the upright image, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Interleaved RGB, 8 bits: the letterboxed size, or twice that size when `isDouble`. */
  readonly pixels: Uint8Array;
  readonly isDouble: boolean;
  /** The upright image as JPEG with a box and a label for each detection. @throws UnreadableImageError */
  annotate(detections: readonly Detection[]): Promise<Uint8Array>;
}

/** Decodes an image file for a model with a square input of `side` pixels. @throws UnreadableImageError */
export async function decodeForModel(bytes: Uint8Array, side: number): Promise<DecodedImage> {
  const image = await openImage(bytes);
  const { width, height } = letterboxOf(image, side);
  // Telegram's photos are 1280 pixels long, twice the side of most models: for these, libvips only needs to decode.
  const isDouble = image.width === 2 * width && image.height === 2 * height;
  const pixels = await image.decode((upright) => {
    if (isDouble) return upright.raw();
    return upright.resize(width, height, { fit: 'fill', kernel: 'linear', fastShrinkOnLoad: false }).raw();
  });
  return {
    width: image.width,
    height: image.height,
    pixels,
    isDouble,
    annotate: (detections) => annotate(image, detections),
  };
}
