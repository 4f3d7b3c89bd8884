import { join } from 'node:path';
import { projectPath } from '@stepkube/tools/project-path.ts';
import sharp, { type Sharp } from 'sharp';
import type { Random } from '#support/random.ts';

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

/** One image of each format with the given size: most decoders hold the whole image in memory. */
export async function largeImages(megapixels: number): Promise<{ readonly name: string; readonly bytes: Buffer }[]> {
  const height = Math.floor(Math.sqrt((megapixels * 1_000_000) / 1.6));
  const width = Math.floor((megapixels * 1_000_000) / height);
  // Nearest-neighbor scaling adds no detail, so the files stay below Telegram's limit for bots.
  const large = () => sharp(join(samplesFolder, 'park.jpg')).resize(width, height, { fit: 'fill', kernel: 'nearest' });
  const drawings: readonly { readonly name: string; readonly image: Sharp }[] = [
    { name: 'JPEG', image: large().jpeg() },
    { name: 'progressive JPEG', image: large().jpeg({ progressive: true }) },
    { name: 'rotated JPEG', image: large().withMetadata({ orientation: 6 }).jpeg() },
    { name: 'PNG', image: large().png() },
    {
      name: 'interlaced PNG of 16 bits',
      image: large().ensureAlpha(0.5).toColorspace('rgb16').png({ progressive: true }),
    },
    { name: 'WebP', image: large().ensureAlpha(0.5).webp({ effort: 0 }) },
    { name: 'TIFF', image: large().tiff({ compression: 'lzw' }) },
    { name: 'GIF', image: large().gif({ effort: 1 }) },
    { name: 'AVIF', image: large().ensureAlpha(0.5).avif({ effort: 0 }) },
  ];
  const images: { readonly name: string; readonly bytes: Buffer }[] = [];
  for (const { name, image } of drawings) images.push({ name, bytes: await image.toBuffer() });
  return images;
}

const variedSample = (random: Random, width: number, height: number): Sharp =>
  sampleOf(random.of(samples), width, height).modulate({ brightness: 0.7 + random.next() / 2, hue: random.below(360) });

const sampleOf = (name: string, width: number, height: number): Sharp =>
  sharp(join(samplesFolder, name)).resize(width, height, { fit: 'cover' });
