import { imageFormatOf } from '@stepkube/shared/contracts/image-format.ts';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { gifOf, red, tiffOfPages } from '#support/workloads/images.ts';

const heif = (major: string, ...compatible: string[]) => {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(16 + 4 * compatible.length);
  return Buffer.concat([size, Buffer.from(`ftyp${major}\0\0\0\0${compatible.join('')}`, 'latin1')]);
};

describe('imageFormatOf', () => {
  it.each([
    ['jpeg', () => red(8, 8).jpeg().toBuffer()],
    ['png', () => red(8, 8).png().toBuffer()],
    ['gif', () => gifOf([255, 0, 0])],
    ['webp', () => red(8, 8).webp().toBuffer()],
    ['tiff', () => red(8, 8).tiff().toBuffer()],
    ['tiff', () => red(8, 8).tiff({ bigtiff: true }).toBuffer()],
    ['tiff', async () => tiffOfPages(2)],
    ['heif', () => red(8, 8).avif().toBuffer()],
    ['heif', async () => heif('mif1', 'avif', 'miaf')],
    ['heif', async () => heif('mif1')],
    ['heic', async () => heif('heic', 'mif1')],
    ['heic', async () => heif('mif1', 'heic')],
    ['heic', async () => heif('heix')],
  ] as const)('%s is told by its first bytes', async (format, bytes) => {
    expect(imageFormatOf(await bytes())).toBe(format);
  });

  it.each([
    ['an empty file', Buffer.alloc(0)],
    ['three bytes', Buffer.from('II*')],
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['a gzipped file', Buffer.from([0x1f, 0x8b, 8, 0])],
    ['a BMP', Buffer.from('BM\0\0\0\0')],
    ['a WAV', Buffer.from('RIFF\0\0\0\0WAVE')],
    ['an MP4 film', heif('isom', 'mp42')],
    ['a box that ends early', heif('mif1').subarray(0, 12)],
  ])('%s is none', (_name, bytes) => {
    expect(imageFormatOf(bytes)).toBeUndefined();
  });

  it('a file that states more brands than it has bytes is read to its end', async () => {
    const bytes = heif('mif1', 'abcd');
    bytes.writeUInt32BE(0xffffffff);
    expect(imageFormatOf(bytes)).toBe('heif');
    expect(
      imageFormatOf(
        await sharp(await red(8, 8).jpeg().toBuffer())
          .png()
          .toBuffer(),
      ),
    ).toBe('png');
  });
});
