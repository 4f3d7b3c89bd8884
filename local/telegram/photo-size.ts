import sharp from 'sharp';

/** Limits of photos: https://core.telegram.org/bots/api#sendphoto */
const maxPhotoBytes = 10_000_000;
const maxSidesSumPixels = 10_000;
const maxSidesRatio = 20;

/** Size in pixels of a picture that Telegram accepts as a photo; undefined for a file that can only be a document. */
export async function photoSize(bytes: Uint8Array): Promise<{ width: number; height: number } | undefined> {
  if (bytes.length === 0 || bytes.length > maxPhotoBytes) return undefined;
  try {
    const { format, width, height } = await sharp(bytes).metadata();
    const ratio = Math.max(width / height, height / width);
    const isWithinLimits = width + height <= maxSidesSumPixels && ratio <= maxSidesRatio;
    return isWithinLimits && (format === 'jpeg' || format === 'png') ? { width, height } : undefined;
  } catch {
    return undefined;
  }
}
