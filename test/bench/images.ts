import { join } from 'node:path';
import { projectPath } from '@stepkube/tools/project-path.ts';
import sharp, { type Sharp } from 'sharp';
import type { Random } from '#support/random.ts';
import { rotatedAvif } from '#support/workloads/rotated-avif.ts';

const samplesFolder = projectPath('workloads/yolo5/model/samples');
const samples = ['street.jpg', 'breakfast.jpg', 'living-room.jpg', 'park.jpg'] as const;

/** An image of the size to which Telegram scales photos, for the time measurements. */
export const telegramPhoto = (): Promise<Buffer> => sampleOf('street.jpg', 1280, 720).jpeg({ quality: 85 }).toBuffer();

type Drawing = (random: Random) => Promise<Buffer>;

const jpeg =
  (width: number, height: number): Drawing =>
  (random) =>
    variedSample(random, width, height)
      .jpeg({ quality: 75 + random.below(20) })
      .toBuffer();

/** What users send, with relative frequencies: mostly photos, some files. */
const kinds: readonly { readonly share: number; readonly draw: Drawing }[] = [
  { share: 22, draw: jpeg(1280, 720) },
  { share: 4, draw: jpeg(960, 1280) },
  { share: 2, draw: jpeg(320, 240) },
  { share: 2, draw: jpeg(1920, 1080) },
  { share: 2, draw: (random) => variedSample(random, 800, 600).png().toBuffer() },
  { share: 1, draw: (random) => variedSample(random, 500, 500).ensureAlpha(0.5).png().toBuffer() },
  { share: 1, draw: (random) => variedSample(random, 640, 480).grayscale().png().toBuffer() },
  { share: 2, draw: (random) => variedSample(random, 1600, 1200).webp().toBuffer() },
  { share: 1, draw: (random) => variedSample(random, 1280, 960).withMetadata({ orientation: 6 }).jpeg().toBuffer() },
  { share: 1, draw: (random) => variedSample(random, 2048, 1536).jpeg({ progressive: true }).toBuffer() },
  { share: 1, draw: (random) => variedSample(random, 3000, 2000).png({ compressionLevel: 3 }).toBuffer() },
  { share: 1, draw: jpeg(4000, 3000) },
];

/** Some images of every kind in random order; the same for the same seed. */
export function typicalImages(random: Random, maxImages: number): Promise<Buffer[]> {
  const drawings = kinds.flatMap(({ share, draw }) => Array.from({ length: share }, () => draw));
  return Promise.all(
    random
      .shuffled(drawings)
      .slice(0, maxImages)
      .map((draw) => draw(random)),
  );
}

/** One image of each format with the given size, or with the largest that is taken: most decoders hold the whole image in memory. */
export async function largeImages(maxMegapixels: number): Promise<{ readonly name: string; readonly bytes: Buffer }[]> {
  // Nearest-neighbor scaling adds no detail, so the files stay below Telegram's limit for bots.
  const large = (megapixels = maxMegapixels) => {
    const height = Math.floor(Math.sqrt((megapixels * 1_000_000) / 1.6));
    const width = Math.floor((megapixels * 1_000_000) / height);
    return sharp(join(samplesFolder, 'park.jpg')).resize(width, height, { fit: 'fill', kernel: 'nearest' });
  };
  const drawings: readonly { readonly name: string; readonly draw: () => Promise<Buffer> }[] = [
    { name: 'JPEG', draw: () => large().jpeg().toBuffer() },
    { name: 'progressive JPEG', draw: () => large().jpeg({ progressive: true }).toBuffer() },
    { name: 'rotated JPEG', draw: () => large().withMetadata({ orientation: 6 }).jpeg().toBuffer() },
    { name: 'PNG', draw: () => large().png().toBuffer() },
    {
      name: 'interlaced PNG of 16 bits',
      draw: () => large().ensureAlpha(0.5).toColorspace('rgb16').png({ progressive: true }).toBuffer(),
    },
    { name: 'WebP', draw: () => large().ensureAlpha(0.5).webp({ effort: 0 }).toBuffer() },
    { name: 'TIFF', draw: () => large().tiff({ compression: 'lzw' }).toBuffer() },
    { name: 'GIF', draw: () => large().gif({ effort: 1 }).toBuffer() },
    {
      name: 'AVIF with transparency',
      draw: () =>
        large(maxMegapixels / 2)
          .ensureAlpha(0.5)
          .avif({ effort: 0 })
          .toBuffer(),
    },
    {
      name: 'rotated AVIF of 12 bits',
      draw: async () =>
        rotatedAvif(
          await large(maxMegapixels / 3)
            .avif({ effort: 0, bitdepth: 12, chromaSubsampling: '4:4:4' })
            .toBuffer(),
        ),
    },
  ];
  const images: { readonly name: string; readonly bytes: Buffer }[] = [];
  for (const { name, draw } of drawings) images.push({ name, bytes: await draw() });
  return images;
}

const variedSample = (random: Random, width: number, height: number): Sharp =>
  sampleOf(random.of(samples), width, height).modulate({ brightness: 0.7 + random.next() / 2, hue: random.below(360) });

const sampleOf = (name: string, width: number, height: number): Sharp =>
  sharp(join(samplesFolder, name)).resize(width, height, { fit: 'cover' });
