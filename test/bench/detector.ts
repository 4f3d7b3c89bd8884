import sharp from 'sharp';
import { detect, warmUp } from '#workloads/yolo5/src/detector/detector.ts';
import { loadModel } from '#workloads/yolo5/src/detector/model.ts';
import { withInput } from '#workloads/yolo5/src/detector/model-input.ts';
import { release } from '#workloads/yolo5/src/detector/release.ts';
import type { BenchOptions, Finding, Part } from './part.ts';
import { usualPicture } from './pictures.ts';
import { describeTimes, median } from './statistics.ts';

const warmUpRuns = 10;
/** The target is about models of YOLOv5n's size and larger. */
const targetSide = 640;

/** From a picture's bytes to its detections against the model alone: its `session.run`, in the same session. */
export const detector: Part = {
  name: 'detector',
  async run({ model: { modelPath, labelsPath, title }, threads, runs, progress }: BenchOptions): Promise<Finding[]> {
    // As the service sets it.
    sharp.cache(false);
    sharp.concurrency(threads);
    const model = await loadModel({ modelPath, labelsPath, name: title, threads });
    await warmUp(model);
    const picture = await usualPicture();
    progress(`detector: ${runs} times each, in turns`);
    const [alone, whole]: [number[], number[]] = [[], []];
    for (let run = -warmUpRuns; run < runs; run += 1) {
      const [output, aloneMilliseconds] = await withInput(model, (input) => timed(() => model.run(input)));
      release(output); // else the next measurement pays for collecting it
      const [, wholeMilliseconds] = await timed(() => detect(model, picture));
      if (run < 0) continue;
      alone.push(aloneMilliseconds);
      whole.push(wholeMilliseconds);
    }
    return [
      {
        what: `bytes to detections, 1280x720 JPEG of ${Math.round(picture.length / 1000)} kB`,
        measured: describeTimes(whole),
        baseline: `session.run: ${describeTimes(alone)}`,
        ratio: median(whole) / median(alone),
        // A smaller model takes no longer than the decoding of the picture.
        target: model.side < targetSide ? undefined : 1.15,
      },
    ];
  },
};

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const startedAt = performance.now();
  const result = await work();
  return [result, performance.now() - startedAt];
}
