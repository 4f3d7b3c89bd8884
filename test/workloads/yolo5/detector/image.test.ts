import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { gifOf, halves, pngHeaderOf, red } from '#support/workloads/images.ts';
import { decoded, openImage } from '#workloads/yolo5/src/detector/image.ts';

/** Size and top left pixel of an image, as the detector gets them. */
async function decode(bytes: Uint8Array) {
  const image = await openImage(bytes);
  const { data, info } = await decoded(image.decode().raw().toBuffer({ resolveWithObject: true }));
  return {
    size: [image.width, image.height],
    decoded: [info.width, info.height, info.channels],
    first: [...data.subarray(0, 3)],
  };
}

describe('openImage', () => {
  it('a JPEG with an EXIF rotation is decoded upright', async () => {
    // Stored as 40x20 with the red half on the left; orientation 6 means: rotate it clockwise.
    const bytes = await halves(40, 20).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const { size, decoded, first } = await decode(bytes);
    expect({ size, decoded }).toEqual({ size: [20, 40], decoded: [20, 40, 3] });
    expect(first[0]).toBeGreaterThan(200);
  });

  it('a CMYK JPEG is decoded as RGB', async () => {
    const { decoded, first } = await decode(await red(16, 16).toColorspace('cmyk').jpeg().toBuffer());
    expect(decoded).toEqual([16, 16, 3]);
    expect(first[0]).toBeGreaterThan(180);
    expect(first[2]).toBeLessThan(90);
  });

  it('a grayscale image is decoded with three equal channels', async () => {
    const { decoded, first } = await decode(await red(16, 16).grayscale().png().toBuffer());
    expect(decoded).toEqual([16, 16, 3]);
    expect(new Set(first).size).toBe(1);
  });

  it('an image of 16 bits per channel is decoded with 8 bits', async () => {
    const { decoded, first } = await decode(await red(16, 16).toColorspace('rgb16').png().toBuffer());
    expect({ decoded, first }).toEqual({ decoded: [16, 16, 3], first: [255, 0, 0] });
  });

  it('transparent parts are decoded as white', async () => {
    const clear = sharp({ create: { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } });
    expect(await decode(await clear.png().toBuffer())).toMatchObject({ decoded: [8, 8, 3], first: [255, 255, 255] });
  });

  it('the first frame of an animated GIF is decoded', async () => {
    const { size, decoded, first } = await decode(await gifOf([255, 0, 0], [0, 0, 255]));
    expect({ size, decoded, first }).toEqual({ size: [16, 16], decoded: [16, 16, 3], first: [255, 0, 0] });
  });

  it.each([
    { name: 'a file with 0 bytes', bytes: async () => Buffer.alloc(0), reason: 'empty' },
    { name: 'a text file', bytes: async () => Buffer.from('no picture'), reason: 'not-a-picture' },
    {
      name: 'an SVG',
      bytes: async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      reason: 'not-a-picture',
    },
    { name: 'a header of 60 megapixels', bytes: async () => pngHeaderOf(10_000, 6_000), reason: 'too-large' },
  ])('$name is refused as $reason', async ({ bytes, reason }) => {
    await expect(openImage(await bytes())).rejects.toMatchObject({ name: 'UnreadableImageError', reason });
  });

  it('a truncated JPEG is refused as damaged when it is decoded', async () => {
    const whole = await sharp({
      create: { width: 256, height: 256, channels: 3, noise: { type: 'gaussian', mean: 128, sigma: 50 } },
    } as never)
      .jpeg()
      .toBuffer();
    await expect(decode(whole.subarray(0, whole.length / 2))).rejects.toMatchObject({ reason: 'damaged' });
  });
});
