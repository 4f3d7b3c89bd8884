import { Random } from '#support/random.ts';
import { flatnessOf, mebibytes } from './flatness.ts';
import type { BenchOptions, Finding, Part } from './part.ts';
import { largestPictures, usualMix } from './pictures.ts';
import { memoryLimitOf } from './process-memory.ts';
import { ServiceUnderLoad } from './service-under-load.ts';

const reportsOfProgress = 20;

/** The service's resident memory over many pictures of the usual mix, and its peak with the largest ones after them. */
export const memory: Part = {
  name: 'memory',
  async run(options: BenchOptions): Promise<Finding[]> {
    const { pictures, largestMegapixels, progress } = options;
    const random = new Random(options.seed);
    progress('memory: drawing pictures');
    const mix = await usualMix(random, pictures);
    await using service = await ServiceUnderLoad.start(options);
    const resident: number[] = [];
    const block = Math.ceil(pictures / reportsOfProgress);
    await service.work(
      Array.from({ length: pictures }, () => random.of(mix)),
      async () => {
        resident.push((await service.memory()).residentBytes);
        if (resident.length % block !== 0) return;
        progress(`memory: ${resident.length} pictures, at most ${mebibytes(Math.max(...resident.slice(-block)))}`);
      },
    );
    const usual = await service.memory();
    for (const { name, bytes } of await largestPictures(largestMegapixels)) {
      await service.work([bytes, bytes, bytes], async () => undefined);
      progress(
        `memory: ${largestMegapixels} megapixels of ${name}, peak ${mebibytes((await service.memory()).peakBytes)}`,
      );
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
        what: `peak memory, with ${largestMegapixels} megapixels at a time`,
        measured: `${mebibytes(peakBytes)}, usual pictures alone ${mebibytes(usual.peakBytes)}`,
        baseline: `limit of the pod: ${mebibytes(limitBytes)}`,
        ratio: peakBytes / limitBytes,
        target: 0.85,
      },
    ];
  },
};
