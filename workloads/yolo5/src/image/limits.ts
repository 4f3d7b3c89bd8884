import type { Metadata } from 'sharp';
import { UnreadableImageError } from './unreadable-image-error.ts';

/** For images whose pixels cost 1. Decoding one twice, for the model and for the answer, takes at most 3 CPU seconds and 0.5 GB. */
const maxPixels = 40_000_000;
/** A decoder's work for a row does not depend on the row's length: 1 x 40,000,000 pixels take 17 CPU seconds. */
const maxSidePixels = 16_384;
/** The directories of all pages are read before the first page is decoded: 160,000 of them take 10 CPU seconds. */
const maxPages = 10_000;

/**
 * What a pixel costs compared with one of a 16-bit interlaced PNG, which is the most expensive among the other formats. AV1 needs
 * more time and memory: 20 bytes per pixel with 8 bits, 23 with an alpha channel, 27 with 10 or 12 bits (docs/measurements.md).
 */
function costPerPixel({ format, bitsPerSample = 8, hasAlpha }: Metadata): number {
  if (format !== 'heif') return 1;
  // At 2.2 the memory is enough, but a busy machine needs more than the CPU seconds that are allowed.
  if (bitsPerSample > 8) return 3;
  return hasAlpha ? 2 : 1.4;
}

/** Refuses what would take too much memory or time, by the header alone. @throws UnreadableImageError */
export function checkLimits(header: Metadata): void {
  const { width, height } = header.autoOrient;
  const refuse = (text: string) => {
    throw new UnreadableImageError('too-large', text);
  };
  if (Math.max(width, height) > maxSidePixels) refuse(`${width}x${height} has a side above ${maxSidePixels} pixels`);
  const allowedPixels = Math.floor(maxPixels / costPerPixel(header));
  if (width * height > allowedPixels) refuse(`${width}x${height} is above ${allowedPixels} pixels`);
  if ((header.pages ?? 1) > maxPages) refuse(`${header.pages} pages are above ${maxPages}`);
}
