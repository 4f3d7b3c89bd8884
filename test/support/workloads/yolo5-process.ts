import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job } from '@stepkube/shared/contracts/messages.ts';
import type { FakeAws } from './fake-aws.ts';
import { jobOf } from './jobs.ts';
import { ServiceProcess, stageService } from './service-process.ts';
import { writeTinyModel } from './tiny-model.ts';

export interface StagedYolo5 extends AsyncDisposable {
  /** A folder that goes with it. */
  readonly scratch: string;
  run(aws: FakeAws, environment?: Readonly<Record<string, string>>): ServiceProcess;
}

/** yolo5's bundle with a model that finds one dog in every image. */
export async function stageYolo5(): Promise<StagedYolo5> {
  const bundle = await stageService('yolo5');
  const scratch = await mkdtemp(join(tmpdir(), 'stepkube-yolo5-test-'));
  const rows = [[32, 32, 32, 32, 1, 0.25, 0.75]];
  const { modelPath, labelsPath } = await writeTinyModel(scratch, { side: 64, rows, labels: ['cat', 'dog'] });
  const tokenFile = join(scratch, 'token');
  await writeFile(tokenFile, 'projected');
  const settings = {
    INTERNAL_PORT: '0',
    MODEL_PATH: modelPath,
    LABELS_PATH: labelsPath,
    INFERENCE_THREADS: '1',
    LOG_LEVEL: 'debug',
    AWS_ROLE_ARN: 'arn:aws:iam::000000000000:role/yolo5',
    AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
  };
  return {
    scratch,
    run: (aws, environment = {}) =>
      new ServiceProcess(bundle.folder, { ...settings, ...aws.environment, ...environment }),
    async [Symbol.asyncDispose]() {
      await bundle[Symbol.asyncDispose]();
      await rm(scratch, { recursive: true });
    },
  };
}

/** Puts an image and its job where yolo5 finds them. @param digit of the job's id */
export function submitJob(aws: FakeAws, digit: string, image: Buffer): Job {
  const job = jobOf(digit.repeat(32));
  aws.objects.set(`pictures/${job.pictureKey}`, { body: image });
  aws.jobs.send(JSON.stringify(job));
  return job;
}
