import { deflateSync, gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { gifOf, halves, pngHeaderOf, pngOf, red, tiffOfPages } from '#support/workloads/images.ts';
import { rotatedAvif } from '#support/workloads/rotated-avif.ts';
import { openImage } from '#workloads/yolo5/src/image/image.ts';

/** Size and top left pixel of an image, as the detector gets them. */
async function decode(bytes: Uint8Array) {
  const image = await openImage(bytes);
  const data = await image.decode((upright) => upright.raw());
  return {
    size: [image.width, image.height],
    channels: data.length / image.width / image.height,
    first: [...data.subarray(0, 3)],
  };
}

/** 125 bytes without a size: libvips draws it in order to measure it, for minutes and with gigabytes. */
const hostileSvg = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0L1e6 1e6" stroke="red" stroke-width="9" stroke-dasharray="0.01"/></svg>',
);

const noise = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, noise: { type: 'gaussian', mean: 128, sigma: 50 } } } as never);

describe('openImage', () => {
  it('a JPEG with an EXIF rotation is decoded upright', async () => {
    // Stored as 40x20 with the red half on the left; orientation 6 means: rotate it clockwise.
    const bytes = await halves(40, 20).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const { size, channels, first } = await decode(bytes);
    expect({ size, channels }).toEqual({ size: [20, 40], channels: 3 });
    expect(first[0]).toBeGreaterThan(200);
  });

  it('a CMYK JPEG is decoded as RGB', async () => {
    const { channels, first } = await decode(await red(16, 16).toColorspace('cmyk').jpeg().toBuffer());
    expect(channels).toBe(3);
    expect(first[0]).toBeGreaterThan(180);
    expect(first[2]).toBeLessThan(90);
  });

  it('a grayscale image is decoded with three equal channels', async () => {
    const { channels, first } = await decode(await red(16, 16).grayscale().png().toBuffer());
    expect(channels).toBe(3);
    expect(new Set(first).size).toBe(1);
  });

  it('an image of 16 bits per channel is decoded with 8 bits', async () => {
    const { channels, first } = await decode(await red(16, 16).toColorspace('rgb16').png().toBuffer());
    expect({ channels, first }).toEqual({ channels: 3, first: [255, 0, 0] });
  });

  it('transparent parts are decoded as white', async () => {
    const clear = sharp({ create: { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } });
    expect(await decode(await clear.png().toBuffer())).toMatchObject({ channels: 3, first: [255, 255, 255] });
  });

  it('the first frame of an animated GIF is decoded', async () => {
    const { size, channels, first } = await decode(await gifOf([255, 0, 0], [0, 0, 255]));
    expect({ size, channels, first }).toEqual({ size: [16, 16], channels: 3, first: [255, 0, 0] });
  });

  it.each([
    { name: 'a file with 0 bytes', bytes: async () => Buffer.alloc(0), reason: 'empty' },
    { name: 'a text file', bytes: async () => Buffer.from('no picture'), reason: 'not-a-picture' },
    { name: 'an SVG that takes gigabytes to measure', bytes: async () => hostileSvg, reason: 'not-a-picture' },
    { name: 'that SVG, gzipped', bytes: async () => gzipSync(hostileSvg), reason: 'not-a-picture' },
    {
      name: 'that SVG behind a byte order mark, a prolog and spaces',
      bytes: async () => Buffer.concat([Buffer.from('\ufeff<?xml version="1.0"?>  \n'), hostileSvg]),
      reason: 'not-a-picture',
    },
    { name: 'a PDF', bytes: async () => Buffer.from('%PDF-1.7\n'), reason: 'not-a-picture' },
    {
      name: 'an MP4 film',
      bytes: async () => Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1'),
      reason: 'not-a-picture',
    },
    {
      name: 'a PNG of 1 x 40,000,000 pixels',
      bytes: async () => pngOf(1, 40_000_000, deflateSync(Buffer.alloc(10))),
      reason: 'too-large',
    },
    { name: 'a TIFF of 20,000 pages', bytes: async () => tiffOfPages(20_000), reason: 'too-large' },
    { name: 'a header of 60 megapixels', bytes: async () => pngHeaderOf(10_000, 6_000), reason: 'too-large' },
  ])('$name is refused as $reason', async ({ bytes, reason }) => {
    await expect(openImage(await bytes())).rejects.toMatchObject({ name: 'UnreadableImageError', reason });
  });

  it('a truncated JPEG is refused as damaged when it is decoded', async () => {
    const whole = await noise(256, 256).jpeg().toBuffer();
    await expect(decode(whole.subarray(0, whole.length / 2))).rejects.toMatchObject({ reason: 'damaged' });
  });

  it('a JPEG that lacks nothing but its end marker is decoded, also a second time', async () => {
    const whole = await noise(256, 256).jpeg().toBuffer();
    const image = await openImage(whole.subarray(0, -2));
    const complete = await (await openImage(whole)).decode((upright) => upright.raw());
    expect(await image.decode((upright) => upright.raw())).toEqual(complete);
    expect(await image.decode((upright) => upright.raw())).toEqual(complete);
  });

  it('a HEIC file is refused by its name', async () => {
    const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
    await expect(openImage(heic)).rejects.toMatchObject({ reason: 'not-a-picture', format: 'heic' });
  });

  it('an AVIF of 12 bits that is turned by its container is decoded upright', async () => {
    const bytes = rotatedAvif(await halves(128, 64).avif({ bitdepth: 12, lossless: true }).toBuffer());
    const { size, channels } = await decode(bytes);
    expect({ size, channels }).toEqual({ size: [64, 128], channels: 3 });
  });

  it.each([
    { name: 'an AVIF of 12 bits', pixels: [4_400, 4_400], bitdepth: 12 as const, isTaken: false },
    { name: 'an AVIF of 8 bits', pixels: [4_400, 4_400], bitdepth: 8 as const, isTaken: true },
  ])('$name and 19 megapixels is taken: $isTaken', async ({ pixels: [width, height], bitdepth, isTaken }) => {
    const bytes = await red(width!, height!).avif({ bitdepth, effort: 0 }).toBuffer();
    const outcome = await openImage(bytes).then(
      () => 'taken',
      (error: { reason: string }) => error.reason,
    );
    expect(outcome).toBe(isTaken ? 'taken' : 'too-large');
  });
});
