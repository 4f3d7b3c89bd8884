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
export function pngHeaderOf(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const pixels = deflateSync(Buffer.alloc(1 + width * 3));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from(type), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, checksum]);
}
