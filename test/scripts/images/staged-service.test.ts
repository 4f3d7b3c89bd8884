import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { annotatedKeyOf, resultSchema } from '@stepkube/shared/contracts/messages.ts';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stageImage } from '#scripts/images/stage-image.ts';
import { FakeAws } from '#support/workloads/fake-aws.ts';
import { jobOf } from '#support/workloads/jobs.ts';
import { ServiceProcess } from '#support/workloads/service-process.ts';

const photo = projectPath('workloads/yolo5/model/samples/street.jpg');

/** The image's root: all layers in one folder outside of the repository, so that no other files can be found. */
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'stepkube-image-'));
  const { layers } = await stageImage('yolo5', join(root, 'layers'));
  for (const { folder } of layers) await cp(folder, root, { recursive: true });
});
afterAll(() => rm(root, { recursive: true }));

// The image contains native packages for linux/x64.
describe.runIf(process.platform === 'linux' && process.arch === 'x64')('container image of yolo5', () => {
  it('the files of the container image of yolo5 are sufficient to process a job', async () => {
    await using aws = await FakeAws.start();
    const tokenFile = join(root, 'token');
    await writeFile(tokenFile, 'projected');
    await using service = new ServiceProcess(join(root, 'app'), {
      INTERNAL_PORT: '0',
      MODEL_PATH: 'model/demo.onnx',
      LABELS_PATH: 'model/demo.labels.txt',
      INFERENCE_THREADS: '1',
      AWS_ROLE_ARN: 'arn:aws:iam::000000000000:role/yolo5',
      AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
      ...aws.environment,
    });
    const job = jobOf('a'.repeat(32));
    aws.objects.set(`pictures/${job.pictureKey}`, { body: await readFile(photo) });
    aws.jobs.send(JSON.stringify(job));
    await service.logged('picture done');
    const result = resultSchema.parse(JSON.parse(aws.results.messages[0]!.body));
    expect(result).toMatchObject({ jobId: job.jobId, status: 'completed', model: { name: 'demo' } });
    expect(result.status === 'completed' && result.detections.length).toBeGreaterThan(0);
    const annotated = aws.objects.get(`pictures/${annotatedKeyOf(job.jobId)}`);
    expect(annotated?.body.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
  });
});
