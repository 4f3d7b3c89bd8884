import { imageFormatOf } from '@stepkube/shared/contracts/image-format.ts';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { checkLimits } from './limits.ts';
import { UnreadableImageError } from './unreadable-image-error.ts';

/** Transparent parts become white. */
const background = '#ffffff';
const endOfJpeg = Buffer.from([0xff, 0xd9]);

/** An image whose header has been read. Width and height are those of the upright image, in pixels. */
export interface DecodableImage {
  readonly width: number;
  readonly height: number;
  /** Starts a new decoding, changes it and runs it: first frame, upright, 8 bits, sRGB, three channels. @throws UnreadableImageError */
  decode(change: (image: Sharp) => Sharp): Promise<Buffer>;
}

/**
 * Reads the header only, so that a decompression bomb is refused before it is decoded. The first bytes decide what libvips gets to
 * see at all. @throws UnreadableImageError
 */
export async function openImage(bytes: Uint8Array): Promise<DecodableImage> {
  if (bytes.length === 0) throw new UnreadableImageError('empty', 'the file has 0 bytes');
  const format = imageFormatOf(bytes);
  if (format === undefined) throw new UnreadableImageError('not-a-picture', 'the format is not known');
  if (format === 'heic') throw heicError();
  const header = await readHeader(bytes);
  checkLimits(header);
  const { width, height } = header.autoOrient;
  return { width, height, decode: format === 'jpeg' ? jpegDecoding(bytes) : (change) => decode(bytes, change) };
}

async function readHeader(bytes: Uint8Array): Promise<Metadata> {
  const header = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((error: Error) => {
      throw new UnreadableImageError('not-a-picture', 'the header cannot be read', { cause: error });
    });
  // sharp's build cannot decode the HEVC pixels of a HEIF file.
  if (header.format === 'heif' && header.compression !== 'av1') throw heicError();
  return header;
}

const heicError = () => new UnreadableImageError('not-a-picture', 'HEIC files are not read', { format: 'heic' });

type Decode = DecodableImage['decode'];

/**
 * Some cameras and chats drop a JPEG's end marker. With the marker added, libvips warns when pixels are missing and decodes without
 * a warning when all are there.
 */
function jpegDecoding(bytes: Uint8Array): Decode {
  let repaired: Uint8Array | undefined;
  return async (change) => {
    if (repaired === undefined)
      try {
        return await decode(bytes, change);
      } catch (error) {
        if (!(error instanceof UnreadableImageError)) throw error;
        repaired = Buffer.concat([bytes, endOfJpeg]);
      }
    return decode(repaired, change, 'warning');
  };
}

/** Every failure means that the image is damaged. @throws UnreadableImageError */
async function decode(
  bytes: Uint8Array,
  change: (image: Sharp) => Sharp,
  failOn: 'truncated' | 'warning' = 'truncated',
): Promise<Buffer> {
  const image = sharp(bytes, { limitInputPixels: false, failOn, sequentialRead: true })
    .autoOrient()
    .flatten({ background })
    .toColorspace('srgb');
  try {
    return await change(image).toBuffer();
  } catch (error) {
    throw new UnreadableImageError('damaged', 'the pixels cannot be decoded', { cause: error });
  }
}
