import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { annotatedKeyOf, type Result, resultSchema, uploadKeyOf } from '@stepkube/shared/contracts/messages.ts';
import { dockerfilePath } from '@stepkube/tools/service-image.ts';
import { FakeAws } from '#support/workloads/fake-aws.ts';
import { jobOf } from '#support/workloads/jobs.ts';
import { stageService } from '#support/workloads/service-process.ts';
import type { BenchOptions } from './part.ts';
import { memoryOfTree } from './process-memory.ts';

/** More than the service handles at the same time, so that it never waits for the next job. */
const jobsInQueue = 4;

/** A process of yolo5's bundle with the settings of its container image, working on jobs from a fake queue. */
export class ServiceUnderLoad implements AsyncDisposable {
  readonly #aws: FakeAws;
  readonly #child: ChildProcess;
  readonly #cleanup: AsyncDisposableStack;
  readonly #ended: Promise<never>;
  #results = 0;

  constructor(aws: FakeAws, child: ChildProcess, cleanup: AsyncDisposableStack) {
    this.#aws = aws;
    this.#child = child;
    this.#cleanup = cleanup;
    this.#ended = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`yolo5 ended with ${signal ?? `exit code ${code}`}`);
    });
    this.#ended.catch(() => undefined); // it may end while no result is awaited
  }

  static async start({ model, threads }: BenchOptions): Promise<ServiceUnderLoad> {
    await using cleanup = new AsyncDisposableStack();
    const aws = cleanup.use(await FakeAws.start());
    const { folder } = cleanup.use(await stageService('yolo5'));
    const child = spawn(process.execPath, ['--enable-source-maps', 'main.js'], {
      cwd: folder,
      env: {
        ...(await imageEnvironment()),
        ...aws.environment,
        AWS_ACCESS_KEY_ID: 'bench',
        AWS_SECRET_ACCESS_KEY: 'bench',
        HOST: '127.0.0.1',
        PORT: '0',
        LOG_LEVEL: 'warn',
        MODEL_PATH: model.modelPath,
        LABELS_PATH: model.labelsPath,
        INFERENCE_THREADS: String(threads),
      },
      stdio: ['ignore', 2, 2], // its warnings do not belong into the table on stdout
    });
    return new ServiceUnderLoad(aws, child, cleanup.move());
  }

  /** Processes images in their order, with several jobs in the queue. @param onResult is awaited after each result */
  async work(images: readonly Buffer[], onResult: () => Promise<void>): Promise<void> {
    let sent = 0;
    for (let done = 0; done < images.length; done += 1) {
      for (; sent < Math.min(images.length, done + jobsInQueue); sent += 1) this.#send(images[sent]!);
      this.#deleteImages(await this.#nextResult());
      await onResult();
    }
  }

  /** Current and peak resident memory of the process and its decoding process, in bytes. */
  memory(): ReturnType<typeof memoryOfTree> {
    return memoryOfTree(this.#child.pid!);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone =
      this.#child.exitCode !== null || this.#child.signalCode !== null ? undefined : once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
    await this.#cleanup.disposeAsync();
  }

  #send(image: Buffer): void {
    const job = jobOf(randomUUID().replaceAll('-', ''));
    this.#aws.objects.set(`pictures/${job.pictureKey}`, { body: image });
    this.#aws.jobs.send(JSON.stringify(job));
  }

  async #nextResult(): Promise<Result> {
    await Promise.race([this.#aws.results.until(({ messages }) => messages.length > this.#results), this.#ended]);
    const result = resultSchema.parse(JSON.parse(this.#aws.results.messages[this.#results]!.body));
    this.#results += 1;
    if (result.status !== 'completed') throw new Error(`a picture was not looked at: ${JSON.stringify(result)}`);
    return result;
  }

  #deleteImages({ jobId }: Result): void {
    this.#aws.objects.delete(`pictures/${uploadKeyOf(jobId)}`);
    this.#aws.objects.delete(`pictures/${annotatedKeyOf(jobId)}`);
  }
}

/** The variables that the ENV instructions of yolo5's image set. */
async function imageEnvironment(): Promise<Record<string, string>> {
  const lines = (await readFile(dockerfilePath, 'utf8')).replaceAll('\\\n', ' ').split('\n');
  const settings = lines.flatMap((line) => /^ENV (.*)$/.exec(line)?.[1]?.trim().split(/\s+/) ?? []);
  return Object.fromEntries(settings.map((setting) => setting.split('=') as [string, string]));
}
