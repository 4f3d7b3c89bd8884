import sharp from 'sharp';

/** Telegram's limits for a message of type photo: 10 MB, sides that sum to at most 10,000 pixels, ratio at most 20. */
const maxPhotoBytes = 10_000_000;
const maxPhotoSides = 10_000;
const maxPhotoRatio = 20;

/** Size in pixels of what Telegram takes as a photo; undefined for what it only takes as a document. */
export async function photoSize(bytes: Uint8Array): Promise<{ width: number; height: number } | undefined> {
  if (bytes.length === 0 || bytes.length > maxPhotoBytes) return undefined;
  try {
    const { format, width, height } = await sharp(bytes).metadata();
    const ratio = Math.max(width / height, height / width);
    const fits = width + height <= maxPhotoSides && ratio <= maxPhotoRatio;
    return fits && (format === 'jpeg' || format === 'png') ? { width, height } : undefined;
  } catch {
    return undefined;
  }
}
