import { Random } from '#support/random.ts';
import { flatnessOf, mebibytes } from './flatness.ts';
import { largeImages, typicalImages } from './images.ts';
import type { BenchOptions, Finding, Part } from './part.ts';
import { memoryLimitOf } from './process-memory.ts';
import { ServiceUnderLoad } from './service-under-load.ts';

const progressReports = 20;

/** yolo5's resident memory over many typical images, and its peak memory with the largest images after them. */
export const memory: Part = {
  name: 'memory',
  async run(options: BenchOptions): Promise<Finding[]> {
    const { pictures, maxMegapixels, progress } = options;
    const random = new Random(options.seed);
    progress('memory: drawing pictures');
    const images = await typicalImages(random, pictures);
    await using service = await ServiceUnderLoad.start(options);
    const resident: number[] = [];
    const block = Math.ceil(pictures / progressReports);
    await service.work(
      Array.from({ length: pictures }, () => random.of(images)),
      async () => {
        resident.push((await service.memory()).residentBytes);
        if (resident.length % block !== 0) return;
        progress(`memory: ${resident.length} pictures, at most ${mebibytes(Math.max(...resident.slice(-block)))}`);
      },
    );
    const typical = await service.memory();
    for (const { name, bytes } of await largeImages(maxMegapixels)) {
      await service.work([bytes, bytes, bytes], async () => undefined);
      progress(`memory: a large ${name}, peak ${mebibytes((await service.memory()).peakBytes)}`);
    }
    const { peakBytes } = await service.memory();
    const limitBytes = await memoryLimitOf('yolo5');
    const flatness = flatnessOf(resident);
    return [
      {
        what: `resident memory, second half of ${pictures} pictures`,
        measured: `${mebibytes(flatness.laterBytes)} in the highest block`,
        baseline: `first half, warm: ${mebibytes(flatness.earlierBytes)}`,
        ratio: flatness.ratio,
        target: 1.05,
      },
      {
        what: `peak memory, with the largest images of each format`,
        measured: `${mebibytes(peakBytes)}, usual pictures alone ${mebibytes(typical.peakBytes)}`,
        baseline: `limit of the pod: ${mebibytes(limitBytes)}`,
        ratio: peakBytes / limitBytes,
        target: 0.85,
      },
    ];
  },
};
