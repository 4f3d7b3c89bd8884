import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeAws } from '#support/workloads/fake-aws.ts';
import { red } from '#support/workloads/images.ts';
import { type StagedYolo5, stageYolo5, submitJob } from '#support/workloads/yolo5-process.ts';

let yolo5: StagedYolo5;
beforeAll(async () => {
  yolo5 = await stageYolo5();
});
afterAll(() => yolo5[Symbol.asyncDispose]());

let aws: FakeAws;
beforeEach(async () => {
  aws = await FakeAws.start();
});
afterEach(() => aws[Symbol.asyncDispose]());

const run = () => yolo5.run(aws);
const submit = (digit: string, image: Buffer) => submitJob(aws, digit, image);

describe('start and stop of yolo5', () => {
  it('yolo5 exits 0 on SIGTERM when idle', async () => {
    await using service = run();
    await service.logged('ready');
    service.signal('SIGTERM');
    expect(await service.exited).toEqual({ code: 0 });
  });

  it.each([
    { state: 'downloading', method: 'GET' },
    { state: 'uploading', method: 'PUT' },
  ])('yolo5 finishes the job on SIGTERM while $state and exits 0', async ({ method }) => {
    const [reached, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    aws.beforeObject = (seen) => {
      if (seen !== method) return Promise.resolve();
      reached.resolve();
      return release.promise;
    };
    await using service = run();
    submit('a', await red(20, 10).png().toBuffer());
    await reached.promise;
    service.signal('SIGTERM');
    await service.logged('stopping');
    release.resolve();
    expect(await service.exited).toEqual({ code: 0 });
    expect([aws.results.messages.length, aws.events.length, aws.jobs.messages.length]).toEqual([1, 1, 0]);
  });

  it('yolo5 finishes the job on SIGTERM while it processes the image and exits 0', async () => {
    const uploading = Promise.withResolvers<void>();
    aws.beforeObject = async (method) => void (method === 'PUT' && uploading.resolve());
    await using service = run();
    await service.logged('ready');
    // Decoding and drawing take half a second between download and upload.
    submit('a', await red(6000, 4000).png().toBuffer());
    await service.logged('picture fetched');
    service.signal('SIGTERM');
    const first = await Promise.race([uploading.promise.then(() => 'uploading'), service.logged('stopping')]);
    expect(first).not.toBe('uploading');
    expect(await service.exited).toEqual({ code: 0 });
    expect([aws.results.messages.length, aws.events.length, aws.jobs.messages.length]).toEqual([1, 1, 0]);
  });

  it('yolo5 exits 0 on SIGTERM while it loads the model', async () => {
    await using service = run();
    await service.logged('loading the model');
    service.signal('SIGTERM');
    expect(await service.exited).toEqual({ code: 0 });
    expect(aws.jobs.messages).toEqual([]);
  });

  it('yolo5 exits 1 with the labels of another model, naming the file', async () => {
    const labelsPath = join(yolo5.scratch, 'other.labels.txt');
    await writeFile(labelsPath, 'cat\ndog\nbird\n');
    await using service = yolo5.run(aws, { LABELS_PATH: labelsPath });
    expect(await service.exited).toEqual({ code: 1 });
    expect(service.lines.at(-1)!.msg).toContain('other.labels.txt has 3 labels');
  });
});
