import { imageFormatOf } from '@stepkube/shared/contracts/image-format.ts';
import sharp from 'sharp';

/** Limits of photos: https://core.telegram.org/bots/api#sendphoto */
const maxPhotoBytes = 10_000_000;
const maxSidesSumPixels = 10_000;
const maxSidesRatio = 20;

/** As what Telegram's apps send a file. */
export type FileKind =
  | { readonly kind: 'photo'; readonly width: number; readonly height: number }
  /** Telegram turns a GIF that moves into an MP4 film. */
  | { readonly kind: 'animation' }
  | { readonly kind: 'document' };

/** The first bytes decide whether an image library gets to see the file. */
export async function fileKindOf(bytes: Uint8Array): Promise<FileKind> {
  const format = imageFormatOf(bytes);
  if (format !== 'jpeg' && format !== 'png' && format !== 'gif') return { kind: 'document' };
  try {
    const { width, height, pages = 1 } = await sharp(bytes).metadata();
    if (format === 'gif') return { kind: pages > 1 ? 'animation' : 'document' };
    const ratio = Math.max(width / height, height / width);
    const isWithinLimits = width + height <= maxSidesSumPixels && ratio <= maxSidesRatio;
    return isWithinLimits && bytes.length <= maxPhotoBytes ? { kind: 'photo', width, height } : { kind: 'document' };
  } catch {
    return { kind: 'document' };
  }
}
