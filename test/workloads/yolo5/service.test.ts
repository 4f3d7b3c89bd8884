import { readFile } from 'node:fs/promises';
import { annotatedKeyOf, type Result, resultSchema } from '@stepkube/shared/contracts/messages.ts';
import { attempts } from '@stepkube/shared/queue/attempts.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeAws } from '#support/workloads/fake-aws.ts';
import { gifOf, pngHeaderOf, red } from '#support/workloads/images.ts';
import { jobOf } from '#support/workloads/jobs.ts';
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

async function resultsAfter(count: number): Promise<readonly Result[]> {
  await aws.results.until(({ messages }) => messages.length === count);
  return aws.results.messages.map(({ body }) => resultSchema.parse(JSON.parse(body)));
}

/** Process ids. */
const childrenOf = async (pid: number) =>
  (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').map(Number);

describe('yolo5', () => {
  it('yolo5 answers a job with a result and an annotated image, with the credentials of its pod identity', async () => {
    await using service = run();
    const job = submit('a', await red(200, 100).jpeg().toBuffer());
    const [result] = await resultsAfter(1);
    expect(result).toMatchObject({
      jobId: job.jobId,
      replyTo: job.replyTo,
      requestedAt: job.requestedAt,
      status: 'completed',
      annotatedKey: annotatedKeyOf(job.jobId),
      picture: { width: 200, height: 100 },
      detections: [{ label: 'dog', confidence: 0.75, box: { x1: 50, y1: 0, x2: 150, y2: 100 } }],
      model: { name: 'tiny' },
    });
    const annotated = aws.objects.get(`pictures/${annotatedKeyOf(job.jobId)}`);
    expect(annotated?.contentType).toBe('image/jpeg');
    expect(annotated?.body.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
    await aws.jobs.until(({ messages }) => messages.length === 0);
    expect([...aws.callers]).toEqual(['role-of-projected']);
    await service.logged('picture done');
  });

  it('yolo5 rejects unusable files with a reason and processes the next image', async () => {
    await using service = run();
    await service.logged('ready');
    submit('1', Buffer.alloc(0));
    submit('2', Buffer.from('no picture'));
    submit('3', pngHeaderOf(10_000, 6_000));
    aws.jobs.send(JSON.stringify(jobOf('4'.repeat(32))));
    submit('5', await gifOf([255, 0, 0], [0, 0, 255]));
    const results = await resultsAfter(5);
    const outcomes = Object.fromEntries(
      results.map((result) => [result.jobId[0], result.status === 'rejected' ? result.reason : result.status]),
    );
    expect(outcomes).toEqual({ 1: 'empty', 2: 'not-a-picture', 3: 'too-large', 4: 'missing', 5: 'completed' });
  });

  it('yolo5 survives the loss of its decoding process and answers the image that was in it', async () => {
    await using service = run();
    await service.logged('ready');
    const [before] = await childrenOf(service.pid);
    submit('a', await red(6000, 4000).png().toBuffer());
    await service.logged('picture fetched');
    process.kill(before!, 'SIGKILL');
    expect((await resultsAfter(1))[0]).toMatchObject({ jobId: 'a'.repeat(32), status: 'completed' });
    expect(await childrenOf(service.pid)).not.toContain(before);
  });

  it('yolo5 refuses hostile files that would take the memory of the pod, and goes on', async () => {
    await using service = run();
    await service.logged('ready');
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0L1e6 1e6" stroke="red" stroke-dasharray="0.01"/></svg>';
    for (let file = 0; file < 5; file += 1) submit(String(file), Buffer.from(svg));
    submit('a', await red(20, 10).png().toBuffer());
    const statuses = (await resultsAfter(6)).map(({ status }) => status).toSorted();
    expect(statuses).toEqual(['completed', ...Array.from({ length: 5 }, () => 'rejected')]);
  });

  it('yolo5 names a HEIC file in its rejection', async () => {
    await using service = run();
    submit('a', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'));
    expect((await resultsAfter(1))[0]).toMatchObject({ status: 'rejected', reason: 'not-a-picture', format: 'heic' });
    await service.logged('picture rejected');
  });

  it('yolo5 publishes PredictionCompleted or PredictionFailed before it deletes the job', async () => {
    const image = await red(200, 100).jpeg().toBuffer();
    await using service = run();
    const { model } = (await service.logged('ready')) as unknown as { model: object };
    const completed = submit('a', image);
    await aws.jobs.until(({ deleted }) => deleted === 1);
    submit('b', Buffer.from('no picture'));
    await aws.jobs.until(({ deleted }) => deleted === 2);
    const base = { schemaVersion: 1, occurredAt: completed.requestedAt, user: { id: completed.userId }, model };
    expect(aws.events.map(({ Detail, ...entry }) => ({ ...entry, detail: JSON.parse(Detail) }))).toEqual([
      {
        EventBusName: 'predictions',
        Source: 'stepkube.yolo5',
        DetailType: 'PredictionCompleted',
        detail: {
          ...base,
          eventId: completed.jobId,
          picture: { bytes: image.length, width: 200, height: 100 },
          inferenceMicroseconds: expect.any(Number),
          detections: [{ label: 'dog', confidencePermille: 750 }],
        },
      },
      {
        EventBusName: 'predictions',
        Source: 'stepkube.yolo5',
        DetailType: 'PredictionFailed',
        detail: { ...base, eventId: 'b'.repeat(32), picture: { bytes: 10 }, reason: 'not-a-picture' },
      },
    ]);
    expect(service.output).not.toContain(completed.userId);
  });

  it('yolo5 sends the result once when the bus is unavailable, and publishes the event on the next delivery', async () => {
    aws.refuseEvent = () => 'NotAuthorizedForSourceException';
    await using service = run();
    submit('a', await red(20, 10).png().toBuffer());
    await aws.jobs.until(({ visibilityChanges }) => visibilityChanges.includes(300));
    await service.logged('the message could not be handled');
    expect([aws.results.messages.length, aws.events.length, aws.jobs.deleted]).toEqual([1, 0, 0]);

    aws.refuseEvent = () => undefined;
    aws.jobs.hide(aws.jobs.messages[0]!.id, 0);
    await aws.jobs.until(({ deleted }) => deleted === 1);
    expect([aws.results.messages.length, aws.events.length]).toEqual([1, 1]);
  });

  it('yolo5 moves a malformed job to the dead letters with the reason', async () => {
    await using service = run();
    aws.jobs.send('{"version":1,"jobId":"short"}');
    await service.logged('malformed message: moved to the dead letters');
    await aws.jobs.until(({ deleted }) => deleted === 1);
    expect(aws.deadLetters.messages[0]!.attributes['reason']!.StringValue).toContain(
      'jobId: must be 32 hexadecimal digits',
    );
    expect(aws.results.messages).toEqual([]);
  });

  it('yolo5 sends a failed result and moves the job to the dead letters after its last attempt', async () => {
    await using service = run();
    const job = jobOf('a'.repeat(32));
    aws.objects.set(`pictures/${job.pictureKey}`, { body: await red(20, 10).png().toBuffer() });
    aws.beforeObject = (method) => (method === 'PUT' ? Promise.reject(new Error('planted')) : Promise.resolve());
    aws.jobs.send(JSON.stringify(job), {}, { receives: attempts.jobs - 1 });
    const [result] = await resultsAfter(1);
    expect(result).toMatchObject({ jobId: job.jobId, replyTo: job.replyTo, status: 'failed' });
    await aws.jobs.until(({ deleted }) => deleted === 1);
    expect(aws.deadLetters.messages).toMatchObject([
      { body: JSON.stringify(job), attributes: { attempts: { StringValue: String(attempts.jobs) } } },
    ]);
    expect(aws.events).toEqual([]); // no outcome yet: the dead letter can be sent again
    await service.logged('given up: moved to the dead letters');
  });

  it('yolo5 gives up a job unhandled whose attempts all ended without an outcome', async () => {
    await using service = run();
    const job = jobOf('a'.repeat(32));
    aws.jobs.send(JSON.stringify(job), {}, { receives: attempts.jobs });
    expect((await resultsAfter(1))[0]).toMatchObject({ jobId: job.jobId, status: 'failed' });
    await aws.jobs.until(({ deleted }) => deleted === 1);
    expect(aws.deadLetters.messages[0]!.attributes['reason']!.StringValue).toContain('ConsumersLostError');
    await service.logged('given up: moved to the dead letters');
  });

  it('yolo5 serves /healthz, /readyz and /metrics', async () => {
    await using service = run();
    const { internalPort } = await service.logged('ready');
    submit('a', await red(20, 10).png().toBuffer());
    await service.logged('picture done');
    const get = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${internalPort}${path}`);
      return { status: response.status, text: await response.text() };
    };
    expect(await get('/healthz')).toEqual({ status: 200, text: 'ok\n' });
    expect(await get('/readyz')).toEqual({ status: 200, text: 'ready\n' });
    expect((await get('/metrics')).text).toContain('yolo5_detections_total{label="dog"} 1');
  });
});
