import { stageService } from '#support/workloads/service-process.ts';
import { decodeForModel } from '#workloads/yolo5/src/decoder/decode-for-model.ts';
import { ImageDecoder } from '#workloads/yolo5/src/decoder/image-decoder.ts';
import { detect, warmUp } from '#workloads/yolo5/src/detector/detector.ts';
import { loadModel } from '#workloads/yolo5/src/detector/model.ts';
import { withInput } from '#workloads/yolo5/src/detector/model-input.ts';
import { release } from '#workloads/yolo5/src/detector/release.ts';
import { telegramPhoto } from './images.ts';
import type { BenchOptions, Finding, Part } from './part.ts';
import { describeTimes, median } from './statistics.ts';

const warmUpRuns = 10;
/** The target applies to models of YOLOv5n's input size and above. */
const targetSide = 640;

/** Time from image bytes to detections, compared with `session.run` alone in the same session. */
export const detector: Part = {
  name: 'detector',
  async run({ model: { modelPath, labelsPath, title }, threads, runs, progress }: BenchOptions): Promise<Finding[]> {
    await using bundle = await stageService('yolo5');
    await using decoder = new ImageDecoder({ program: new URL(`file://${bundle.folder}/decoder-process.js`), threads });
    const model = await loadModel({ modelPath, labelsPath, name: title, threads });
    await warmUp(model);
    const image = await telegramPhoto();
    progress(`detector: ${runs} times each, in turns`);
    const [alone, whole, inPlace, apart]: [number[], number[], number[], number[]] = [[], [], [], []];
    for (let run = -warmUpRuns; run < runs; run += 1) {
      const [output, aloneMilliseconds] = await withInput(model, (input) => timed(() => model.run(input)));
      release(output); // otherwise the next measurement includes its garbage collection
      const [, wholeMilliseconds] = await timed(async () => detect(model, await decoder.decode(image, model.side)));
      const [, inPlaceMilliseconds] = await timed(() => decodeForModel(image, model.side));
      const [, apartMilliseconds] = await timed(() => decoder.decode(image, model.side));
      if (run < 0) continue;
      alone.push(aloneMilliseconds);
      whole.push(wholeMilliseconds);
      inPlace.push(inPlaceMilliseconds);
      apart.push(apartMilliseconds);
    }
    return [
      {
        what: `bytes to detections, 1280x720 JPEG of ${Math.round(image.length / 1000)} kB`,
        measured: describeTimes(whole),
        baseline: `session.run: ${describeTimes(alone)}`,
        ratio: median(whole) / median(alone),
        // With a smaller model, decoding the image takes most of the time.
        target: model.side < targetSide ? undefined : 1.15,
      },
      {
        what: 'decoding in a process of its own',
        measured: describeTimes(apart),
        baseline: `in the same process: ${describeTimes(inPlace)}`,
        ratio: median(apart) / median(inPlace),
      },
    ];
  },
};

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const startedAt = performance.now();
  const result = await work();
  return [result, performance.now() - startedAt];
}
