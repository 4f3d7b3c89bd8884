import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { annotatedKeyOf, pictureKeyOf, type Result, resultSchema } from '@stepkube/shared/contracts/contracts.ts';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { FakeAws } from '#support/workloads/fake-aws.ts';
import { jobOf } from '#support/workloads/jobs.ts';
import { stageService } from '#support/workloads/service-process.ts';
import type { BenchOptions } from './part.ts';
import { memoryOf } from './process-memory.ts';

/** More than the service has in work, so that the next job never has to be waited for. */
const jobsInQueue = 4;

/** The bundled yolo5, as its image starts it, in a process of its own that works on jobs from a queue. */
export class ServiceUnderLoad implements AsyncDisposable {
  private readonly aws: FakeAws;
  private readonly child: ChildProcess;
  private readonly cleanup: AsyncDisposableStack;
  private readonly ended: Promise<never>;
  private results = 0;

  private constructor(aws: FakeAws, child: ChildProcess, cleanup: AsyncDisposableStack) {
    this.aws = aws;
    this.child = child;
    this.cleanup = cleanup;
    this.ended = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`yolo5 ended with ${signal ?? `exit code ${code}`}`);
    });
    this.ended.catch(() => undefined); // nobody may be waiting for a result when it ends
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
      stdio: ['ignore', 2, 2], // its warnings are no part of the table
    });
    return new ServiceUnderLoad(aws, child, cleanup.move());
  }

  /** Sends the pictures one after another, several in the queue at a time. @param seen is called after each result */
  async work(pictures: readonly Buffer[], seen: () => Promise<void>): Promise<void> {
    let sent = 0;
    for (let done = 0; done < pictures.length; done += 1) {
      for (; sent < Math.min(pictures.length, done + jobsInQueue); sent += 1) this.send(pictures[sent]!);
      this.forget(await this.nextResult());
      await seen();
    }
  }

  /** Memory that the process has now, and the most that it has had, in bytes. */
  memory(): ReturnType<typeof memoryOf> {
    return memoryOf(this.child.pid!);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = this.child.exitCode !== null || this.child.signalCode !== null ? undefined : once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
    await this.cleanup.disposeAsync();
  }

  private send(picture: Buffer): void {
    const job = jobOf(randomUUID().replaceAll('-', ''));
    this.aws.objects.set(`pictures/${job.pictureKey}`, picture);
    this.aws.jobs.send(JSON.stringify(job));
  }

  private async nextResult(): Promise<Result> {
    await Promise.race([this.aws.results.until(({ messages }) => messages.length > this.results), this.ended]);
    const result = resultSchema.parse(JSON.parse(this.aws.results.messages[this.results]!.body));
    this.results += 1;
    if (result.status !== 'completed') throw new Error(`a picture was not looked at: ${JSON.stringify(result)}`);
    return result;
  }

  private forget({ jobId }: Result): void {
    this.aws.objects.delete(`pictures/${pictureKeyOf(jobId)}`);
    this.aws.objects.delete(`pictures/${annotatedKeyOf(jobId)}`);
  }
}

const dockerfile = projectPath('workloads/yolo5/Dockerfile');

/** What the image's ENV instructions set. */
async function imageEnvironment(): Promise<Record<string, string>> {
  const lines = (await readFile(dockerfile, 'utf8')).replaceAll('\\\n', ' ').split('\n');
  const settings = lines.flatMap((line) => /^ENV (.*)$/.exec(line)?.[1]?.trim().split(/\s+/) ?? []);
  return Object.fromEntries(settings.map((setting) => setting.split('=') as [string, string]));
}
