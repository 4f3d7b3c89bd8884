import sharp, { type Sharp } from 'sharp';

/** Why a picture cannot be looked at. */
export type UnreadableReason = 'empty' | 'not-a-picture' | 'damaged' | 'too-large';

/** The bytes are no picture that can be looked at; the fault is the sender's. */
export class UnreadablePictureError extends Error {
  override readonly name = 'UnreadablePictureError';
  readonly reason: UnreadableReason;

  constructor(reason: UnreadableReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** Above this a decoded picture would take more memory than a pod has. */
export const largestPixels = 40_000_000;

/** What is decoded. Vector and document formats stay out: they can be tiny and mean any amount of work. */
const formats = new Set(['jpeg', 'png', 'webp', 'gif', 'tiff', 'heif']);

/** What transparent parts become. */
const background = '#ffffff';

/** A picture whose header has been read; its size is that of the upright picture, in pixels. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Starts a new decoding: first frame, upright, 8 bits, sRGB, three channels. */
  decode(): Sharp;
}

/** Reads the header alone, so that a bomb is found before its pixels are. @throws UnreadablePictureError */
export async function openPicture(bytes: Uint8Array): Promise<Picture> {
  if (bytes.length === 0) throw new UnreadablePictureError('empty', 'the file has 0 bytes');
  const header = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((error: Error) => {
      throw new UnreadablePictureError('not-a-picture', 'the format is not known', { cause: error });
    });
  // HEIC has the container of AVIF, but its pixels cannot be decoded here.
  if (!formats.has(header.format) || (header.format === 'heif' && header.compression !== 'av1')) {
    throw new UnreadablePictureError('not-a-picture', `${header.format} files are not read`);
  }
  const { width, height } = header.autoOrient;
  if (width * height > largestPixels) {
    throw new UnreadablePictureError('too-large', `${width}x${height} is above ${largestPixels} pixels`);
  }
  return {
    width,
    height,
    decode: () =>
      sharp(bytes, { limitInputPixels: largestPixels, failOn: 'truncated', sequentialRead: true })
        .autoOrient()
        .flatten({ background })
        .toColourspace('srgb'),
  };
}

/** Runs a decoding; what goes wrong in it is the picture's fault. @throws UnreadablePictureError */
export async function decoding<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new UnreadablePictureError('damaged', 'the pixels cannot be decoded', { cause: error });
  }
}
