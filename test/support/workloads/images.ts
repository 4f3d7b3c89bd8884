import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

type Color = readonly [number, number, number];

const plain = (width: number, height: number, [r, g, b]: Color) =>
  sharp({ create: { width, height, channels: 3, background: { r, g, b } } });

export const red = (width: number, height: number): Sharp => plain(width, height, [255, 0, 0]);

/** Left half red, right half blue. */
export function halves(width: number, height: number): Sharp {
  const half = { create: { width: width / 2, height, channels: 3 as const, background: '#0000ff' } };
  return red(width, height).composite([{ input: half, left: width / 2, top: 0 }]);
}

/** An animated GIF of 16 x 16 pixels with one frame per color. */
export async function gifOf(...colors: readonly Color[]): Promise<Buffer> {
  const frames = await Promise.all(colors.map((color) => plain(16, 16, color).raw().toBuffer()));
  const raw = { width: 16, height: 16 * frames.length, channels: 3 as const, pageHeight: 16 };
  return sharp(Buffer.concat(frames), { raw }).gif({ loop: 0 }).toBuffer();
}

/** A PNG whose header states a size but that has the pixels of one row only, like a decompression bomb. */
export const pngHeaderOf = (width: number, height: number): Buffer =>
  pngOf(width, height, deflateSync(Buffer.alloc(1 + width * 3)));

/** An RGB PNG with this size in its header, these compressed pixels, and further chunks before them. */
export function pngOf(width: number, height: number, pixels: Buffer, extra: readonly PngChunk[] = []): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const chunks: PngChunk[] = [
    { type: 'IHDR', data: header },
    ...extra,
    { type: 'IDAT', data: pixels },
    { type: 'IEND', data: Buffer.alloc(0) },
  ];
  return Buffer.concat([signature, ...chunks.map(({ type, data }) => chunk(type, data))]);
}

interface PngChunk {
  readonly type: string;
  readonly data: Buffer;
}

/** A TIFF of 8 x 8 gray pixels with this many directories, each of which describes the same pixels. */
export function tiffOfPages(pages: number): Buffer {
  const [headerBytes, pixelBytes] = [8, 64];
  // Tag, type (3 short, 4 long), count, value.
  const entries = [
    [256, 4, 1, 8], // width
    [257, 4, 1, 8], // height
    [258, 3, 1, 8], // bits
    [259, 3, 1, 1], // no compression
    [262, 3, 1, 1], // black is zero
    [273, 4, 1, headerBytes], // offset of the pixels
    [277, 3, 1, 1], // channels
    [278, 4, 1, 8], // rows per strip
    [279, 4, 1, pixelBytes],
  ] as const;
  const directoryBytes = 2 + entries.length * 12 + 4;
  const file = Buffer.alloc(headerBytes + pixelBytes + pages * directoryBytes);
  file.write('II*\0', 'latin1');
  file.writeUInt32LE(headerBytes + pixelBytes, 4);
  let at = headerBytes + pixelBytes;
  for (let page = 1; page <= pages; page += 1) {
    at = file.writeUInt16LE(entries.length, at);
    for (const [tag, type, count, value] of entries) {
      at = file.writeUInt16LE(tag, at);
      at = file.writeUInt16LE(type, at);
      at = file.writeUInt32LE(count, at);
      at = file.writeUInt32LE(value, at);
    }
    at = file.writeUInt32LE(page < pages ? at + 4 : 0, at);
  }
  return file;
}

function chunk(type: string, data: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from(type), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, checksum]);
}
