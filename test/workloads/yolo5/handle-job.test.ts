import { Semaphore } from '@stepkube/shared/service/semaphore.ts';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { red } from '#support/workloads/images.ts';
import { jobOf } from '#support/workloads/jobs.ts';
import { decodeForModel } from '#workloads/yolo5/src/decoder/decode-for-model.ts';
import { DecoderLostError } from '#workloads/yolo5/src/decoder/image-decoder.ts';
import type { Model } from '#workloads/yolo5/src/detector/model.ts';
import { handleJob } from '#workloads/yolo5/src/handle-job.ts';

const job = jobOf('a'.repeat(32));

it('handleJob decodes one image at a time with a semaphore of 1', async () => {
  const bytes = await red(20, 10).png().toBuffer();
  const fetched = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let [fetches, running, maxRunning] = [0, 0, 0];
  const images = {
    async get() {
      fetched[fetches]!.resolve();
      fetches += 1;
      return bytes;
    },
    put: async () => undefined,
  };
  const model: Model = {
    identity: { name: 'fake', version: '1', sha256: '0'.repeat(64) },
    side: 64,
    isHalf: false,
    labels: ['cat'],
    async run() {
      running += 1;
      maxRunning = Math.max(maxRunning, running);
      await Promise.all(fetched.map(({ promise }) => promise)); // both images are downloaded
      await new Promise(setImmediate);
      running -= 1;
      return new Float32Array(6);
    },
  };
  const dependencies = {
    model,
    images,
    decoder: { decode: decodeForModel },
    semaphore: new Semaphore(1),
    log: pino({ enabled: false }),
  };
  const { signal } = new AbortController();
  const predictions = await Promise.all([1, 2].map(() => handleJob(job, dependencies, signal)));
  expect(predictions.map(({ result }) => result.status)).toEqual(['completed', 'completed']);
  expect(maxRunning).toBe(1);
});

describe('an image that ends the decoding process', () => {
  const model: Model = {
    identity: { name: 'fake', version: '1', sha256: '0'.repeat(64) },
    side: 64,
    isHalf: false,
    labels: ['cat'],
    run: async () => new Float32Array(6),
  };
  /** Loses the first images. */
  const decoderLosing = (losses: number) => {
    let attempts = 0;
    return {
      decode(bytes: Uint8Array, side: number) {
        attempts += 1;
        return attempts <= losses
          ? Promise.reject(new DecoderLostError('it ended by SIGKILL'))
          : decodeForModel(bytes, side);
      },
    };
  };
  const handle = async (losses: number) => {
    const bytes = await red(20, 10).png().toBuffer();
    const images = { get: async () => bytes, put: async () => undefined };
    const dependencies = { model, images, decoder: decoderLosing(losses), semaphore: new Semaphore(1), log };
    return handleJob(job, dependencies, new AbortController().signal);
  };
  const log = pino({ enabled: false });

  it('an image is tried again when the decoding process was lost once', async () => {
    expect((await handle(1)).result.status).toBe('completed');
  });

  it('an image is given up when the decoding process was lost twice', async () => {
    await expect(handle(2)).rejects.toMatchObject({ name: 'PermanentError' });
  });
});
