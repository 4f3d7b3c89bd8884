import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { gifOf, halves, pngHeaderOf, red } from '#support/workloads/pictures.ts';
import { decoding, openPicture } from '#workloads/yolo5/src/detector/picture.ts';

/** The picture's top left pixel and its size, as the detector gets them. */
async function look(bytes: Uint8Array) {
  const picture = await openPicture(bytes);
  const { data, info } = await decoding(picture.decode().raw().toBuffer({ resolveWithObject: true }));
  return {
    size: [picture.width, picture.height],
    decoded: [info.width, info.height, info.channels],
    first: [...data.subarray(0, 3)],
  };
}

describe('openPicture', () => {
  it('turns an EXIF-rotated JPEG upright', async () => {
    // Stored 40x20 with the red half on the left; orientation 6 means: turn it clockwise to look at it.
    const bytes = await halves(40, 20).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const { size, decoded, first } = await look(bytes);
    expect({ size, decoded }).toEqual({ size: [20, 40], decoded: [20, 40, 3] });
    expect(first[0]).toBeGreaterThan(200);
  });

  it('converts a CMYK JPEG to RGB', async () => {
    const { decoded, first } = await look(await red(16, 16).toColourspace('cmyk').jpeg().toBuffer());
    expect(decoded).toEqual([16, 16, 3]);
    expect(first[0]).toBeGreaterThan(180);
    expect(first[2]).toBeLessThan(90);
  });

  it('gives a greyscale picture three equal channels', async () => {
    const { decoded, first } = await look(await red(16, 16).greyscale().png().toBuffer());
    expect(decoded).toEqual([16, 16, 3]);
    expect(new Set(first).size).toBe(1);
  });

  it('gives a 16-bit picture 8 bits', async () => {
    const { decoded, first } = await look(await red(16, 16).toColourspace('rgb16').png().toBuffer());
    expect({ decoded, first }).toEqual({ decoded: [16, 16, 3], first: [255, 0, 0] });
  });

  it('puts transparent parts on white', async () => {
    const clear = sharp({ create: { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } });
    expect(await look(await clear.png().toBuffer())).toMatchObject({ decoded: [8, 8, 3], first: [255, 255, 255] });
  });

  it('takes the first frame of an animated GIF', async () => {
    const { size, decoded, first } = await look(await gifOf([255, 0, 0], [0, 0, 255]));
    expect({ size, decoded, first }).toEqual({ size: [16, 16], decoded: [16, 16, 3], first: [255, 0, 0] });
  });

  it.each([
    { name: 'a file with 0 bytes', bytes: async () => Buffer.alloc(0), reason: 'empty' },
    { name: 'text', bytes: async () => Buffer.from('no picture'), reason: 'not-a-picture' },
    {
      name: 'an SVG',
      bytes: async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      reason: 'not-a-picture',
    },
    { name: 'a header of 60 megapixels', bytes: async () => pngHeaderOf(10_000, 6_000), reason: 'too-large' },
  ])('rejects $name', async ({ bytes, reason }) => {
    await expect(openPicture(await bytes())).rejects.toMatchObject({ name: 'UnreadablePictureError', reason });
  });

  it('rejects half a JPEG when its pixels are read', async () => {
    const whole = await sharp({
      create: { width: 256, height: 256, channels: 3, noise: { type: 'gaussian', mean: 128, sigma: 50 } },
    } as never)
      .jpeg()
      .toBuffer();
    await expect(look(whole.subarray(0, whole.length / 2))).rejects.toMatchObject({ reason: 'damaged' });
  });
});
