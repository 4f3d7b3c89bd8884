import type { Pictures } from '@stepkube/shared/contracts/pictures.ts';
import { Turns } from '@stepkube/shared/service/semaphore.ts';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { jobOf } from '#support/workloads/jobs.ts';
import { red } from '#support/workloads/pictures.ts';
import type { Model } from '#workloads/yolo5/src/detector/model.ts';
import { handleJob } from '#workloads/yolo5/src/handle-job.ts';

const job = jobOf('a'.repeat(32));

it('has the pixels of one picture in memory at a time', async () => {
  const bytes = await red(20, 10).png().toBuffer();
  const fetched = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let [fetches, running, most] = [0, 0, 0];
  const pictures = {
    async get() {
      fetched[fetches]!.resolve();
      fetches += 1;
      return bytes;
    },
    put: async () => undefined,
  } as unknown as Pictures;
  const model: Model = {
    identity: { name: 'fake', version: '1', sha256: '0'.repeat(64) },
    side: 64,
    isHalf: false,
    labels: ['cat'],
    async run() {
      running += 1;
      most = Math.max(most, running);
      await Promise.all(fetched.map(({ promise }) => promise)); // both pictures are there
      await new Promise(setImmediate);
      running -= 1;
      return new Float32Array(6);
    },
  };
  const [turns, log] = [new Turns(1), pino({ enabled: false })];
  const { signal } = new AbortController();
  const predictions = await Promise.all([1, 2].map(() => handleJob({ job, model, pictures, turns, log, signal })));
  expect(predictions.map(({ result }) => result.status)).toEqual(['completed', 'completed']);
  expect(most).toBe(1);
});
