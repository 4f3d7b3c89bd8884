import sharp, { type Sharp } from 'sharp';

/** Why an image cannot be processed. */
export type UnreadableReason = 'empty' | 'not-a-picture' | 'damaged' | 'too-large';

/** The bytes are not an image that can be processed; another attempt would fail, too. */
export class UnreadableImageError extends Error {
  override readonly name = 'UnreadableImageError';
  readonly reason: UnreadableReason;

  constructor(reason: UnreadableReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** A decoded image above this size would need more memory than the pod has. */
const maxPixels = 40_000_000;

/** Vector and document formats are left out: a tiny file of those can require any amount of work. */
const supportedFormats = new Set(['jpeg', 'png', 'webp', 'gif', 'tiff', 'heif']);

/** Transparent parts become white. */
const background = '#ffffff';

/** An image whose header has been read. Width and height are those of the upright image, in pixels. */
export interface DecodableImage {
  readonly width: number;
  readonly height: number;
  /** Starts a new decoding: first frame, upright, 8 bits, sRGB, three channels. */
  decode(): Sharp;
}

/** Reads the header only, so that a decompression bomb is refused before it is decoded. @throws UnreadableImageError */
export async function openImage(bytes: Uint8Array): Promise<DecodableImage> {
  if (bytes.length === 0) throw new UnreadableImageError('empty', 'the file has 0 bytes');
  const header = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((error: Error) => {
      throw new UnreadableImageError('not-a-picture', 'the format is not known', { cause: error });
    });
  // HEIC uses AVIF's container, but sharp's build cannot decode its HEVC pixels.
  if (!supportedFormats.has(header.format) || (header.format === 'heif' && header.compression !== 'av1')) {
    throw new UnreadableImageError('not-a-picture', `${header.format} files are not read`);
  }
  const { width, height } = header.autoOrient;
  if (width * height > maxPixels) {
    throw new UnreadableImageError('too-large', `${width}x${height} is above ${maxPixels} pixels`);
  }
  return {
    width,
    height,
    decode: () =>
      sharp(bytes, { limitInputPixels: maxPixels, failOn: 'truncated', sequentialRead: true })
        .autoOrient()
        .flatten({ background })
        .toColorspace('srgb'),
  };
}

/** Awaits a decoding. Every failure of it means that the image is damaged. @throws UnreadableImageError */
export async function decoded<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new UnreadableImageError('damaged', 'the pixels cannot be decoded', { cause: error });
  }
}
